import { mergeTree } from '../git/merge.ts';
import type { BranchProtection, CheckConclusion, Issue, Pull, Repository, Review } from '../model/records.ts';
import { roleAtLeast, roleOf } from '../model/roles.ts';
import type { World } from '../model/world.ts';
import { latestRuns } from '../serialize/checks.ts';
import { latestStatuses } from './statuses.ts';

export interface MergeVerdict {
  readonly mergeable: boolean | null;
  readonly state: 'clean' | 'dirty' | 'blocked' | 'behind' | 'draft' | 'unstable' | 'unknown';
  /** Why branch protection refuses, in GitHub's words; null when it does not. */
  readonly refusal: string | null;
}

/** Conclusions that satisfy a required check. */
const PASSING: readonly (CheckConclusion | null)[] = ['success', 'neutral', 'skipped'];

const UNKNOWN: MergeVerdict = { mergeable: null, state: 'unknown', refusal: null };

/** Whether a pull request can be merged now, with git's own merge and the branch's protection. */
export async function judgeMerge(repository: Repository, pull: Pull): Promise<MergeVerdict> {
  const base = await repository.git.branch(pull.baseRef);
  if (base === null || pull.mergedAt !== null) return UNKNOWN;
  const tree = await mergeTree(repository.git, base, pull.headSha);
  const protection = repository.protections.get(pull.baseRef);
  const refusal = protection === undefined ? null : await protectionRefusal(repository, pull, protection, base);
  if (tree === null) return { mergeable: false, state: 'dirty', refusal };
  if (pull.draft) return { mergeable: true, state: 'draft', refusal };
  if (refusal !== null) return { mergeable: true, state: refusal === BEHIND ? 'behind' : 'blocked', refusal };
  return { mergeable: true, state: checksPass(repository, pull.headSha) ? 'clean' : 'unstable', refusal };
}

/** As `judgeMerge`, but the first look at a new pair of commits answers "not known yet", as GitHub's background job does. */
export async function lookAtMergeability(world: World, repository: Repository, issue: Issue, pull: Pull): Promise<MergeVerdict> {
  if (issue.state === 'closed') return UNKNOWN;
  const pair = `${pull.headSha}:${await repository.git.branch(pull.baseRef)}`;
  if (world.settings.mergeableNullFirst && pull.mergeabilityAsked !== pair) {
    pull.mergeabilityAsked = pair;
    return UNKNOWN;
  }
  return judgeMerge(repository, pull);
}

const BEHIND = 'Head branch is out of date with the base branch.';

async function protectionRefusal(repository: Repository, pull: Pull, protection: BranchProtection, base: string): Promise<string | null> {
  const reviews = protection.requiredReviews;
  if (reviews !== null) {
    const verdicts = decidingReviews(repository, pull);
    if (verdicts.some((review) => review.state === 'CHANGES_REQUESTED')) return 'Changes have been requested by reviewers with write access.';
    const approvals = verdicts.filter((review) => review.state === 'APPROVED').length;
    if (approvals < reviews.count) {
      return `At least ${reviews.count} approving review${reviews.count === 1 ? ' is' : 's are'} required by reviewers with write access.`;
    }
  }
  const checks = protection.requiredChecks;
  if (checks === null) return null;
  const unmet = checks.checks.filter((check) => !requiredCheckPasses(repository, pull.headSha, check));
  if (unmet.length > 1) return `${unmet.length} of ${checks.checks.length} required status checks are expected.`;
  if (unmet[0] !== undefined) return `Required status check "${unmet[0].context}" is expected.`;
  return checks.strict && !(await repository.git.isAncestor(base, pull.headSha)) ? BEHIND : null;
}

/** Each reviewer's last verdict; only people with write access count. Comments leave an earlier verdict standing. */
export function decidingReviews(repository: Repository, pull: Pull): Review[] {
  const last = new Map<number, Review>();
  for (const review of pull.reviews) {
    if (review.state === 'PENDING' || review.state === 'COMMENTED') continue;
    if (!roleAtLeast(roleOf(repository, review.user), 'write')) continue;
    last.set(review.user.id, review);
  }
  return [...last.values()];
}

function requiredCheckPasses(repository: Repository, sha: string, check: { context: string; appId: number | null }): boolean {
  const runs = latestRuns([...repository.checkRuns.values()].filter((run) => run.headSha === sha && run.name === check.context));
  const counted = runs.filter((run) => check.appId === null || check.appId === run.app.id);
  const statuses = check.appId === null ? latestStatuses(repository, sha).filter((status) => status.context === check.context) : [];
  if (counted.length + statuses.length === 0) return false;
  return counted.every((run) => run.status === 'completed' && PASSING.includes(run.conclusion)) && statuses.every((status) => status.state === 'success');
}

/** How the checks that a branch requires stand on a commit. */
export function checksOf(repository: Repository, branch: string, sha: string): 'passed' | 'failed' | 'pending' {
  const required = repository.protections.get(branch)?.requiredChecks?.checks ?? [];
  if (required.every((check) => requiredCheckPasses(repository, sha, check))) return 'passed';
  const failed = required.some((check) => {
    const runs = latestRuns([...repository.checkRuns.values()].filter((run) => run.headSha === sha && run.name === check.context));
    return runs.some((run) => run.status === 'completed' && !PASSING.includes(run.conclusion)) || latestStatuses(repository, sha).some((status) => status.context === check.context && (status.state === 'failure' || status.state === 'error'));
  });
  return failed ? 'failed' : 'pending';
}

function checksPass(repository: Repository, sha: string): boolean {
  const runs = latestRuns([...repository.checkRuns.values()].filter((run) => run.headSha === sha));
  if (runs.some((run) => run.status !== 'completed' || !PASSING.includes(run.conclusion))) return false;
  return latestStatuses(repository, sha).every((status) => status.state === 'success');
}
