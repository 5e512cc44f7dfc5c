import { afterEach, describe, expect, it } from 'vitest';

import { ProductWorld } from '../support/product-world.ts';
import { expectCarriedThrough, slugFiles, slugMission } from './conversation.ts';

/** The shortest interval there is: what a minute does in production happens here each second. */
const env = { MISSIONGATE_RECONCILE_SECONDS: '1' };

/** One file, two gates; missions of this kind do not get in each other's way. */
const small = (name: string) => `## Build
- gate: 1 approval

- [ ] Write a file
  - id: write
  - uses: file.write
  - path: ${name}.md

  \`\`\`
  ${name}
  \`\`\`

## Ship
- gate: 0 approvals
- merge: squash

- [ ] Nothing more
  - id: nothing
  - uses: noop
`;

/** Webhooks that were sent at all since the App was installed. */
function attemptsOf(world: ProductWorld): number {
  return world.forge.deliveries().filter(({ event }) => event !== 'installation').flatMap(({ attempts }) => attempts).length;
}

/** Looks at the mission's issue so far, by what they were answered. */
function looksAt(world: ProductWorld, issue: number, status: number): number {
  return world.forge.requests().filter((request) => request.method === 'GET' && request.path === `/repos/${world.repository.fullName}/issues/${issue}` && request.status === status).length;
}

