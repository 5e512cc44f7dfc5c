import { describe, expect, it } from 'vitest';

import { writtenMissions } from './missions.ts';
import { RereadWorld } from './reread-world.ts';

const twoPhases = writtenMissions.find(({ name }) => name === 'two-phases')?.body ?? '';

function isWaiting(world: RereadWorld, gate: string): boolean {
  return world.gitHub.checkRuns().findLast(({ name }) => name === gate)?.conclusion === 'action_required';
}

/** From the label to the merge, without buttons: what they are told of cannot be read again. */
async function carryThrough(world: RereadWorld): Promise<number> {
  const { gitHub } = world;
  const author = gitHub.asPerson('author');
  const reviewer = gitHub.asPerson('reviewer');
  const issue = author.openIssue('Two phases', twoPhases, ['mission']);
  await world.until('the plan is shown', () => gitHub.comments(issue).length > 0);
  author.label(issue, 'mission:queue');
  await world.until('the first gate waits', () => isWaiting(world, 'gate/build'));
  reviewer.comment(issue, 'Good.\n\n/approve-gate build');
  await world.until('the second gate waits', () => isWaiting(world, 'gate/ship'));
  const [pull] = gitHub.pulls();
  reviewer.review(pull?.number ?? 0, 'approve');
  await world.until('the mission is complete', () => gitHub.issue(issue).state === 'closed');
  return issue;
}

const rereads = (calls: readonly string[]): readonly string[] => calls.filter((call) => call.startsWith('GET') && /installation|\/issues |issue_number|activity|pulls\/\{|hook/.test(call));

describe('a mission in a simulated world', () => {
  it('comes to its end when every webhook is lost without a trace, by reading again alone', async () => {
    const world = new RereadWorld({ fate: () => 'lost' });
    const issue = await carryThrough(world);
    expect(world.gitHub.issue(issue)).toMatchObject({ stateReason: 'completed' });
    expect(world.gitHub.pulls()).toMatchObject([{ merged: true }]);
    expect(world.gitHub.doubles()).toEqual([]);
    expect(world.logged.filter((line) => !line.startsWith('webhooks were missed'))).toEqual([]);
    expect(world.logged.join('\n')).toMatch(/mission\.requested[^]*queue-requested[^]*command\.given[^]*review\.submitted/);
  });

  it('is read again at no cost once nothing happens any more', async () => {
    const world = new RereadWorld({ fate: () => 'lost' });
    await carryThrough(world);
    await world.pass(10 * 60_000);
    const before = world.calls.length;
    await world.pass(10 * 60_000);
    const later = rereads(world.calls.slice(before)).filter((call) => !call.startsWith('GET /app/hook/deliveries'));
    expect(later.length).toBeGreaterThan(10);
    expect(new Set(later.map((call) => call.slice(-3)))).toEqual(new Set(['304']));
  });

  it('comes to its end by GitHub sending again what nobody took', async () => {
    const world = new RereadWorld({ fate: (_, nth) => (nth === 1 ? 502 : 'taken'), observes: false });
    await carryThrough(world);
    expect(world.gitHub.doubles()).toEqual([]);
    expect(world.logged.filter((line) => !line.startsWith('webhooks had not been taken'))).toEqual([]);
    expect(world.timesSent('issue_comment')).toEqual([2]);
    expect(world.timesSent('pull_request_review')).toEqual([2]);
  });

  it('has GitHub send no more than three times again what is refused for good', async () => {
    const world = new RereadWorld({ fate: ({ name }) => (name === 'issue_comment' ? 500 : 'taken') });
    await carryThrough(world);
    await world.pass(3_600_000);
    expect(world.timesSent('issue_comment')).toEqual([4]);
    expect(world.timesSent('pull_request_review')).toEqual([1]);
  });
});
