import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import type { CheckRun } from '../../src/forge/model/records.ts';
import { ProductWorld } from '../support/product-world.ts';

const withFile = (path: string) => `## Build\n\n- [ ] Write\n  - id: write\n  - uses: file.write\n  - path: ${path}\n\n  \`\`\`\n  text\n  \`\`\`\n`;

const isComposite = (run: CheckRun) => run.name === 'missiongate';

/** What people do with pull requests of their own. */
function cast(world: ProductWorld) {
  const { forge, repository } = world;
  const author = forge.as('author');
  const at = `/repos/${repository.fullName}`;
  return {
    author,
    at,
    runs: (head: string) => repository.checkRuns(head).filter(isComposite),
    headOf: async (branch: string) => (await author.request<{ object: { sha: string } }>('GET', `${at}/git/ref/heads/${branch}`)).object.sha,
    put: async (login: string, place: string, branch: string, path: string, text = 'text') => {
      const before = await forge.as(login).request<{ sha: string }>('GET', `/repos/${place}/contents/${path}?ref=${branch}`).catch(() => null);
      return (await forge.as(login).request<{ commit: { sha: string } }>('PUT', `/repos/${place}/contents/${path}`, { message: `Write ${path}`, content: Buffer.from(text).toString('base64'), branch, ...(before === null ? {} : { sha: before.sha }) })).commit.sha;
    },
    branch: async (name: string, from = 'main') => author.request('POST', `${at}/git/refs`, { ref: `refs/heads/${name}`, sha: (await author.request<{ object: { sha: string } }>('GET', `${at}/git/ref/heads/${from}`)).object.sha }),
    untilSays: async (head: string, conclusion: string): Promise<CheckRun> => {
      const last = () => repository.checkRuns(head).filter(isComposite).at(-1);
      await world.until(`${head.slice(0, 7)} is answered with ${conclusion}`, () => last()?.conclusion === conclusion);
      const run = last();
      if (!run) throw new Error('the check vanished');
      return run;
    },
  };
}

async function requireComposite(world: ProductWorld): Promise<void> {
  await world.forge.as('author').request('PUT', `/repos/${world.repository.fullName}/branches/main/protection`, { required_status_checks: { strict: false, contexts: [], checks: [{ context: 'missiongate', app_id: world.app.appId }] }, enforce_admins: false, required_pull_request_reviews: null, restrictions: null });
}

