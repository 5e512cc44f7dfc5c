import { StepError } from '../steps/step-type.ts';
import type { GitCall, GitResult } from './git-command.ts';
import { gitFailure } from './git-errors.ts';
import type { Remote } from './remote.ts';

export interface PushRequest {
  /** Checked. */
  readonly branch: string;
  readonly head: string;
  readonly remote: Remote;
  readonly confirm: () => Promise<boolean>;
  readonly git: (call: Pick<GitCall, 'args' | 'env'> & { readonly timeoutMs: number }) => Promise<GitResult>;
  readonly timeoutMs: number;
}

/**
 * Pushes one commit to a branch. The remote's present commit is read first and given as the lease, so that what this replaces is
 * what was seen; `confirm` is asked between the two. Throws `StepError`: `network`, `permission`, or `conflict` when somebody moved
 * the branch in between.
 */
export async function pushHead(request: PushRequest): Promise<'pushed' | 'refused'> {
  const { remote, branch, head, git, timeoutMs } = request;
  const ref = `refs/heads/${branch}`;
  const attempted = `push to branch ${branch} of ${remote.shown}`;
  return remote.connect(async (env, scrub) => {
    const present = await listRef(request, ref, attempted, env, scrub);
    if (!(await request.confirm())) return 'refused';
    if (present === head) return 'pushed';
    const args = ['push', '--quiet', '--porcelain', '--no-verify', '--no-signed', '--no-follow-tags', '--no-recurse-submodules', `--force-with-lease=${ref}:${present ?? ''}`, '--end-of-options', remote.url, `${head}:${ref}`];
    const pushed = await git({ args, env, timeoutMs });
    if (pushed.exitCode === 0) return 'pushed';
    // `--porcelain` prints a refused ref on stdout.
    throw gitFailure(attempted, { ...pushed, stderr: `${pushed.stdout.toString('utf8')}\n${pushed.stderr}` }, scrub);
  });
}

/** Makes a branch on the server at a commit, never moving one that is there. */
export async function createRemoteBranch(request: Omit<PushRequest, 'confirm'>): Promise<'created' | 'existed'> {
  const { remote, branch, head, git, timeoutMs } = request;
  const ref = `refs/heads/${branch}`;
  const attempted = `make branch ${branch} of ${remote.shown}`;
  return remote.connect(async (env, scrub) => {
    const present = await listRef(request, ref, attempted, env, scrub);
    if (present === head) return 'existed';
    if (present !== null) throw new StepError('conflict', `There is a branch ${branch} already, at another commit (${present.slice(0, 12)}). Choose another name, or remove it.`);
    // An empty lease: only when there is still none.
    const args = ['push', '--quiet', '--porcelain', '--no-verify', '--no-signed', '--no-follow-tags', '--no-recurse-submodules', `--force-with-lease=${ref}:`, '--end-of-options', remote.url, `${head}:${ref}`];
    const pushed = await git({ args, env, timeoutMs });
    if (pushed.exitCode !== 0) throw gitFailure(attempted, { ...pushed, stderr: `${pushed.stdout.toString('utf8')}\n${pushed.stderr}` }, scrub);
    return 'created';
  });
}

/** The commit a branch or tag of the server is at (a tag's commit, not its own object); null when there is neither. */
export async function remoteCommit(request: Pick<PushRequest, 'remote' | 'git' | 'timeoutMs'>, name: string): Promise<string | null> {
  const attempted = `look for ${name} in ${request.remote.shown}`;
  return request.remote.connect(async (env, scrub) => {
    for (const ref of [`refs/heads/${name}`, `refs/tags/${name}^{}`, `refs/tags/${name}`]) {
      const commit = await listRef(request, ref, attempted, env, scrub);
      if (commit !== null) return commit;
    }
    return null;
  });
}

async function listRef(request: Pick<PushRequest, 'remote' | 'git' | 'timeoutMs'>, ref: string, attempted: string, env: Record<string, string>, scrub: (text: string) => string): Promise<string | null> {
  const { remote, git, timeoutMs } = request;
  const listed = await git({ args: ['ls-remote', '--quiet', '--end-of-options', remote.url, ref.replace(/\^\{\}$/, '*')], env, timeoutMs });
  if (listed.exitCode !== 0) throw gitFailure(attempted, listed, scrub);
  return presentCommit(listed.stdout.toString('utf8'), ref);
}

/** `ls-remote` takes a pattern that matches the end of names: only the very ref counts. */
function presentCommit(listing: string, ref: string): string | null {
  for (const line of listing.split('\n')) {
    const [commit, name] = line.split('\t');
    if (name !== ref) continue;
    if (!commit || !/^[0-9a-f]{40,64}$/.test(commit)) throw new StepError('network', `The server's answer for ${ref} is not a commit id. Try again later.`);
    return commit;
  }
  return null;
}
