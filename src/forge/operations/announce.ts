import type { Account, Issue, Repository, TimelineEvent } from '../model/records.ts';
import type { World } from '../model/world.ts';
import { serializeIssue } from '../serialize/issues.ts';
import { serializePullEvent } from '../serialize/pulls.ts';

/** Tells Apps that an issue or a pull request changed: `issues.*` for one, `pull_request.*` for the other. */
export async function announceIssue(
  world: World,
  repository: Repository,
  issue: Issue,
  sender: Account,
  action: string,
  extra: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  if (issue.pull === null) {
    world.emit({ event: 'issues', action, repository, sender, payload: { issue: serializeIssue(world, repository, issue), ...extra } });
    return;
  }
  const shown = await serializePullEvent(world, repository, issue, issue.pull);
  world.emit({ event: 'pull_request', action, repository, sender, payload: { number: issue.number, pull_request: shown, ...extra } });
}

/** Notes something in the history shown on the page and by the events endpoints. */
export function recordEvent(world: World, issue: Issue, actor: Account, event: string, more: Pick<TimelineEvent, 'label' | 'commitId' | 'rename' | 'dismissedReview'> = {}): void {
  issue.events.push({ id: world.ids.next('event'), event, actor, createdAt: world.clock.now(), ...more });
}
