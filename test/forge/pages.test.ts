import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { renderMarkdown, tameHtml, toggleTask } from '../../src/forge/pages/markdown.ts';
import { finish, forgeWorld } from '../support/forge-world.ts';
import type { ForgeWorld } from '../support/forge-world.ts';

const REPOSITORY = 'author/project';
const HOSTILE = `<script>alert(1)</script><img src=x onerror=alert(1)> "quoted" 'single' <a href="javascript:alert(1)">x</a>`;

/** A browser without JavaScript: keeps its cookie, reads forms' tokens from pages. */
class Browser {
  readonly #base: string;
  #cookie = '';
  #csrf = '';

  constructor(base: string) {
    this.#base = base;
  }

  async get(path: string): Promise<{ status: number; text: string; headers: Headers }> {
    const response = await fetch(this.#base + path, { headers: this.#cookie === '' ? {} : { cookie: this.#cookie }, redirect: 'manual' });
    this.#cookie = response.headers.get('set-cookie')?.split(';')[0] ?? this.#cookie;
    const text = await response.text();
    this.#csrf = /name="csrf" value="([^"]+)"/.exec(text)?.[1] ?? this.#csrf;
    return { status: response.status, text, headers: response.headers };
  }

  /** Sends a form and follows where it leads. */
  async post(path: string, fields: Readonly<Record<string, string>>, csrf = this.#csrf): Promise<{ status: number; text: string; to: string }> {
    const response = await fetch(this.#base + path, { method: 'POST', headers: { cookie: this.#cookie }, body: new URLSearchParams({ csrf, ...fields }), redirect: 'manual' });
    const to = response.headers.get('location') ?? '';
    if (response.status === 303 && to.startsWith('/')) return { status: response.status, to, text: (await this.get(to)).text };
    return { status: response.status, to, text: await response.text() };
  }

  async actAs(login: string): Promise<void> {
    await this.get('/');
    await this.post('/_forge/act-as', { login, back: '/' });
  }
}

describe('pages', () => {
  let world: ForgeWorld;
  let browser: Browser;
  beforeEach(async () => {
    world = await forgeWorld({ files: { 'README.md': '# Project\n\n| a | b |\n|---|---|\n| 1 | 2 |\n', 'src/evil.html': '<script>alert(1)</script>\n' } });
    browser = new Browser(world.forge.url);
    await browser.actAs('author');
  });
  afterEach(() => finish(world));

  async function pullFrom(branch: string): Promise<number> {
    const work = await world.clone(world.tokens.author);
    await work.git('checkout', '--quiet', '-b', branch);
    await work.commit(`Work <b>${branch}</b>`, { 'src/new.js': 'export const two = "<2>";\n' });
    await work.git('push', '--quiet', 'origin', branch);
    return (await world.forge.as('author').openPull(REPOSITORY, { title: 'New things', head: branch, base: 'main' })).number;
  }

  it('show a repository, its files, history and branches', async () => {
    expect((await browser.get('/')).text).toContain('href="/author/project"');
    const front = (await browser.get('/author/project')).text;
    expect(front).toContain('<td>1</td>');
    expect(front).toContain(`git clone ${world.forge.url}/author/project.git`);
    expect((await browser.get('/author/project/blob/main/src/evil.html')).text).toContain('&lt;script&gt;');
    const raw = await browser.get('/author/project/raw/main/src/evil.html');
    expect([raw.headers.get('content-type'), raw.headers.get('content-security-policy')]).toEqual(['text/plain; charset=utf-8', 'sandbox']);
    const sha = (await world.repository.commits())[0]?.sha ?? '';
    expect((await browser.get('/author/project/commits/main')).text).toContain('Initial commit');
    expect((await browser.get(`/author/project/commit/${sha}`)).text).toContain('src/evil.html');
    expect((await browser.get('/author/project/blob/main/none')).status).toBe(404);
    const app = await fetch(`${world.forge.url}/apps/gatekeeper`, { headers: { accept: 'text/html' } });
    expect(await app.text()).toContain('checks: write');
  });

  it('never let what people write become markup', async () => {
    const author = world.forge.as('author');
    const { number } = await author.openIssue(REPOSITORY, { title: HOSTILE, body: `${HOSTILE}\n\n[x](javascript:alert(1)) <!-- secret marker -->\n\n\`\`\`mermaid\ngraph TD; A-->B["<script>"]\n\`\`\`\n` });
    await author.comment(REPOSITORY, number, HOSTILE);
    await author.addLabel(REPOSITORY, number, '"><script>x');
    const { text, headers } = await browser.get(`/author/project/issues/${number}`);
    expect(text).not.toMatch(/<script|<img src=x|href="javascript|secret marker|"><script/i);
    expect(text).toContain('&lt;script&gt;');
    expect(text).toContain('Mermaid diagram, as text');
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    expect((await browser.get('/author/project/issues')).text).not.toContain('<script');
  });

  it('let the cast speak, label, close and reopen', async () => {
    const created = await browser.post('/author/project/issues', { title: 'A mission', body: 'Do it', labels: 'mission, bug' });
    expect(created.to).toBe('/author/project/issues/1');
    expect((await browser.post(`${created.to}/comment`, { body: '/approve-gate build\r\nplease' })).text).toContain('/approve-gate build');
    expect(world.repository.comments()[0]?.body).toBe('/approve-gate build\nplease');
    await browser.actAs('reviewer');
    expect((await browser.post(`${created.to}/labels`, { add: 'mission:queue' })).text).toContain('mission:queue');
    await browser.post(`${created.to}/labels`, { remove: 'bug' });
    await browser.post(`${created.to}/comment`, { body: 'Done', state: 'closed' });
    expect(world.repository.issue(1)).toMatchObject({ state: 'closed', labels: [{ name: 'mission' }, { name: 'mission:queue' }], closedBy: { login: 'reviewer' } });
    await browser.post(`${created.to}/comment`, { body: '', state: 'open' });
    expect(world.repository.issue(1).state).toBe('open');
    await browser.actAs('stranger');
    expect((await browser.post(`${created.to}/labels`, { add: 'mine' })).text).toContain('403 Must have triage access');
    await browser.actAs('');
    expect((await browser.post(`${created.to}/comment`, { body: 'Boo' })).text).toContain('You are nobody');
  });

  it('tick the box that was pressed, and only for those who may edit', async () => {
    const body = '## Build\n\n```\n- [ ] not a task\n```\n\n- [ ] One <!-- mg:task one -->\n- [x] Two\n  - [ ] Three\n';
    await world.forge.as('author').openIssue(REPOSITORY, { title: 'List', body });
    expect((await browser.get('/author/project/issues/1')).text.match(/class="box" form="ticks"/g)).toHaveLength(3);
    await browser.post('/author/project/issues/1/tick', { item: '2' });
    await browser.post('/author/project/issues/1/tick', { item: '1' });
    expect(world.repository.issue(1).body).toBe(body.replace('- [x] Two', '- [ ] Two').replace('- [ ] Three', '- [x] Three'));
    await browser.actAs('stranger');
    expect((await browser.get('/author/project/issues/1')).text).not.toContain('form="ticks"');
    expect((await browser.post('/author/project/issues/1/tick', { item: '0' })).text).toContain('403');
  });

  it('show a pull request with commits, files, checks, and let the reviewer approve and merge', async () => {
    const number = await pullFrom('feature/new');
    const head_sha = world.repository.pulls()[0]?.pull.headSha ?? '';
    await world.octokit('installation').rest.checks.create({ owner: 'author', repo: 'project', name: 'gate/build', head_sha, conclusion: 'success', output: { title: 'All <good>', summary: 'Fine' } });
    const page = `/author/project/pull/${number}`;
    expect((await browser.get(page)).text).toMatch(/gate\/build<\/a>[\s\S]*All &lt;good&gt;[\s\S]*This can be merged\./);
    expect((await browser.get(`${page}/files`)).text).toContain('+export const two = &quot;&lt;2&gt;&quot;;');
    expect((await browser.get(`${page}/commits`)).text).toContain('Work &lt;b&gt;');
    expect((await browser.get(`${page}.diff`)).text).toContain('+++ b/src/new.js');
    expect((await browser.get(`/author/project/issues/${number}`)).headers.get('location')).toBe(page);
    expect((await browser.post(`${page}/review`, { event: 'APPROVE', body: '' })).text).toContain('Can not approve your own pull request');
    await browser.actAs('reviewer');
    expect((await browser.post(`${page}/review`, { event: 'APPROVE', body: 'Good' })).text).toContain('approved these changes');
    expect((await browser.post(`${page}/merge`, { method: 'squash' })).text).toContain('merged');
    expect(world.repository.issue(number).pull?.mergedBy?.login).toBe('reviewer');
  });

  it('show a check with its output, and its buttons only when it is completed', async () => {
    const head_sha = (await world.repository.commits())[0]?.sha ?? '';
    const { checks } = world.octokit('installation').rest;
    const actions = [{ label: 'Approve gate', description: 'Open the gate', identifier: 'approve' }];
    const { data } = await checks.create({ owner: 'author', repo: 'project', name: 'gate/build', head_sha, status: 'in_progress', actions });
    const page = `/author/project/runs/${data.id}`;
    expect((await browser.get(page)).text).not.toContain('Approve gate');
    const annotations = [{ path: 'README.md', start_line: 1, end_line: 1, annotation_level: 'failure' as const, message: '<b>Bad</b>' }];
    await checks.update({ owner: 'author', repo: 'project', check_run_id: data.id, conclusion: 'action_required', output: { title: 'Waiting', summary: '**Who** can unblock', annotations }, actions });
    const { text } = await browser.get(page);
    expect(text).toMatch(/Approve gate[\s\S]*<strong>Who<\/strong>[\s\S]*README\.md:1[\s\S]*&lt;b&gt;Bad/);
    expect(data.html_url).toBe(world.forge.url + page);
    await browser.post(`${page}/actions`, { identifier: 'approve' });
    await browser.post(`${page}/rerequest`, {});
    await world.forge.idle();
    expect(world.forge.deliveries().filter((one) => one.event === 'check_run').map((one) => one.action)).toEqual(['created', 'completed', 'requested_action', 'rerequested']);
  });

  it('accept forms of their own session only, under their own name', async () => {
    await world.forge.as('author').openIssue(REPOSITORY, { title: 'Target' });
    expect((await browser.post('/author/project/issues/1/comment', { body: 'Forged' }, 'guess')).status).toBe(403);
    expect((await fetch(`${world.forge.url}/author/project/issues/1/comment`, { method: 'POST', body: new URLSearchParams({ body: 'Forged' }) })).status).toBe(403);
    expect(world.repository.comments()).toEqual([]);
    const { request } = await import('node:http');
    const status = await new Promise((resolve) => {
      request(world.forge.url, { headers: { host: 'evil.example:80' } }, (response) => {
        response.resume();
        resolve(response.statusCode);
      }).end();
    });
    expect(status).toBe(421);
  });

  it('hide private repositories from those who may not see them', async () => {
    await world.forge.createRepository({ owner: 'author', name: 'secret', private: true });
    expect((await browser.get('/author/secret')).status).toBe(200);
    await browser.actAs('stranger');
    expect([(await browser.get('/author/secret')).status, (await browser.get('/')).text.includes('secret')]).toEqual([404, false]);
  });

  it('register an App from a manifest after a person confirms, once', async () => {
    const manifest = JSON.stringify({
      name: 'Mission Gate',
      url: 'https://example.com/',
      hook_attributes: { url: 'http://127.0.0.1:9/hook' },
      redirect_url: 'http://127.0.0.1:9/probot/setup',
      default_permissions: { issues: 'write' },
      default_events: ['issues'],
    });
    const foreign = await fetch(`${world.forge.url}/settings/apps/new?state=s1`, { method: 'POST', body: new URLSearchParams({ manifest }) });
    expect(await foreign.text()).toContain('Register “Mission Gate”?');
    const confirmed = await browser.post('/settings/apps/create', { manifest, state: 's1' });
    const code = new URL(confirmed.to).searchParams.get('code') ?? '';
    expect(confirmed.to).toMatch(/^http:\/\/127\.0\.0\.1:9\/probot\/setup\?code=[0-9a-f]{40}&state=s1$/);
    const { rest } = world.octokit('nobody');
    const { data } = await rest.apps.createFromManifest({ code });
    expect(data).toMatchObject({ slug: 'mission-gate', webhook_secret: expect.stringMatching(/^[0-9a-f]{40}$/) as string, pem: expect.stringContaining('BEGIN RSA PRIVATE KEY') as string });
    expect((await world.octokit({ token: world.appJwt({ iss: data.id, key: data.pem }) }).rest.apps.getAuthenticated()).data?.slug).toBe('mission-gate');
    await expect(rest.apps.createFromManifest({ code })).rejects.toThrow('Not Found');
  });
});

describe('Markdown on pages', () => {
  it('keeps harmless tags without attributes and shows the rest as text', () => {
    expect(tameHtml('<details open onclick="x"><summary>S</summary></details><div>')).toBe('<details><summary>S</summary></details>&lt;div&gt;');
    expect(tameHtml('a<!-- b\n<script> -->c')).toBe('ac');
    expect(tameHtml('<sCrIpT>')).toBe('&lt;sCrIpT&gt;');
    expect(renderMarkdown('<!-- one\n\ntwo -->\n\ntext').text).toBe('<div class="markdown">\n<p>text</p></div>');
  });

  it('turns the n-th task box over and nothing else', () => {
    expect(toggleTask('- [ ] a\n- [X] b', 1)).toBe('- [ ] a\n- [ ] b');
    expect(toggleTask('1. [ ] a', 0)).toBe('1. [x] a');
    expect(toggleTask('no tasks', 0)).toBeNull();
  });
});