describe('a mission whose webhooks are lost', () => {
  const closing: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0).toReversed()) await close();
  });

  async function open(): Promise<ProductWorld> {
    const world = await ProductWorld.open({ files: slugFiles, env });
    closing.push(() => world.close());
    return world;
  }

  it('comes to the same end when every single one is lost', async () => {
    const world = await open();
    const { forge, repository } = world;
    forge.addWebhookFault({ effect: { kind: 'drop' } });
    const app = await world.startApp();
    const issue = await world.mission('Readable addresses', slugMission);
    await world.untilCheck('gate/build', 'action_required');
    await forge.as('reviewer').comment(repository.fullName, issue, 'Good.\n\n/approve-gate build');
    await world.untilCheck('gate/build', 'success');
    await world.untilCheck('gate/ship', 'action_required');
    await forge.as('reviewer').comment(repository.fullName, world.pull()?.issue.number ?? 0, '/approve-gate ship');
    await world.until('the issue is closed', () => repository.issue(issue).state === 'closed');
    await world.until('the summary stands there', () => world.comments(issue).some((body) => body.includes('complete')));
    await expectCarriedThrough(world, issue);
    expect(app.output()).toContain('webhooks were missed');
    expect(attemptsOf(world)).toBe(0);
    world.contract.assertKept();
  });

  it('comes to the same end when a third is lost, whichever (3 seeds)', async () => {
    const world = await open();
    const { forge, repository } = world;
    await world.startApp();
    const waits = (issue: number) => repository.checkRuns().some((run) => run.externalId.includes(`-i${issue}:gate/build`) && run.conclusion === 'action_required');
    const carry = async (issue: number) => {
      await world.until(`the gate of #${issue} waits`, () => waits(issue));
      await forge.as('reviewer').comment(repository.fullName, issue, '/approve-gate build');
      await world.until(`#${issue} is closed with its summary`, () => repository.issue(issue).state === 'closed' && world.comments(issue).some((body) => body.includes('complete')));
    };
    for (const seed of [1, 2, 3]) {
      forge.clearWebhookFaults();
      forge.addWebhookFault({ effect: { kind: 'drop', share: 0.3, seed } });
      const issues = [await world.mission(`one ${seed}`, small(`one-${seed}`)), await world.mission(`two ${seed}`, small(`two-${seed}`))];
      await Promise.all(issues.map(carry));
      for (const issue of issues) {
        expect(repository.issue(issue).labels.map(({ name }) => name)).toEqual(['mission']);
        // A reaction on the comment is all the answer: nobody was told anything twice.
        expect(world.comments(issue).filter((body) => body.startsWith('@'))).toEqual([]);
      }
    }
    expect(repository.pulls().map(({ pull }) => pull.mergedAt !== null)).toEqual(Array.from({ length: 6 }, () => true));
    expect(world.doubles()).toEqual([]);
    const lost = forge.deliveries().filter(({ attempts }) => attempts.length === 0).length / forge.deliveries().length;
    expect(lost).toBeGreaterThan(0.2);
    world.contract.assertKept();
  });

  it('loses an approval that was dismissed, and all of them to another base branch, though nobody told of either', async () => {
    const world = await open();
    const { forge, repository } = world;
    await world.startApp();
    const issue = await world.mission('Taken back', '## Build\n\n- [ ] Write\n  - id: write\n  - uses: file.write\n  - path: back.md\n\n  ```\n  text\n  ```\n');
    await world.untilCheck('gate/build', 'action_required');
    const number = world.pull()?.issue.number ?? 0;
    const review = await forge.as('reviewer').review(repository.fullName, number, { event: 'APPROVE', body: 'Fine.' });
    await world.untilCheck('gate/build', 'success');
    await world.until('the composite check is open', () => world.check('missiongate')?.conclusion === 'success');
    forge.addWebhookFault({ effect: { kind: 'drop' } });
    await forge.as('author').request('PUT', `/repos/${repository.fullName}/pulls/${number}/reviews/${review.id}/dismissals`, { message: 'Looked at the wrong one' });
    const shut = await world.untilCheck('gate/build', 'action_required');
    expect(shut.summary).toMatch(/author dismissed the review/);
    await forge.as('reviewer').comment(repository.fullName, issue, '/approve-gate build');
    await world.untilCheck('gate/build', 'success');
    const main = (await repository.commits('main'))[0]?.sha ?? '';
    await forge.as('author').request('POST', `/repos/${repository.fullName}/git/refs`, { ref: 'refs/heads/release', sha: main });
    await forge.as('author').request('PATCH', `/repos/${repository.fullName}/pulls/${number}`, { base: 'release' });
    await world.until('the gate waits again', () => world.check('gate/build')?.conclusion === 'action_required');
    expect(world.check('gate/build')?.summary).toContain('the base branch changed from main to release');
    world.contract.assertKept();
  });

  it('is told of everything that was said while the app was down, each delivery once more', async () => {
    const world = await open();
    const { forge, repository } = world;
    const before = await world.startApp();
    const issue = await world.mission('Outage', small('outage'));
    const gate = await world.untilCheck('gate/build', 'action_required');
    before.child.kill('SIGTERM');
    await before.exited;
    // A button leaves no trace that could be read again: only the delivery tells of it.
    await forge.as('reviewer').pressButton(repository.fullName, gate.id, 'approve');
    await forge.as('author').comment(repository.fullName, issue, '/status');
    await forge.as('author').addLabel(repository.fullName, issue, 'bug');
    await forge.idle();
    const app = await world.startApp();
    await world.untilCheck('gate/build', 'success');
    await world.until('the status is told', () => world.comments(issue).some((body) => body.includes('Pull request: #')));
    // Several looks at the log later each was asked for once, and no more.
    const looks = () => forge.requests().filter(({ path, method }) => method === 'GET' && path === '/app/hook/deliveries').length;
    const enough = looks() + 3;
    await world.until('the log was looked at again', () => looks() >= enough);
    // What our own App did while it went down was not taken either; most of it means nothing to us.
    const missed = forge.deliveries().filter(({ event, attempts }) => event !== 'installation' && attempts[0]?.statusCode === 0);
    const said = missed.filter(({ payload }) => (payload['sender'] as { login: string }).login !== 'missiongate[bot]');
    const meant = said.filter(({ event, action }) => ['check_run.requested_action', 'issue_comment.created', 'issues.labeled'].includes(`${event}.${action}`));
    expect(meant.map(({ attempts }) => attempts.map(({ statusCode }) => statusCode))).toEqual([[0, 202], [0, 202], [0, 202]]);
    expect(missed.filter(({ attempts }) => attempts.length > 2)).toEqual([]);
    expect(forge.requests().filter(({ method, path }) => method === 'POST' && path.endsWith('/attempts'))).toHaveLength(missed.filter(({ attempts }) => attempts.length === 2).length);
    expect(app.output()).toContain('webhooks had not been taken');
    expect(world.comments(issue).filter((body) => body.includes('Pull request: #'))).toHaveLength(1);
    world.contract.assertKept();
  });

  it('costs nothing when none is lost: what is re-read is unchanged, and nothing happens twice', async () => {
    const world = await open();
    const { forge, repository } = world;
    const app = await world.startApp();
    const issue = await world.mission('Quiet', small('quiet'));
    await world.untilCheck('gate/build', 'action_required');
    const settled = looksAt(world, issue, 304) + 2;
    await world.until('all is quiet', () => looksAt(world, issue, 304) >= settled);
    const from = forge.requests().length;
    const comments = world.comments(issue).length;
    const said = app.output().length;
    await world.until('it was looked at again', () => looksAt(world, issue, 304) > settled);
    // Status 0: it is being answered.
    const quiet = forge.requests().slice(from).filter(({ path, status }) => status !== 0 && path.startsWith(`/repos/${repository.fullName}`));
    expect(quiet.filter(({ status }) => status !== 304).map(({ method, path, status }) => `${method} ${path} ${status}`)).toEqual([]);
    // Issue, comments, trunk, pull request and its comments; and the repository's missions, pull requests and routines.
    expect(quiet.length).toBeLessThanOrEqual(2 * 5 + 2 * 3);
    expect(app.output().slice(said)).not.toContain('missed');
    expect(world.comments(issue)).toHaveLength(comments);
    expect(forge.requests().filter(({ path }) => path.endsWith('/attempts'))).toEqual([]);
    world.contract.assertKept();
  });
});
