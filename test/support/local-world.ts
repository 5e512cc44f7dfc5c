import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const cli = join(import.meta.dirname, '..', '..', 'dist', 'main', 'cli.js');

export interface CliResult {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A line of `--format json`. */
export interface JsonLine {
  readonly type: string;
  readonly [name: string]: unknown;
}

/** A temporary git repository in which the real command is run, as a person would. */
export class LocalWorld {
  readonly folder = mkdtempSync(join(tmpdir(), 'missiongate-local-'));
  readonly repository: string;
  readonly #started: LocalProcess[] = [];

  constructor(name = 'shop') {
    this.repository = join(this.folder, name);
    mkdirSync(this.repository);
    this.git('init', '-q', '-b', 'main');
    this.git('config', 'user.name', 'Ada');
    this.git('config', 'user.email', 'ada@example.test');
  }

  /** Ends what a failed test left running. */
  remove(): void {
    for (const process of this.#started) process.end();
    rmSync(this.folder, { recursive: true, force: true });
  }

  git(...args: string[]): string {
    const { status, stdout, stderr } = spawnSync('git', ['-C', this.repository, ...args], { encoding: 'utf8', env: this.#env({}) });
    if (status !== 0) throw new Error(`git ${args.join(' ')}: ${stderr}`);
    return stdout.trimEnd();
  }

  write(path: string, text: string): void {
    const file = join(this.repository, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }

  /** Writes files and commits everything. */
  commit(files: Readonly<Record<string, string>>): string {
    for (const [path, text] of Object.entries(files)) this.write(path, text);
    this.git('add', '-A');
    this.git('commit', '-q', '-m', 'Begin');
    return this.git('rev-parse', 'HEAD');
  }

  run(args: readonly string[], env: Readonly<Record<string, string>> = {}): CliResult {
    const { status, signal, stdout, stderr } = spawnSync(process.execPath, [cli, ...args], { encoding: 'utf8', cwd: this.repository, env: this.#env(env), timeout: 100_000, input: '' });
    return { status, signal, stdout, stderr };
  }

  /** Runs the command at a terminal at which these lines are typed. */
  atTerminal(args: readonly string[], typed: string, env: Readonly<Record<string, string>> = {}): CliResult {
    const command = [process.execPath, cli, ...args].map((part) => `'${part.replaceAll("'", `'\\''`)}'`).join(' ');
    const { status, signal, stdout, stderr } = spawnSync('script', ['-qec', command, '/dev/null'], { encoding: 'utf8', cwd: this.repository, env: this.#env({ TERM: 'xterm', GIT_PAGER: 'cat', ...env }), timeout: 60_000, input: typed });
    return { status, signal, stdout, stderr };
  }

  /** Starts the command and leaves it running. */
  start(args: readonly string[], env: Readonly<Record<string, string>> = {}): LocalProcess {
    const started = new LocalProcess(spawn(process.execPath, [cli, ...args], { cwd: this.repository, env: this.#env(env), stdio: ['ignore', 'pipe', 'pipe'] }));
    this.#started.push(started);
    return started;
  }

  /** Every ref, where HEAD stands and what the worktree looks like. */
  standing(): string {
    return [this.git('symbolic-ref', 'HEAD'), this.git('for-each-ref'), this.git('status', '--porcelain', '--ignored')].join('\n');
  }

  /** Names, sizes and contents of everything below the git folder. */
  everyByte(): readonly string[] {
    const visit = (path: string): string[] => readdirSync(path).flatMap((name) => (statSync(join(path, name)).isDirectory() ? [join(path, name), ...visit(join(path, name))] : [`${join(path, name)} ${readFileSync(join(path, name)).toString('base64')}`]));
    return visit(this.repository).sort();
  }

  /** Branches of missions and the trees they hold; commits differ from run to run by their times. */
  trees(): readonly string[] {
    return this.git('for-each-ref', '--format=%(refname:short) %(tree)', 'refs/heads/mission/').split('\n');
  }

  #env(more: Readonly<Record<string, string>>): Record<string, string> {
    return { PATH: process.env.PATH ?? '', HOME: this.folder, XDG_DATA_HOME: join(this.folder, 'data'), XDG_CACHE_HOME: process.env.XDG_CACHE_HOME ?? join(process.env.HOME ?? this.folder, '.cache'), GIT_CONFIG_NOSYSTEM: '1', ...more };
  }
}

export class LocalProcess {
  readonly ended: Promise<CliResult>;
  readonly #child: ChildProcess;
  #stdout = '';
  #stderr = '';
  #waiting: { readonly pattern: RegExp; readonly resolve: () => void; readonly reject: (error: Error) => void }[] = [];

  constructor(child: ChildProcess) {
    this.#child = child;
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout += text;
      for (const wait of this.#waiting) if (wait.pattern.test(this.#stdout)) wait.resolve();
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.#stderr += text));
    this.ended = new Promise((resolve) => {
      child.on('close', (status, signal) => {
        for (const wait of this.#waiting) wait.reject(new Error(`the process ended (${status}) before it printed ${String(wait.pattern)}:\n${this.#stdout}\n${this.#stderr}`));
        resolve({ status, signal, stdout: this.#stdout, stderr: this.#stderr });
      });
    });
  }

  /** Resolves when the process has printed this. */
  printed(pattern: RegExp): Promise<void> {
    if (pattern.test(this.#stdout)) return Promise.resolve();
    return new Promise((resolve, reject) => this.#waiting.push({ pattern, resolve, reject }));
  }

  end(): void {
    if (this.#child.exitCode === null) this.#child.kill('SIGINT');
  }

  kill(signal: NodeJS.Signals): Promise<CliResult> {
    this.#child.kill(signal);
    return this.ended;
  }
}

export function jsonLines(stdout: string): readonly JsonLine[] {
  return stdout.split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as JsonLine);
}
