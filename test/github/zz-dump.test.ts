import { writeFileSync } from 'node:fs';
import { it } from 'vitest';
import { ProductWorld } from '../support/product-world.ts';
import { slugMission, slugFiles } from '../scenarios/conversation.ts';

const failing = `Make it fail.

## Try it out
- gate: 1 approval

- [ ] Run the | broken thing @stranger
  - id: try
  - run: node -e "console.log('some output'); console.error('boom: @stranger #1'); process.exit(3)"
  - attempts: 1
- [ ] Afterwards
  - id: after
  - run: node --version
  - needs: try
`;
const broken = `## Build
- [ ] A
  - id: a
  - needs: zzz
- [ ] B
  - id: a
`;
it('dump', async () => {
  const world = await ProductWorld.open({ files: slugFiles });
  const { forge, repository } = world;
  await world.startApp();
  const out: string[] = [];
  const say = (title: string, text: unknown) => out.push(`\n######## ${title}\n${typeof text === 'string' ? text : JSON.stringify(text, null, 1)}`);
  const shot = (label: string, issue: number) => {
    say(`${label}: BODY #${issue}`, repository.issue(issue).body ?? '');
    repository.comments(issue).forEach((c, i) => say(`${label}: comment ${i} by ${c.user.login} ${c.reactions.map((r) => r.content).join()}`, c.body));
  };
  try {
    const one = await world.mission('Readable addresses', slugMission, { queue: false });
    await world.until('plan', () => world.comments(one).some((b) => b.includes('Plan')));
    await world.until('region', () => (repository.issue(one).body ?? '').includes('mg:'));
    shot('planned', one);
    await forge.as('author').addLabel(repository.fullName, one, 'mission:queue');
    await world.untilCheck('gate/build', 'action_required');
    await forge.as('author').comment(repository.fullName, one, '/aprove-gate build');
    await forge.as('author').comment(repository.fullName, one, '/approve-gate bild');
    await forge.as('stranger').comment(repository.fullName, one, '/approve-gate build');
    await forge.as('author').comment(repository.fullName, one, '/retry');
    await forge.as('author').comment(repository.fullName, one, '/retry tets');
    await forge.as('author').comment(repository.fullName, one, '/retry note');
    await forge.as('author').comment(repository.fullName, one, '/status');
    await forge.as('stranger').comment(repository.fullName, one, '/help');
    await forge.as('author').comment(repository.fullName, one, '/help retry');
    await forge.as('author').comment(repository.fullName, one, '/reject-gate build');
    await world.until('answers', () => repository.comments(one).filter((c) => c.user.login.includes('[bot]')).length >= 10);
    shot('at gate', one);
    await forge.as('reviewer').comment(repository.fullName, one, '/approve-gate build');
    await world.untilCheck('gate/build', 'success');
    const ship = await world.untilCheck('gate/ship', 'action_required');
    for (const { pull, issue } of repository.pulls()) say('PR', { title: issue.title, body: issue.body, draft: pull.draft });
    await forge.as('reviewer').comment(repository.fullName, one, '/reject-gate ship the changelog says nothing about #3');
    await world.untilCheck('gate/ship', 'failure');
    for (const run of repository.checkRuns()) say(`CHECK ${run.name} ${run.conclusion} "${run.title}"`, `${run.summary}\n----text----\n${run.text}`);
    shot('rejected', one);
    await forge.as('author').comment(repository.fullName, one, '/retry ship');
    await world.untilCheck('gate/ship', 'action_required');
    await forge.as('reviewer').comment(repository.fullName, one, '/approve-gate');
    await world.until('closed', () => repository.issue(one).state === 'closed');
    await world.until('sum', () => world.comments(one).some((b) => b.includes('complete')));
    shot('END', one);
    for (const run of repository.checkRuns()) if (run.name === 'missiongate' || run.name === 'gate/ship') say(`CHECK ${run.name} ${run.conclusion} "${run.title}"`, run.summary);
    const two = await world.mission('Broken', broken);
    await new Promise((r) => setTimeout(r, 3000));
    shot('BROKEN', two);
    const three = await world.mission('Fails', failing);
    await world.until('failed', () => world.comments(three).some((b) => b.includes('Mission failed')));
    await new Promise((r) => setTimeout(r, 1500));
    shot('FAILED', three);
    for (const run of repository.checkRuns()) if (run.externalId.includes(`i${three}`)) say(`CHECK ${run.name}@${run.headSha} ${run.conclusion} "${run.title}"`, `${run.summary}\n---\n${run.text}`);
    await forge.as('author').comment(repository.fullName, three, '/cancel not worth it');
    await new Promise((r) => setTimeout(r, 2000));
    await forge.as('author').editIssue(repository.fullName, three, { state: 'open' }).catch((e) => say('reopen', String(e)));
    await new Promise((r) => setTimeout(r, 1500));
    shot('CANCELLED', three);
  } catch (error) {
    say('ERROR', String(error));
  } finally {
    writeFileSync('/tmp/dump.md', out.join('\n'));
    await world.close();
  }
}, 120_000);