describe('a pull request that belongs to no mission', () => {
  let world: ProductWorld;
  let people: ReturnType<typeof cast>;

  beforeAll(async () => {
    world = await ProductWorld.open({ files: { 'a.md': 'a\n' } });
    people = cast(world);
    await requireComposite(world);
    await world.startApp();
  });
  afterAll(async () => {
    try {
      // Here people open several pull requests of one branch themselves.
      const doubled = world.doubles().filter((double) => !double.startsWith('pull '));
      if (doubled.length > 0) throw new Error(`doubled on GitHub: ${doubled.join(', ')}`);
      world.contract.assertKept();
    } finally {
      await world.close();
    }
  });

  it('is answered once for each commit, draft or not, so that it can be merged where the check is required', async () => {
    const { forge, repository } = world;
    await people.branch('ordinary');
    const first = await people.put('author', repository.fullName, 'ordinary', 'o.md');
    const pull = await forge.as('author').openPull(repository.fullName, { title: 'Ordinary', head: 'ordinary', base: 'main', draft: true });
    expect(await people.untilSays(first, 'success')).toMatchObject({ title: 'Belongs to no mission', externalId: `mg:pull:${first}` });
    const second = await people.put('author', repository.fullName, 'ordinary', 'p.md');
    await people.untilSays(second, 'success');
    // Another one on the same commit, and the same one closed and opened again: the answer stands already.
    await people.branch('release');
    const other = await forge.as('author').openPull(repository.fullName, { title: 'Also', head: 'ordinary', base: 'release' });
    await people.author.request('PATCH', `${people.at}/pulls/${other.number}`, { state: 'closed' });
    await people.author.request('PATCH', `${people.at}/pulls/${other.number}`, { state: 'open' });
    await people.author.request('POST', '/graphql', { query: 'mutation($pullRequestId: ID!) { markPullRequestReadyForReview(input: { pullRequestId: $pullRequestId }) { pullRequest { isDraft } } }', variables: { pullRequestId: (await people.author.request<{ node_id: string }>('GET', `${people.at}/pulls/${pull.number}`)).node_id } });
    await forge.as('reviewer').merge(repository.fullName, pull.number);
    expect(repository.issue(pull.number).state).toBe('closed');
    expect([first, second].map((head) => people.runs(head).length)).toEqual([1, 1]);
  });

  it('may come from a fork, whose commit the check is made on in this repository', async () => {
    const { forge, repository } = world;
    const fork = await forge.fork(repository.fullName, 'stranger');
    const head = await people.put('stranger', fork.fullName, 'main', 'from-a-fork.md');
    const pull = await forge.as('stranger').openPull(repository.fullName, { title: 'From a fork', head: 'stranger:main', base: 'main' });
    await people.untilSays(head, 'success');
    await forge.as('reviewer').merge(repository.fullName, pull.number);
    expect(repository.issue(pull.number).state).toBe('closed');
  });

  it('says nothing of the commit of a mission: a stranger who offers it opens no gate', async () => {
    const { forge, repository } = world;
    const issue = await world.mission('Guarded', withFile('guarded.md'));
    const gate = await world.untilCheck('gate/build', 'action_required');
    const head = gate.headSha;
    forge.createUser({ login: 'copycat' });
    await forge.fork(repository.fullName, 'copycat');
    const copy = await forge.as('copycat').openPull(repository.fullName, { title: 'The same commit', head: `copycat:mission/${issue}/trunk`, base: 'main' });
    const task = await forge.as('author').openPull(repository.fullName, { title: 'Only the task', head: `mission/${issue}/write`, base: 'main' });
    const ofTask = await people.headOf(`mission/${issue}/write`);
    expect(ofTask).not.toBe(head);
    const refused = await people.untilSays(ofTask, 'failure');
    expect(refused.title).toContain(`it is work of the mission of issue #${issue}`);
    await expect(forge.as('reviewer').merge(repository.fullName, copy.number)).rejects.toThrow(/missiongate/);
    await expect(forge.as('reviewer').merge(repository.fullName, task.number)).rejects.toThrow(/missiongate/);
    await forge.as('reviewer').comment(repository.fullName, issue, '/approve-gate build');
    await people.untilSays(head, 'success');
    expect(people.runs(head).map(({ externalId }) => externalId)).toEqual([`mg:r${repository.id}-i${issue}:missiongate`]);
  });

  it('loses its answer to the mission whose trunk comes to stand on its commit', async () => {
    const { forge, repository } = world;
    const issue = await world.mission('Taken', withFile('taken.md'));
    const gate = () => repository.checkRuns().findLast((run) => run.name === 'gate/build' && run.externalId.includes(`-i${issue}:`));
    await world.until('its gate waits', () => gate()?.conclusion === 'action_required');
    await forge.as('reviewer').comment(repository.fullName, issue, '/approve-gate build');
    await world.until('its gate is open', () => gate()?.conclusion === 'success');
    await people.branch('side', `mission/${issue}/trunk`);
    const commit = await people.put('author', repository.fullName, 'side', 'slipped-in.md');
    const side = await forge.as('author').openPull(repository.fullName, { title: 'Side', head: 'side', base: 'main' });
    const ordinary = await people.untilSays(commit, 'success');
    await people.author.request('PATCH', `${people.at}/git/refs/heads/mission/${issue}/trunk`, { sha: commit });
    await world.until('the mission speaks', () => people.runs(commit).at(-1)?.externalId === `mg:r${repository.id}-i${issue}:missiongate`);
    await people.untilSays(commit, 'action_required');
    expect(people.runs(commit).map(({ id }) => id)).toEqual([ordinary.id]);
    await expect(forge.as('reviewer').merge(repository.fullName, side.number)).rejects.toThrow(/missiongate/);
    // Offered once more nothing changes: it is the mission's now.
    await people.author.request('PATCH', `${people.at}/pulls/${side.number}`, { state: 'closed' });
    await people.author.request('PATCH', `${people.at}/pulls/${side.number}`, { state: 'open' });
    await world.until('its gate waits once more', () => gate()?.headSha === commit && gate()?.conclusion === 'action_required');
    await forge.as('reviewer').comment(repository.fullName, issue, '/approve-gate build');
    await people.untilSays(commit, 'success');
    expect(people.runs(commit)).toHaveLength(1);
  });

  it('is refused when its branch is one of a mission that is over, or of none', async () => {
    const { forge, repository } = world;
    const issue = await world.mission('Given up', withFile('given-up.md'));
    await world.until('its gate waits', () => repository.checkRuns().some((run) => run.externalId.includes(`-i${issue}:gate/build`) && run.conclusion === 'action_required'));
    await forge.as('author').comment(repository.fullName, issue, '/cancel');
    await world.until('it is cancelled', () => repository.issue(issue).state === 'closed');
    const later = await people.put('author', repository.fullName, `mission/${issue}/trunk`, 'later.md');
    await forge.as('author').openPull(repository.fullName, { title: 'All the same', head: `mission/${issue}/trunk`, base: 'release' });
    expect((await people.untilSays(later, 'failure')).title).toContain(`work of the mission of issue #${issue}, which is over`);
    await people.branch('mission/9999/trunk');
    const unknown = await people.put('author', repository.fullName, 'mission/9999/trunk', 'unknown.md');
    await forge.as('author').openPull(repository.fullName, { title: 'Named so', head: 'mission/9999/trunk', base: 'main' });
    expect((await people.untilSays(unknown, 'failure')).title).toContain('named after a mission of issue #9999, and there is none');
  });

  it('is judged by the policy of the repository, again whenever that changes, and by one that nobody can read not at all', async () => {
    const { forge, repository } = world;
    const policy = '.github/missiongate.yml';
    await people.branch('policy');
    const head = await people.put('author', repository.fullName, 'policy', 'policy.md');
    const pull = await forge.as('author').openPull(repository.fullName, { title: 'By the policy', head: 'policy', base: 'main' });
    await people.untilSays(head, 'success');
    await people.put('author', repository.fullName, 'main', policy, 'pull-requests: { outside-missions: refuse }\n');
    expect((await people.untilSays(head, 'failure')).title).toContain('this repository takes changes from missions alone');
    await people.put('author', repository.fullName, 'main', policy, 'pull-requests:\n  outside-missions: refused\n');
    await world.until('the problem is named', () => (people.runs(head).at(-1)?.title ?? '').includes(`${policy}:2:21`));
    expect(people.runs(head).at(-1)).toMatchObject({ conclusion: 'failure' });
    await people.put('author', repository.fullName, 'main', policy, 'pull-requests: { outside-missions: ignore }\n');
    await people.branch('ignored');
    const ignored = await people.put('author', repository.fullName, 'ignored', 'ignored.md');
    await forge.as('author').openPull(repository.fullName, { title: 'Ignored', head: 'ignored', base: 'main' });
    await people.put('author', repository.fullName, 'main', policy, 'pull-requests: { outside-missions: refuse }\n');
    expect(people.runs(head)).toHaveLength(1);
    expect((await people.untilSays(ignored, 'failure')).title).toContain('missions alone');
    const { head: group } = await forge.enqueue(repository.fullName, pull.number, 'author');
    expect((await people.untilSays(group, 'failure')).summary).toContain('this repository takes changes from missions alone');
    await people.put('author', repository.fullName, 'main', policy, 'pull-requests: { outside-missions: succeed }\n');
    await people.untilSays(head, 'success');
    await people.untilSays(ignored, 'success');
    expect(people.runs(ignored)).toHaveLength(1);
  });
});

