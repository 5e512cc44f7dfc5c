import type { AttemptWorkspace, DiffSummary, Workspaces } from '../../src/engine/ports/workspaces.ts';
import type { CommandOutcome } from '../../src/steps/step-type.ts';
import { StepError } from '../../src/steps/step-type.ts';
import { sha256 } from '../../src/kit/hash.ts';
import type { ProcessLife } from './simulated-process.ts';
import type { Timeline } from './timeline.ts';

/** The repository as a worker reaches it. */
export interface WorkerRepository {
  /** A commit over `parent` with these files changed. Objects may be written by anybody at any time: only refs matter. */
  writeCommit(parent: string, files: Readonly<Record<string, string>>, message: string): string;
  /** Moves a branch, whatever stands there; tells GitHub's listeners. */
  push(branch: string, commit: string): void;
  /** What a commit changes against the default branch, in one text; absent where nobody compares. */
  patchOf?(commit: string): string;
}

/**
 * Worktrees in memory over the simulated repository. There are two programs: `flaky N` fails in attempts before the N-th, and
 * takes a while, sometimes longer than a lease lasts; `slow N` takes N seconds.
 */
export function memoryWorkspaces(process: ProcessLife, timeline: Timeline, repository: WorkerRepository): Workspaces {
  return {
    sweep: async () => undefined,
    async open(request) {
      await git(process, `open ${request.name}`, () => undefined);
      const attempt = Number(/-(\d+)$/.exec(request.name)?.[1] ?? 1);
      const files: Record<string, string> = {};
      let head = request.baseCommit;
      const workspace: AttemptWorkspace = {
        root: '/nowhere',
        baseCommit: request.baseCommit,
        readFile: async (path) => files[path] ?? '',
        async writeFile(path, content) {
          files[path] = content;
        },
        async removeFile(path) {
          delete files[path];
        },
        async run({ argv, timeoutMs = Infinity }): Promise<CommandOutcome> {
          const startedAt = process.clock.now();
          const takesMs = argv[0] === 'slow' ? Number(argv[1]) * 1000 : timeline.chance(0.05) ? 45_000 : timeline.between(10, 4_000);
          await process.clock.sleep(Math.min(takesMs, timeoutMs), request.signal);
          const endedBy = takesMs > timeoutMs ? 'timeout' : null;
          const exitCode = endedBy !== null ? null : argv[0] === 'slow' || attempt >= Number(argv[1] ?? 1) ? 0 : 1;
          return { exitCode, signal: null, endedBy, output: { text: `${argv.join(' ')}: ${exitCode}`, truncatedBytes: 0 }, durationMs: process.clock.now() - startedAt };
        },
        async commitAll(message) {
          if (Object.keys(files).length === 0) return null;
          head = repository.writeCommit(request.baseCommit, files, message);
          return { commit: head, diff: diffOf(files) };
        },
        diffFrom: async () => diffOf(files),
        identifyChange: async () => (repository.patchOf === undefined ? null : { mergeBase: request.baseCommit, patchId: sha256(repository.patchOf(head)) }),
        async push(branch, confirm) {
          if (!(await confirm())) return 'refused';
          await git(process, `push ${branch} ${head.slice(0, 8)}`, () => repository.push(branch, head));
          return 'pushed';
        },
        dispose: async () => undefined,
      };
      return workspace;
    },
  };
}

/** Git's own failures, as the worker room reports them. */
async function git<T>(process: ProcessLife, what: string, action: () => T): Promise<T> {
  try {
    return await process.call('git', what, action);
  } catch (error) {
    throw new StepError('network', error instanceof Error ? error.message : String(error));
  }
}

function diffOf(files: Readonly<Record<string, string>>): DiffSummary {
  const paths = Object.keys(files);
  return { files: paths.map((path) => ({ path, status: 'added', additions: 1, deletions: 0 })), additions: paths.length, deletions: 0, patch: paths.map((path) => `+${files[path]}`).join('\n'), truncated: false };
}
