import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { ExaminedWorkspace } from '../../engine/ports/workspaces.ts';
import type { Clock } from '../../kit/time.ts';
import { createCommitFacts } from '../commit-facts.ts';
import { runGit } from '../git-command.ts';
import type { GitCall, GitResult } from '../git-command.ts';
import { gitFailure } from '../git-errors.ts';
import { killMarked } from '../process-tree.ts';
import { programEnvironment } from '../program-environment.ts';
import { MARK, runProgram } from '../run-program.ts';
import { readWorkspaceFile, removeWorkspaceFile, workspaceFolder, writeWorkspaceFile } from '../safe-files.ts';
import type { AttemptGit } from '../staging.ts';
import { DEFAULT_LIMITS } from '../worker-options.ts';
import type { TextRedactor } from '../worker-options.ts';
import { createWorkspaceTree } from '../workspace-tree.ts';

export interface CheckoutOptions {
  /** Top of the worktree. */
  readonly root: string;
  readonly gitDir: string;
  /** The commit that is checked out. */
  readonly head: string;
  /** Where programs are looked for. */
  readonly path: string;
  readonly signal: AbortSignal;
  readonly redactor: TextRedactor;
  readonly clock: Clock;
}

/**
 * Somebody's checkout as guards examine it: its files as they stand there, reports that earlier steps left included, and the commits of its
 * repository. Nothing is fetched, committed or pushed; what programs of guards leave stays.
 */
export function openCheckout({ root, gitDir, head, path, signal, redactor, clock }: CheckoutOptions): ExaminedWorkspace & { dispose(): Promise<void> } {
  const limits = DEFAULT_LIMITS;
  const scrub = (text: string): string => redactor.redact(text).text;
  const own = mkdtempSync(join(tmpdir(), 'missiongate-checkout-'));
  const place = { path, home: join(own, 'home'), temporary: join(own, 'tmp') };
  for (const folder of [place.home, place.temporary]) mkdirSync(folder);
  const mark = randomUUID();
  const git = (call: Pick<GitCall, 'args' | 'input' | 'stopAfterBytes'>): Promise<GitResult> => runGit({ path: 'git', env: { PATH: path, HOME: place.home } }, { ...call, gitDir, workTree: root, timeoutMs: limits.gitMs, signal });
  const gitOrThrow: AttemptGit = async (attempted, args, input) => {
    const result = await git({ args, ...(input === undefined ? {} : { input }) });
    if (result.exitCode !== 0) throw gitFailure(attempted, result, scrub);
    return result.stdout;
  };
  const facts = createCommitFacts({ git, gitOrThrow, scrub, patchBytes: limits.patchBytes, bring: async () => undefined });
  return {
    root,
    readFile: (file) => readWorkspaceFile(root, file, limits.fileBytes),
    writeFile: (file, content, options) => writeWorkspaceFile(root, file, content, options?.executable),
    removeFile: (file) => removeWorkspaceFile(root, file),
    run: async (request) =>
      runProgram({
        argv: request.argv,
        cwd: await workspaceFolder(root, request.cwd ?? '.'),
        env: programEnvironment(place, request.env),
        mark,
        timeoutMs: request.timeoutMs ?? limits.programMs,
        graceMs: limits.graceMs,
        keptBytes: limits.outputKeptBytes,
        maximumBytes: limits.outputMaximumBytes,
        signal,
        redactor,
        clock,
      }),
    tree: createWorkspaceTree(root, gitOrThrow, limits.fileBytes),
    digests: () => facts.digests(head),
    commitsSince: (from) => facts.commitsSince(from, head),
    history: { versionsSince: (from) => facts.versionsSince(from, head), read: (ids) => facts.contents(ids) },
    diffFrom: (from) => facts.diff(from, head),
    async dispose() {
      await killMarked(`${MARK}=${mark}`);
      await rm(own, { recursive: true, force: true });
    },
  };
}
