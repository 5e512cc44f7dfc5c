import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { ProductWorld } from '../support/product-world.ts';

const one = (more = '') => `## Build\n${more}\n- [ ] Do it\n  - id: it\n  - uses: noop\n`;
const withFile = (path: string) => `## Build\n\n- [ ] Write\n  - id: write\n  - uses: file.write\n  - path: ${path}\n\n  \`\`\`\n  text\n  \`\`\`\n`;

describe('people talk to a mission', () => {
  let world: ProductWorld;
  let issue = 0;

  beforeAll(async () => {
    world = await ProductWorld.open({ files: { 'fail-once.js': "import { existsSync } from 'node:fs';\nprocess.exit(existsSync('mended') ? 0 : 1);\n", 'package.json': '{"type":"module"}' } });
    await world.startApp();
  });
  afterAll(async () => {
    try {
      world.contract.assertKept();
    } finally {
      await world.close();
    }
  });
  beforeEach(() => {
    issue = 0;
  });

  const say = (login: string, text: string) => world.forge.as(login).comment(world.repository.fullName, issue, text);
  const said = () => world.comments(issue).filter((body) => body.includes('mg:o'));
  const heard = (words: RegExp) => world.until(`the bot says ${words}`, () => said().some((body) => words.test(body)));
  const checkOf = (name: string) => world.repository.checkRuns().findLast((run) => run.name === name && run.externalId.includes(`-i${issue}:`));
  const untilGate = (phase: string, conclusion: string) => world.until(`gate ${phase} of #${issue} is ${conclusion}`, () => checkOf(`gate/${phase}`)?.conclusion === conclusion);

  it('and are told by /help what they may type, and by /status how it stands', async () => {
    issue = await world.mission('Talk', one(), { queue: false });
    await heard(/mermaid/);
    await say('author', '/help');
    await heard(/\/approve-gate[\s\S]*\/retry[\s\S]*\/cancel/);
    await say('stranger', '/status');
    await heard(/@stranger[\s\S]*Planned/);
    expect(world.doubles()).toEqual([]);
  });

  it('and pause it by label, which holds until the label is gone', async () => {
    const author = world.forge.as('author');
    issue = await world.mission('Pause', one('- gate: none'), { queue: false });
    await heard(/mermaid/);
    await author.addLabel(world.repository.fullName, issue, 'mission:pause');
    await world.until('it is paused', () => (world.repository.issue(issue).body ?? '').includes('Paused'));
    await author.addLabel(world.repository.fullName, issue, 'mission:queue');
    await heard(/paused[\s\S]*(resume|mission:pause)/);
    expect(world.repository.issue(issue).state).toBe('open');
    await author.removeLabel(world.repository.fullName, issue, 'mission:pause');
    await world.until('it is done', () => world.repository.issue(issue).state === 'closed');
  });

  it('and cancel it, which closes the issue and leaves its checks cancelled', async () => {
    issue = await world.mission('Cancel', withFile('cancelled.md'));
    await untilGate('build', 'action_required');
    await say('author', '/cancel we changed our minds');
    await world.until('it is closed', () => world.repository.issue(issue).state === 'closed');
    await untilGate('build', 'cancelled');
    expect(world.repository.issue(issue).stateReason).toBe('not_planned');
    expect(checkOf('missiongate')?.conclusion).toBe('cancelled');
  });

  it('and answer what a task asks: it waits for the right person, says so, and goes on', async () => {
    const ask = '  - uses: approval\n  - timeout: 3d\n\n  Is the plan for `v2` right?\n';
    issue = await world.mission('Ask', `## Build\n- gate: none\n\n- [ ] Ask the team\n  - id: ask\n${ask}- [ ] Go on\n  - id: on\n  - uses: noop\n  - needs: ask\n`);
    await heard(/task\/ask` asks you[\s\S]*Is the plan for `v2` right\?[\s\S]*\/approve ask/);
    await world.until('the issue says what it waits for', () => (world.repository.issue(issue).body ?? '').includes('`ask` asks:'));
    await say('stranger', '/approve ask');
    await heard(/@stranger[\s\S]*write access or more/);
    expect(world.repository.issue(issue).state).toBe('open');
    await say('reviewer', 'Yes.\n\n/approve ask');
    await heard(/✅ Approved by `reviewer`/);
    await world.until('it is done', () => world.repository.issue(issue).state === 'closed');
    expect(said().filter((body) => body.includes('asks you'))).toHaveLength(1);
    expect(world.doubles()).toEqual([]);
  });

  it('and are told what a task tells them, once', async () => {
    issue = await world.mission('Tell', '```yaml mission\nversion: 1\nname: tell\nphases:\n  - id: p\n    gate: none\n    tasks:\n      - { id: tell, uses: notify, with: { message: "The *build* is green, @everyone.", to: [issue] } }\n```\n');
    await heard(/build[\s\S]*is green[\s\S]*said by `task\/tell`/);
    await world.until('it is done', () => world.repository.issue(issue).state === 'closed');
    expect(said().filter((body) => body.includes('said by'))).toHaveLength(1);
    expect(world.doubles()).toEqual([]);
  });

  it('and open a gate by an approving review of the pull request', async () => {
    issue = await world.mission('Review', withFile('reviewed.md'));
    await untilGate('build', 'action_required');
    const pull = world.repository.pulls().find((found) => found.pull.headRef === `mission/${issue}/trunk`);
    await world.forge.as('reviewer').review(world.repository.fullName, pull?.issue.number ?? 0, { event: 'APPROVE', body: 'Fine.' });
    await untilGate('build', 'success');
    await world.until('the pull request is ready', () => world.repository.pulls().find((found) => found.pull.headRef === `mission/${issue}/trunk`)?.pull.draft === false);
    expect(world.repository.issue(issue).state).toBe('open');
  });

  it('and ask somebody to look at a gate: an assignee of the issue, a reviewer of the pull request', async () => {
    const pull = () => world.repository.pulls().find((found) => found.pull.headRef === `mission/${issue}/trunk`);
    const assigned = () => world.repository.issue(issue).assignees.map(({ login }) => login);
    const asked = () => pull()?.pull.requestedReviewers.map(({ login }) => login) ?? [];
    issue = await world.mission('Ask to look', withFile('looked-at.md'));
    await untilGate('build', 'action_required');
    await world.until('there is a pull request', () => pull() !== undefined);
    await say('stranger', '/assign');
    await heard(/@stranger[\s\S]*write access/);
    await say('author', 'Please look.\n\n/assign @reviewer @stranger @revewer');
    await heard(/@author assigned: `@reviewer`[\s\S]*`@stranger` cannot be assigned here[\s\S]*`@revewer` is nobody/);
    await world.until('the issue says who was asked', () => (world.repository.issue(issue).body ?? '').includes('Asked: `@reviewer`'));
    expect([assigned(), asked()]).toEqual([['reviewer'], ['reviewer']]);
    await world.forge.as('author').comment(world.repository.fullName, pull()?.issue.number ?? 0, '/assign me');
    await world.until('the author is assigned too', () => assigned().includes('author') && asked().includes('author'));
    await say('author', '/assign @reviewer');
    await say('author', '/unassign');
    await world.until('the author is off again', () => !assigned().includes('author') && !asked().includes('author'));
    expect([assigned(), asked()]).toEqual([['reviewer'], ['reviewer']]);
    expect(world.repository.issue(issue).events.filter(({ event }) => event === 'assigned')).toHaveLength(2);
    await say('author', '/assign acme/team');
    await heard(/acme\/team[\s\S]*is no person/);
    await say('reviewer', '/approve-gate build');
    await untilGate('build', 'success');
    expect(world.doubles()).toEqual([]);
  });

  it('and reject a gate with a reason, push what was missing, and have it examined again', async () => {
    issue = await world.mission('Reject', withFile('rejected.md'));
    await untilGate('build', 'action_required');
    await say('reviewer', '/reject-gate build');
    await heard(/@reviewer[\s\S]*reason/);
    await say('reviewer', '/reject-gate build the text is missing');
    await untilGate('build', 'failure');
    expect(checkOf('gate/build')?.summary).toContain('the text is missing');
    const before = checkOf('gate/build');
    await world.forge.as('author').request('PUT', `/repos/${world.repository.fullName}/contents/more.md`, { message: 'add the text', content: Buffer.from('text\n').toString('base64'), branch: `mission/${issue}/trunk` });
    await untilGate('build', 'action_required');
    expect(checkOf('gate/build')?.headSha).not.toBe(before?.headSha);
    await say('author', '/approve-gate build');
    await heard(/@author[\s\S]*(wrote|author|commits)/);
    await say('reviewer', `/approve-gate build ${checkOf('gate/build')?.headSha.slice(0, 12)}`);
    await untilGate('build', 'success');
  });

  it('and press a button that a stranger may not press', async () => {
    issue = await world.mission('Button', withFile('button.md'));
    await untilGate('build', 'action_required');
    const gate = checkOf('gate/build');
    await world.forge.as('stranger').pressButton(world.repository.fullName, gate?.id ?? 0, 'approve').catch(() => undefined);
    await world.forge.as('reviewer').pressButton(world.repository.fullName, gate?.id ?? 0, 'approve');
    await untilGate('build', 'success');
    expect(checkOf('gate/build')?.summary).toContain('reviewer');
    expect(checkOf('gate/build')?.summary).not.toMatch(/approved by[^\n]*stranger/i);
  });

  it('and retry what failed', async () => {
    issue = await world.mission('Retry', `## Build\n- gate: none\n\n- [ ] Mend\n  - id: mend\n  - uses: file.write\n  - path: other-${issue}.md\n\n  \`\`\`\n  text\n  \`\`\`\n- [ ] Try\n  - id: try\n  - needs: mend\n  - run: node fail-once.js\n`);
    await world.until('it failed', () => checkOf('task/try')?.conclusion === 'failure');
    await say('author', '/retry tyr');
    await heard(/@author[\s\S]*`try`/);
    await world.forge.as('author').request('PUT', `/repos/${world.repository.fullName}/contents/mended`, { message: 'mend', content: Buffer.from('x').toString('base64'), branch: `mission/${issue}/trunk` });
    await say('author', '/retry try');
    await world.until('it passed', () => checkOf('task/try')?.conclusion === 'success');
    expect(world.doubles()).toEqual([]);
  });

  it('and tick an item by hand, which counts as done; a stranger’s tick is taken back', async () => {
    issue = await world.mission('Tick', `## Build\n- gate: none\n\n- [ ] By hand\n  - id: hand\n- [ ] By bot\n  - id: bot\n  - uses: noop\n  - needs: hand\n`, { queue: false });
    await heard(/mermaid/);
    await world.until('the region stands there', () => (world.repository.issue(issue).body ?? '').includes('mg:begin'));
    const body = world.repository.issue(issue).body ?? '';
    await world.forge.as('author').editIssue(world.repository.fullName, issue, { body: `${body.replace('- [ ] By hand', '- [x] By hand')}\nMy own words.\n` });
    await world.forge.as('author').addLabel(world.repository.fullName, issue, 'mission:queue');
    await world.until('it is done', () => world.repository.issue(issue).state === 'closed');
    expect(world.repository.issue(issue).body).toContain('My own words.');
    expect((world.repository.issue(issue).body ?? '').match(/- \[x\]/g)).toHaveLength(2);
  });
});
