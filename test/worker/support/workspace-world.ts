import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import type { AttemptWorkspace, WorkspaceRequest, Workspaces } from '../../../src/engine/ports/workspaces.ts';
import type { Clock } from '../../../src/kit/time.ts';
import { createGitWorkspaces, type GitWorkspacesOptions } from '../../../src/worker/git-workspaces.ts';
import { startGitServer, type GitServer } from './git-server.ts';

export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: async (ms, signal) => {
    await pause(ms, undefined, { signal });
  },
};

/** The secret every test redactor knows. */
export const KNOWN_SECRET = 'known-secret-73b1d0';

export const testRedactor = {
  redact(text: string): { text: string; count: number } {
    return { text: text.replaceAll(KNOWN_SECRET, '[redacted]'), count: text.split(KNOWN_SECRET).length - 1 };
  },
};

export interface WorkspaceWorld {
  readonly server: GitServer;
  readonly dataDir: string;
  readonly workspaces: Workspaces;
  /** What the worker logged. */
  readonly logged: { readonly level: string; readonly facts: object; readonly message: string }[];
  readonly author: { readonly name: string; readonly email: string };
  readonly request: (changes?: Partial<WorkspaceRequest>) => WorkspaceRequest;
  readonly open: (changes?: Partial<WorkspaceRequest>) => Promise<AttemptWorkspace>;
  /** A second worker process's view of the same data folder. */
  readonly another: (options?: Partial<GitWorkspacesOptions>) => Workspaces;
  readonly close: () => Promise<void>;
}

/** A git server, a data folder and workspaces over both. */
export async function createWorkspaceWorld(options: Partial<GitWorkspacesOptions> = {}): Promise<WorkspaceWorld> {
  const server = await startGitServer();
  const dataDir = mkdtempSync(join(tmpdir(), 'missiongate-worker-'));
  const logged: { level: string; facts: object; message: string }[] = [];
  const say = (level: string) => (facts: object, message: string): void => {
    logged.push({ level, facts, message });
  };
  const log = { debug: say('debug'), info: say('info'), warn: say('warn') };
  const opened: AttemptWorkspace[] = [];
  let count = 0;
  const another = (more: Partial<GitWorkspacesOptions> = {}): Workspaces =>
    createGitWorkspaces({ dataDir, clock: systemClock, redactor: testRedactor, log, ...options, ...more, limits: { graceMs: 300, ...options.limits, ...more.limits } });
  const workspaces = another();
  const request = (changes: Partial<WorkspaceRequest> = {}): WorkspaceRequest => {
    count += 1;
    return {
      repository: { key: 'local-1', cloneUrl: server.cloneUrl },
      credentials: async () => server.writer,
      baseCommit: changes.baseCommit ?? server.head('main')!,
      name: `attempt-${count}`,
      signal: new AbortController().signal,
      ...changes,
    };
  };
  return {
    server,
    dataDir,
    workspaces,
    logged,
    author: { name: 'missiongate[bot]', email: 'missiongate@example.com' },
    request,
    async open(changes) {
      const workspace = await workspaces.open(request(changes));
      opened.push(workspace);
      return workspace;
    },
    another,
    async close() {
      for (const workspace of opened) await workspace.dispose();
      await server.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
