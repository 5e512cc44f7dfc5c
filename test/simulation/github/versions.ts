import type { Issue } from './records.ts';
import type { World } from './world.ts';

/**
 * What a version is made of is what the answer shows, in GitHub's whole seconds: two changes that leave an answer as it was leave
 * its ETag as it was, as they do there. Texts are counted instead of compared.
 */
function ofIssue({ id, updatedAt, createdAt, comments, labels, state, stateReason, closedAt, closedBy, texts }: Issue): string {
  const names = labels.map((label) => label.name).join();
  return `${id} ${second(createdAt)} ${second(updatedAt)} ${comments.length} ${names} ${state} ${stateReason ?? ''} ${second(closedAt)} ${closedBy?.login ?? ''} ${texts}`;
}

function second(at: number | null): number {
  return at === null ? 0 : Math.floor(at / 1000);
}

function ofPull(world: World, issue: Issue): string {
  const { pull } = issue;
  if (pull === null) return '';
  const base = world.branches.get(pull.baseRef) ?? '';
  return `${base} ${pull.baseSha} ${pull.headSha} ${pull.draft ? 'draft' : ''} ${second(pull.mergedAt)} ${pull.mergedBy?.login ?? ''} ${pull.mergeCommit ?? ''}`;
}

function shown(world: World, issue: Issue): string {
  return `${world.rolesVersion} ${ofIssue(issue)} ${ofPull(world, issue)}`;
}

export function versionOfIssue(world: World, [number]: readonly string[]): string {
  return shown(world, world.issue(Number(number)));
}

export function versionOfIssues(world: World): string {
  return [...world.issues.values()].map((issue) => shown(world, issue)).join('\n');
}

export function versionOfPull(world: World, [number]: readonly string[]): string {
  return shown(world, world.pull(Number(number)));
}

export function versionOfTalk(world: World, [number]: readonly string[]): string {
  return `${world.rolesVersion} ${world.issue(Number(number)).talk}`;
}

export function versionOfEvents(world: World, [number]: readonly string[]): string {
  return String(world.issue(Number(number)).events.length);
}

export function versionOfReviews(world: World, [number]: readonly string[]): string {
  return `${world.rolesVersion} ${world.pull(Number(number)).pull.reviews.length}`;
}

/** `query` is that of the call: one branch's activity is nothing to another one. */
export function versionOfActivity(world: World, _: readonly string[], query: string): string {
  const ref = new URLSearchParams(query).get('ref');
  return String(world.activity.findLast((one) => ref === null || one.ref === ref)?.id ?? 0);
}

export function versionOfInstallation(world: World): string {
  return JSON.stringify([...world.permissions]);
}