describe('a pull request of which no webhook told', () => {
  const closing: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0).toReversed()) await close();
  });

  it('is found by reading again, each commit of it; at no cost once nothing happens any more', async () => {
    const world = await ProductWorld.open({ files: { 'a.md': 'a\n' }, env: { MISSIONGATE_RECONCILE_SECONDS: '1' } });
    closing.push(() => world.close());
    const { forge, repository } = world;
    const people = cast(world);
    forge.addWebhookFault({ effect: { kind: 'drop' } });
    await people.branch('lost');
    const first = await people.put('author', repository.fullName, 'lost', 'l.md');
    await forge.as('author').openPull(repository.fullName, { title: 'Lost', head: 'lost', base: 'main' });
    const app = await world.startApp();
    await people.untilSays(first, 'success');
    const second = await people.put('author', repository.fullName, 'lost', 'm.md');
    await people.untilSays(second, 'success');
    const lists = (status: number) => forge.requests().filter((request) => request.method === 'GET' && request.path === `/repos/${repository.fullName}/pulls` && request.status === status).length;
    const [read, unchanged] = [lists(200), lists(304)];
    await world.until('it was looked at again', () => lists(304) >= unchanged + 2);
    expect(lists(200)).toBeLessThanOrEqual(read + 1);
    expect([first, second].map((head) => people.runs(head).length)).toEqual([1, 1]);
    expect(app.output()).toContain('outside-pull.offered');
    world.contract.assertKept();
  });
});
