import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { LocalWorld } from './local-world.ts';

/** What the runner understood of a step's log: a command and its properties. */
export interface RunnerCommand {
  readonly name: string;
  readonly properties: { readonly [name: string]: string };
  readonly value: string;
}

export interface StepResult {
  readonly status: number | null;
  readonly log: string;
  readonly commands: readonly RunnerCommand[];
  readonly outputs: { readonly [name: string]: string };
  readonly summary: string;
}

/**
 * A job of a workflow: a repository on a server, a checkout as `actions/checkout` makes it (one commit, no branch), and the Action in a folder
 * that holds nothing else. Steps run as the runner runs them, and their log is read as it reads it.
 */
export class ActionWorld {
  readonly origin: LocalWorld;
  readonly #action: string;
  #jobs = 0;

  constructor(files: Readonly<Record<string, string>>) {
    this.origin = new LocalWorld();
    this.origin.commit(files);
    // As a job finds it: no packages in any folder above.
    this.#action = mkdtempSync(join(tmpdir(), 'missiongate-action-'));
    cpSync(resolve(import.meta.dirname, '..', '..', 'action'), join(this.#action, 'action'), { recursive: true });
  }

  remove(): void {
    this.origin.remove();
    rmSync(this.#action, { recursive: true, force: true });
  }

  /** A job on a machine of its own. */
  job({ depth = 1, ref = 'main' }: { readonly depth?: number; readonly ref?: string } = {}): ActionJob {
    this.#jobs += 1;
    const home = join(this.origin.folder, `job-${this.#jobs}`);
    const workspace = join(home, 'work');
    mkdirSync(home);
    this.origin.git('clone', '-q', `--depth=${depth}`, '--no-tags', `--branch=${ref}`, `file://${this.origin.repository}`, workspace);
    this.origin.git('-C', workspace, 'checkout', '-q', '--detach');
    this.origin.git('-C', workspace, 'branch', '-q', '-D', ref);
    return new ActionJob(join(this.#action, 'action', 'dist', 'index.js'), home, workspace);
  }
}

export class ActionJob {
  readonly home: string;
  readonly workspace: string;
  readonly #program: string;
  #steps = 0;

  constructor(program: string, home: string, workspace: string) {
    this.#program = program;
    this.home = home;
    this.workspace = workspace;
  }

  /** Runs a step with these inputs, as `with:` has them. */
  async step(inputs: Readonly<Record<string, string>>, env: Readonly<Record<string, string>> = {}): Promise<StepResult> {
    this.#steps += 1;
    const file = (name: string) => join(this.home, `${name}-${this.#steps}`);
    for (const name of ['output', 'summary']) writeFileSync(file(name), '');
    const given = Object.fromEntries(Object.entries({ command: 'run', ...inputs }).map(([name, value]) => [`INPUT_${name.replaceAll(' ', '_').toUpperCase()}`, value]));
    const child = spawn(process.execPath, [this.#program], {
      cwd: this.workspace,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env.PATH ?? '',
        HOME: this.home,
        GIT_CONFIG_NOSYSTEM: '1',
        GITHUB_ACTIONS: 'true',
        GITHUB_WORKSPACE: this.workspace,
        GITHUB_OUTPUT: file('output'),
        GITHUB_STEP_SUMMARY: file('summary'),
        GITHUB_ACTOR: 'ada',
        GITHUB_EVENT_NAME: 'push',
        GITHUB_SERVER_URL: 'https://github.com',
        GITHUB_REPOSITORY: 'octo/shop',
        GITHUB_RUN_ID: '77',
        RUNNER_TEMP: join(this.home, 'temp'),
        ...given,
        ...env,
      },
    });
    let log = '';
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (log += text));
    const status = await new Promise<number | null>((done) => child.on('close', done));
    return { status, log, commands: commandsIn(log), outputs: outputsIn(readFileSync(file('output'), 'utf8')), summary: existsSync(file('summary')) ? readFileSync(file('summary'), 'utf8') : '' };
  }
}

const known = ['error', 'warning', 'notice', 'debug', 'group', 'endgroup', 'add-mask', 'stop-commands', 'set-output', 'save-state', 'set-env', 'add-path', 'add-matcher', 'remove-matcher', 'echo'];

/** Reads a log as the runner does: commands of both forms, unless it was told to stop listening until a token. */
export function commandsIn(log: string): readonly RunnerCommand[] {
  const commands: RunnerCommand[] = [];
  let token: string | null = null;
  for (const line of log.split(/\r?\n/)) {
    const found = /^\s*::([^\s:]+)(?:\s([^:]*(?:%3A[^:]*)*))?::(.*)$/.exec(line) ?? /##\[([^\s\]]+)(?:\s([^\]]*))?\](.*)$/.exec(line);
    const [, name = '', properties = '', value = ''] = found ?? [];
    if (token !== null) {
      if (name === token) token = null;
      continue;
    }
    if (!known.includes(name)) continue;
    if (name === 'stop-commands') token = value;
    else commands.push({ name, value: unescaped(value), properties: Object.fromEntries(properties.split(',').filter((pair) => pair.includes('=')).map((pair): [string, string] => [pair.slice(0, pair.indexOf('=')).trim(), unescaped(pair.slice(pair.indexOf('=') + 1))])) });
  }
  return commands;
}

function unescaped(text: string): string {
  return text.replaceAll('%3A', ':').replaceAll('%2C', ',').replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%25', '%');
}

/** `name<<delimiter`, lines, `delimiter`. */
function outputsIn(text: string): { readonly [name: string]: string } {
  return Object.fromEntries([...text.matchAll(/^([^\n<]+)<<([^\n]+)\n([\s\S]*?)\n\2$/gm)].map(([, name = '', , value = '']) => [name, value]));
}
