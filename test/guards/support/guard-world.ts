import type { Changes, GuardContext, GuardOutcome, KeptArtifact, TrunkCommit, TrunkHistory } from '../../../src/guards/guard-type.ts';
import { guards } from '../../../src/guards/registry.ts';
import type { JsonObject } from '../../../src/kit/json.ts';
import { StepError } from '../../../src/steps/step-type.ts';
import type { WorkspaceTree } from '../../../src/steps/step-type.ts';

export interface GuardWorld {
  /** Content by path; a number stands for a file of so many bytes that nobody may read. */
  readonly files?: Readonly<Record<string, string | Buffer | number>>;
  readonly kept?: readonly { readonly name: string; readonly task: string; readonly text: string | null }[];
  readonly changed?: Changes['files'];
  readonly commits?: readonly TrunkCommit[];
  readonly history?: TrunkHistory;
  /** Paths of files that are committed as they are. */
  readonly committed?: readonly string[];
  readonly root?: string;
}

/** A guard over files in memory. */
export function examineWith(uses: string, parameters: JsonObject, world: GuardWorld = {}): Promise<GuardOutcome> {
  const type = guards.find(uses);
  if (!type) throw new Error(`no guard type ${uses}`);
  const wrong = guards.check(uses, parameters);
  if (wrong.length > 0) throw new Error(wrong.map((one) => one.message).join(' '));
  return type.examine(guardContext(parameters, world));
}

export function guardContext(parameters: JsonObject, world: GuardWorld = {}): GuardContext {
  const { changed = [], commits } = world;
  return {
    parameters,
    tree: memoryTree(world.files ?? {}),
    root: world.root ?? '/trunk',
    changes: { files: changed, additions: sum(changed.map((file) => file.additions)), deletions: sum(changed.map((file) => file.deletions)) },
    isCommitted: world.committed ? async (path) => world.committed?.includes(path) ?? false : null,
    history: world.history ?? null,
    commits: commits ? async () => commits : null,
    kept: (world.kept ?? []).map(({ name, task, text }): KeptArtifact => ({ name, task, bytes: text?.length ?? 0, read: async () => text })),
    signal: new AbortController().signal,
    runStep: () => Promise.reject(new StepError('input', 'this world runs no programs')),
  };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);

/** Files in memory as a workspace shows them; ignored ones are not told apart. */
export function memoryTree(files: NonNullable<GuardWorld['files']>): WorkspaceTree {
  const bytesOf = (content: string | Buffer | number): number => (typeof content === 'number' ? content : Buffer.byteLength(content));
  const refuse = (): never => {
    throw new Error('a guard never changes files');
  };
  return {
    async facts(path) {
      const content = files[path];
      return content === undefined ? null : { kind: 'file', bytes: bytesOf(content), executable: false };
    },
    async list() {
      return Object.keys(files).toSorted().map((path) => ({ path, bytes: bytesOf(files[path] ?? ''), executable: false }));
    },
    async entries(folder) {
      const prefix = folder === '.' ? '' : `${folder}/`;
      const names = new Map<string, 'file' | 'folder'>();
      for (const path of Object.keys(files)) {
        if (!path.startsWith(prefix)) continue;
        const [name = '', ...rest] = path.slice(prefix.length).split('/');
        names.set(name, rest.length > 0 ? 'folder' : 'file');
      }
      return [...names].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([name, kind]) => ({ name, kind }));
    },
    async readBytes(path, maximumBytes = Number.POSITIVE_INFINITY) {
      const content = files[path];
      if (content === undefined) throw new StepError('input', `${JSON.stringify(path)} does not exist in the workspace.`);
      if (typeof content === 'number' || bytesOf(content) > maximumBytes) throw new Error(`${path} should not have been read`);
      return Buffer.from(content);
    },
    writeBytes: refuse,
    move: refuse,
  };
}
