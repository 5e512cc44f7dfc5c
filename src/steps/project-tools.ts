import { isJsonObject } from '../kit/json.ts';
import type { Workspace, WorkspaceTree } from './step-type.ts';

export type Purpose = 'test' | 'lint' | 'format';
export type Argv = readonly [string, ...string[]];

interface ProjectTool {
  readonly name: string;
  /** A file of the root that says the project uses it. */
  readonly sign: string;
  /** What the file must hold, where its presence says too little. */
  readonly holds?: RegExp;
  readonly run: Partial<Readonly<Record<Purpose, Argv>>>;
}

/** First match wins: what a project says itself (its scripts) comes before what its language usually does. */
const TOOLS: readonly ProjectTool[] = [
  { name: 'go', sign: 'go.mod', run: { test: ['go', 'test', './...'], lint: ['go', 'vet', './...'], format: ['gofmt', '-l', '-w', '.'] } },
  { name: 'cargo', sign: 'Cargo.toml', run: { test: ['cargo', 'test'], lint: ['cargo', 'clippy', '--', '-D', 'warnings'], format: ['cargo', 'fmt'] } },
  { name: 'maven', sign: 'pom.xml', run: { test: ['mvn', '--batch-mode', 'test'] } },
  { name: 'gradle', sign: 'gradlew', run: { test: ['./gradlew', 'test'], lint: ['./gradlew', 'check'] } },
  { name: 'dotnet', sign: 'global.json', run: { test: ['dotnet', 'test'], format: ['dotnet', 'format'], lint: ['dotnet', 'format', '--verify-no-changes'] } },
  { name: 'ruff', sign: 'ruff.toml', run: { lint: ['ruff', 'check', '.'], format: ['ruff', 'format', '.'] } },
  { name: 'ruff', sign: 'pyproject.toml', holds: /^\[tool\.ruff/m, run: { lint: ['ruff', 'check', '.'], format: ['ruff', 'format', '.'] } },
  { name: 'black', sign: 'pyproject.toml', holds: /^\[tool\.black/m, run: { format: ['black', '.'] } },
  { name: 'pytest', sign: 'pytest.ini', run: { test: ['python', '-m', 'pytest'] } },
  { name: 'pytest', sign: 'pyproject.toml', run: { test: ['python', '-m', 'pytest'] } },
  { name: 'make', sign: 'Makefile', holds: /^test:/m, run: { test: ['make', 'test'] } },
  { name: 'make', sign: 'Makefile', holds: /^lint:/m, run: { lint: ['make', 'lint'] } },
  { name: 'make', sign: 'Makefile', holds: /^format:/m, run: { format: ['make', 'format'] } },
];

/** Names of scripts in package.json, the most usual first. */
const SCRIPTS: Readonly<Record<Purpose, readonly string[]>> = { test: ['test'], lint: ['lint'], format: ['format', 'fmt'] };

const MANAGERS: readonly (readonly [file: string, program: string])[] = [['pnpm-lock.yaml', 'pnpm'], ['yarn.lock', 'yarn'], ['bun.lock', 'bun']];

export const frameworks: readonly string[] = ['npm', ...new Set(TOOLS.map((tool) => tool.name))];

/** The program a project uses for a purpose, by the files of its root; null when nothing tells. */
export async function detectTool(workspace: Workspace, tree: WorkspaceTree, purpose: Purpose, framework: string | null): Promise<{ readonly framework: string; readonly argv: Argv } | null> {
  const script = framework === null || framework === 'npm' ? await packageScript(workspace, tree, purpose) : null;
  if (script) return { framework: 'npm', argv: script };
  for (const tool of TOOLS) {
    const argv = tool.run[purpose];
    if (!argv || (framework !== null && tool.name !== framework)) continue;
    if (framework !== null) return { framework: tool.name, argv };
    if ((await tree.facts(tool.sign))?.kind !== 'file') continue;
    if (tool.holds && !tool.holds.test(await workspace.readFile(tool.sign))) continue;
    return { framework: tool.name, argv };
  }
  return null;
}

async function packageScript(workspace: Workspace, tree: WorkspaceTree, purpose: Purpose): Promise<Argv | null> {
  if ((await tree.facts('package.json'))?.kind !== 'file') return null;
  let scripts: unknown;
  try {
    scripts = (JSON.parse(await workspace.readFile('package.json')) as { scripts?: unknown } | null)?.scripts;
  } catch {
    return null;
  }
  const name = isJsonObject(scripts) ? SCRIPTS[purpose].find((one) => typeof scripts[one] === 'string') : undefined;
  if (name === undefined) return null;
  for (const [file, program] of MANAGERS) if ((await tree.facts(file))?.kind === 'file') return [program, 'run', name];
  return ['npm', 'run', '--silent', name];
}
