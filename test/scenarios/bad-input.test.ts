import examples from '@octokit/webhooks-examples' with { type: 'json' };
import { createHmac, randomUUID } from 'node:crypto';
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { ProductWorld } from '../support/product-world.ts';

describe('bad input', () => {
  let world: ProductWorld;

  beforeAll(async () => {
    world = await ProductWorld.open({
      files: {
        '.github/missions/broken.yml': 'version: 1\nname: Broken\nphases:\n  - id: build\n    tasks:\n      - id: a\n        uses: comand\n        with: { run: [ls] }\n      - id: a\n        uses: noop\n        needs: [nobody]\n',
        '.github/missions/syntax.yml': 'version: 1\nname: [unclosed\nphases: {\n',
        '.github/missions/cycle.yml': 'version: 1\nname: Cycle\nphases:\n  - id: p\n    tasks:\n      - { id: a, uses: noop, needs: [c] }\n      - { id: b, uses: noop, needs: [a] }\n      - { id: c, uses: noop, needs: [b] }\n',
      },
    });
    await world.startApp();
  });
  afterAll(async () => {
    try {
      world.contract.assertKept();
    } finally {
      await world.close();
    }
  });

  const sign = (body: string | Buffer) => `sha256=${createHmac('sha256', world.webhookSecret).update(body).digest('hex')}`;

  /** Posts to the webhook path as it is told; resolves with the status and body of the answer. */
  function post(body: string | Buffer, headers: Readonly<Record<string, string>>): Promise<{ status: number; text: string }> {
    return new Promise((resolve, reject) => {
      const sent = request(`http://127.0.0.1:${world.port}/api/github/webhooks`, { method: 'POST', headers: { 'content-type': 'application/json', 'x-github-event': 'issues', 'x-github-delivery': randomUUID(), 'content-length': String(Buffer.byteLength(body)), ...headers } }, (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => {
          text += chunk.toString();
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
      });
      sent.on('error', reject);
      sent.end(body);
    });
  }

  /** The bot's only word about an issue, once it stands there. */
  async function answerTo(issue: number, count = 1): Promise<string> {
    await world.until(`issue #${issue} is answered`, () => world.comments(issue).length >= count);
    return world.comments(issue).at(-1) ?? '';
  }

  const nothingRan = () => expect(world.repository.checkRuns()).toEqual([]);

  it('with a wrong or missing signature is refused without a word about the payload', async () => {
    const body = JSON.stringify({ action: 'labeled', secret: 'do-not-log-me' });
    expect(await post(body, { 'x-hub-signature-256': `sha256=${'0'.repeat(64)}` })).toMatchObject({ status: 401 });
    expect((await post(body, {})).status).toBeGreaterThanOrEqual(400);
    expect((await post(body, { 'x-hub-signature-256': sign(`${body} `) })).status).toBe(401);
    expect(world.processes[0]?.output()).not.toContain('do-not-log-me');
  });

  it('of more than 25 MB is refused, and the app goes on', async () => {
    // The size is known from the header: the answer comes before the body was sent.
    const status = await new Promise<number>((resolve, reject) => {
      const headers = { 'content-type': 'application/json', 'x-github-event': 'issues', 'x-github-delivery': randomUUID(), 'x-hub-signature-256': sign(''), 'content-length': String(26 * 1024 * 1024) };
      const sent = request(`http://127.0.0.1:${world.port}/api/github/webhooks`, { method: 'POST', headers }, (response) => {
        resolve(response.statusCode ?? 0);
        sent.destroy();
      });
      sent.on('error', reject);
      sent.write('{');
    });
    expect(status).toBe(413);
    expect((await fetch(`http://127.0.0.1:${world.port}/healthz`)).status).toBe(200);
  });

  it('of the 329 recorded payloads of GitHub never leads to a 5xx or a crash', async () => {
    const payloads = (examples as unknown as readonly { name: string; examples: readonly object[] }[]).flatMap((event) => event.examples.map((payload) => ({ name: event.name, payload })));
    expect(payloads.length).toBeGreaterThanOrEqual(329);
    const statuses = new Map<number, number>();
    for (const { name, payload } of payloads) {
      const body = JSON.stringify(payload);
      const { status } = await post(body, { 'x-github-event': name, 'x-hub-signature-256': sign(body) });
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
    expect([...statuses.keys()].filter((status) => status >= 300)).toEqual([]);
    expect((await fetch(`http://127.0.0.1:${world.port}/readyz`)).status).toBe(200);
  });

  it('in a mission file is answered with file, line and column of every problem', async () => {
    const issue = await world.mission('Broken', 'Mission: broken', { queue: false });
    const answer = await answerTo(issue);
    expect(answer).toContain('.github/missions/broken.yml');
    expect(answer).toMatch(/7:\d+[\s\S]*comand[\s\S]*command/);
    expect(answer).toMatch(/9:\d+/);
    expect(answer).toContain('nobody');
    nothingRan();
  });

  it('that is no YAML at all is answered with the place', async () => {
    const answer = await answerTo(await world.mission('Syntax', 'Mission: syntax', { queue: false }));
    expect(answer).toMatch(/\b[23]:\d+/);
    nothingRan();
  });

  it('with a circle of needs names its members', async () => {
    const answer = await answerTo(await world.mission('Cycle', 'Mission: cycle', { queue: false }));
    for (const member of ['a', 'b', 'c']) expect(answer).toContain(member);
    expect(answer).toMatch(/circle|cycle/);
    nothingRan();
  });

  it.each([
    ['an unknown dependency', '## P\n- [ ] One\n  - id: one\n- [ ] Two\n  - needs: onne\n', 'one'],
    ['a duplicate id', '## P\n- [ ] One\n  - id: same\n- [ ] Two\n  - id: same\n', 'same'],
    ['an empty checklist', 'Just words.', 'checklist'],
    ['a missing file', 'Mission: nowhere', 'nowhere'],
    ['a shell line', '## P\n- [ ] One\n  - run: make && make install\n', 'script'],
  ])('with %s is answered and runs nothing', async (_what, body, word) => {
    const answer = await answerTo(await world.mission('Bad', body, { queue: false }));
    expect(answer).toContain(word);
    nothingRan();
  });

  it('can be mended by editing the issue, which starts the mission after all', async () => {
    const issue = await world.mission('Mendable', '## P\n- gate: none\n\n- [ ] One\n  - uses: nop\n', { queue: false });
    await answerTo(issue);
    await world.forge.as('author').editIssue(world.repository.fullName, issue, { body: '## P\n- gate: none\n\n- [ ] One\n  - uses: noop\n' });
    await world.until('the plan stands there', () => world.comments(issue).some((body) => body.includes('mermaid')));
    await world.forge.as('author').addLabel(world.repository.fullName, issue, 'mission:queue');
    await world.until('the mission is over', () => world.repository.issue(issue).state === 'closed');
    expect(world.repository.issue(issue).body).toContain('[x] One');
  });

  it('from a stranger starts nothing: neither label nor command', async () => {
    const { forge, repository } = world;
    const author = forge.as('author');
    const issue = await author.openIssue(repository.fullName, { title: 'Mine', body: '## P\n- [ ] One\n  - uses: noop\n' });
    await expect(forge.as('stranger').addLabel(repository.fullName, issue.number, 'mission')).rejects.toThrow('403');
    await author.addLabel(repository.fullName, issue.number, 'mission');
    await answerTo(issue.number);
    const before = world.comments(issue.number).length;
    await forge.as('stranger').comment(repository.fullName, issue.number, '/cancel');
    await world.until('the stranger is answered', () => world.comments(issue.number).length > before + 1);
    expect(world.comments(issue.number).at(-1)).toContain('@stranger');
    expect(repository.issue(issue.number).state).toBe('open');
  });

  it('that only quotes or shows a command is no command', async () => {
    const { forge, repository } = world;
    const issue = await world.mission('Quotes', '## P\n- [ ] One\n  - uses: noop\n', { queue: false });
    await answerTo(issue);
    for (const body of ['> /cancel', '`/cancel`', '```\n/cancel\n```', '<!--\n/cancel\n-->', 'Please do not /cancel']) await forge.as('author').comment(repository.fullName, issue, body);
    await forge.as('author').comment(repository.fullName, issue, '/status');
    await world.until('the status is told', () => world.comments(issue).some((body) => body.includes('@author') && body.includes('Planned')));
    expect(repository.issue(issue).state).toBe('open');
  });

  it('in any language is kept as it was written', async () => {
    const title = 'שלום עולם';
    const issue = await world.mission('🚀 Émoji', `## Étape 🚀\n- gate: none\n\n- [ ] ${title}\n  - id: hello\n  - uses: noop\n- [ ] 日本語のタスク\n  - id: nihongo\n  - uses: noop\n`);
    await world.until('it is over', () => world.repository.issue(issue).state === 'closed');
    const body = world.repository.issue(issue).body ?? '';
    expect(body).toContain(title);
    expect(body).toContain('日本語のタスク');
    expect(body.match(/- \[x\]/g)).toHaveLength(2);
  });

  it('of 5,000 items is planned, shown within GitHub’s limits, and loses no item', async () => {
    const items = Array.from({ length: 5000 }, (_, index) => `- [ ] a${index}`).join('\n');
    const issue = await world.mission('Huge', `## P\n${items}\n`, { queue: false });
    await answerTo(issue);
    const body = world.repository.issue(issue).body ?? '';
    expect(body.length).toBeLessThanOrEqual(65_536);
    expect(body.match(/- \[ \] a\d+/g)).toHaveLength(5000);
  });

  it('from a fork’s pull request moves no mission, whatever its branch is called', async () => {
    const { forge, repository } = world;
    const issue = await world.mission('Guarded', '## Guarded\n\n- [ ] Write\n  - uses: file.write\n  - path: guarded.md\n\n  ```\n  text\n  ```\n');
    await world.untilCheck('gate/guarded', 'action_required');
    const fork = await forge.fork(repository.fullName, 'stranger');
    const stranger = forge.as('stranger');
    const trunk = `mission/${issue}/trunk`;
    await stranger.request('PUT', `/repos/${fork.fullName}/contents/evil.md`, { message: 'evil', content: 'eA==', branch: 'main' });
    const { object } = await stranger.request<{ object: { sha: string } }>('GET', `/repos/${fork.fullName}/git/ref/heads/main`);
    await stranger.request('POST', `/repos/${fork.fullName}/git/refs`, { ref: `refs/heads/${trunk}-evil`, sha: object.sha });
    const pull = await stranger.openPull(repository.fullName, { title: 'Closes it', head: `stranger:${trunk}-evil`, base: 'main', body: `<!-- mg:mission r${repository.id}-i${issue} -->` });
    await forge.as('reviewer').review(repository.fullName, pull.number, { event: 'APPROVE' });
    await stranger.comment(repository.fullName, pull.number, '/approve-gate guarded');
    await forge.as('author').comment(repository.fullName, issue, '/status');
    await world.until('what came after was decided', () => world.comments(issue).some((body) => body.includes('@author') && body.includes('gate/guarded')));
    expect(world.check('gate/guarded')?.conclusion).toBe('action_required');
  });

  it('that holds secrets leaves them nowhere', async () => {
    const { repository } = world;
    const token = `ghp_${'aB3'.repeat(12)}`;
    await world.forge.as('author').request('PUT', `/repos/${repository.fullName}/contents/leak.js`, { message: 'a leaky program', content: Buffer.from(`console.log('${token}', Buffer.from('${token}').toString('base64'));\n`).toString('base64'), branch: 'main' });
    const issue = await world.mission('Leak', '## Leaks\n\n- [ ] Change\n  - id: change\n  - uses: file.write\n  - path: leak.md\n\n  ```\n  text\n  ```\n- [ ] Leak\n  - id: leak\n  - needs: change\n  - run: node leak.js\n');
    await world.untilCheck('gate/leaks', 'action_required');
    const shown = JSON.stringify([world.comments(issue), repository.checkRuns().map((run) => [run.title, run.summary, run.text])]);
    expect(shown).toContain('[redacted]');
    expect(shown).not.toContain(token);
    expect(world.processes[0]?.output()).not.toContain(token);
  });
});
