import { until } from '../support/product-world.ts';
import type { ProductWorld } from '../support/product-world.ts';
import { slugFiles } from '../scenarios/conversation.ts';

/** Several deaths may fall into one wait of a person. */
const patienceMs = 150_000;

/** More than GitHub takes in one call, so that annotations come in batches. */
export const findings = 60;

/** What a linter would have written; warnings keep no gate shut. */
function lintReport(): string {
  const results = Array.from({ length: findings }, (_, index) => ({ ruleId: 'style', level: 'warning', message: { text: `finding ${index + 1}` }, locations: [{ physicalLocation: { artifactLocation: { uri: 'src/slug.js' }, region: { startLine: index + 1 } } }] }));
  return JSON.stringify({ version: '2.1.0', runs: [{ tool: { driver: { name: 'lint', rules: [{ id: 'style' }] } }, results }] });
}

export const repositoryFiles = {
  ...slugFiles,
  'check-greeting.js': "import { existsSync } from 'node:fs';\nprocess.exit(existsSync('greeting.txt') ? 0 : 1);\n",
  // Fails once for each marker, which lies outside of the repository.
  'fail-once.js': "import { existsSync, writeFileSync } from 'node:fs';\nconst [, , marker] = process.argv;\nif (existsSync(marker)) process.exit(0);\nwriteFileSync(marker, '');\nprocess.exit(1);\n",
  'reports/lint.sarif': lintReport(),
};

/**
 * The missions of the crash matrix, played by people who wait for what they see. Together they make every kind of write to
 * GitHub and pass every durable call: files, a failing and retried task, two phases with gates, an approval by comment,
 * button and review, people assigned and taken off, refused commands, a pull request that is merged and one that becomes a draft again, a refused
 * definition, a cancelled mission, a waiver with its follow-up issue, findings in batches of annotations. All four run at the same time; when
 * they are over, the reviewed pull request goes through the merge queue. `onStep` is called whenever a person has seen what they waited for.
 * Resolves with the issues' numbers.
 */
export async function playMissions(world: ProductWorld, onStep: () => void = () => undefined): Promise<readonly number[]> {
  const { issues, play } = await openMissions(world, onStep);
  const [ship = 0, cancel = 0, draft = 0, refused = 0] = issues;
  await Promise.all([play(ship).ship(), play(cancel).cancel(), play(draft).draft(), play(refused).refused()]);
  // Whatever moves the default branch makes groups of the queue anew: nothing else does by now.
  await play(draft).queue();
  return issues;
}

/** Only the mission that is approved by review; the others stay what they are, issues. */
export async function playOneMission(world: ProductWorld, onStep: () => void): Promise<readonly number[]> {
  const { issues, play } = await openMissions(world, onStep);
  await play(issues[2] ?? 0).draft();
  return issues.slice(2, 3);
}

async function openMissions(world: ProductWorld, onStep: () => void): Promise<{ readonly issues: readonly number[]; readonly play: (issue: number) => Play }> {
  // GitHub asks for a pause once.
  world.forge.addFault({ match: { method: 'POST', path: '/check-runs$' }, times: 1, effect: { status: 403, headers: { 'retry-after': '1' }, body: { message: 'You have exceeded a secondary rate limit.' } } });
  world.forge.setRole(world.repository.fullName, 'reviewer', 'maintain');
  const author = world.forge.as('author');
  const issues: number[] = [];
  // Opened first, so that their numbers do not depend on what the product does meanwhile.
  for (const { title, body } of missions(world)) issues.push((await author.openIssue(world.repository.fullName, { title, body })).number);
  await author.openIssue(world.repository.fullName, { title: 'A question', body: 'Is this a mission?' });
  return { issues, play: (issue) => new Play(world, issue, onStep) };
}

function missions(world: ProductWorld): readonly { readonly title: string; readonly body: string }[] {
  const write = (id: string, path: string, text: string) => `- [ ] Write ${path}\n  - id: ${id}\n  - uses: file.write\n  - path: ${path}\n\n  \`\`\`js\n  ${text}\n  \`\`\`\n`;
  const slug = "export const slug = (title) => title.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');";
  return [
    {
      title: 'Readable addresses',
      body: `Titles should become readable addresses.\n\n- merge: squash\n\n## Build\n- gate: 1 approval\n\n${write('slug', 'src/slug.js', slug)}- [ ] Try it\n  - id: try\n  - needs: slug\n  - retry: 1\n  - run: node fail-once.js ${world.folder}/tried\n\n## Ship\n- guard: run node --test\n\n${write('note', 'CHANGES.md', '- readable addresses')}`,
    },
    {
      title: 'Not wanted',
      body: [
        '```yaml mission', 'version: 1', 'name: Not wanted', 'phases:', '  - id: build', '    tasks:', '      - { id: unwanted, uses: file.write, with: { path: unwanted.md, content: unwanted } }',
        '    guards:', '      - { id: lint, uses: sarif, with: { path: reports/*.sarif } }', '      - { id: greeting, uses: command, with: { run: [node, check-greeting.js] } }', '```', '',
      ].join('\n'),
    },
    { title: 'Reviewed', body: `## Build\n\n${write('reviewed', 'reviewed.md', 'reviewed')}` },
    { title: 'Badly defined', body: '## Build\n- gate: none\n\n- [ ] Look\n  - id: look\n  - needs: nowhere\n  - run: node check-greeting.js\n' },
  ];
}

/** One mission, as its people see it. */
class Play {
  readonly #world: ProductWorld;
  readonly #issue: number;

  readonly #onStep: () => void;

  constructor(world: ProductWorld, issue: number, onStep: () => void) {
    this.#world = world;
    this.#issue = issue;
    this.#onStep = onStep;
  }

  async ship(): Promise<void> {
    await this.#start();
    await this.#check('gate/build', 'action_required');
    await this.#until('there is a pull request', () => this.#pull() !== undefined);
    await this.#say('author', '/assign @reviewer');
    await this.#until('the reviewer is asked', () => this.#record.assignees.length === 1 && this.#pull()?.pull.requestedReviewers.length === 1);
    await this.#say('author', '/unassign @reviewer');
    await this.#until('nobody is asked any more', () => this.#record.assignees.length === 0 && this.#pull()?.pull.requestedReviewers.length === 0);
    await this.#say('author', '/assign');
    await this.#until('the author is assigned', () => this.#record.assignees.length === 1);
    await this.#say('stranger', '/approve-gate build');
    await this.#heard(/@stranger/);
    await this.#say('reviewer', 'Good.\n\n/approve-gate build');
    await this.#check('gate/build', 'success');
    const gate = await this.#check('gate/ship', 'action_required');
    await this.#as('reviewer').pressButton(this.#repository, gate, 'approve');
    await this.#until('it is merged', () => this.#pull()?.pull.mergedAt !== null);
    await this.#until('the issue is closed', () => this.#record.state === 'closed');
    await this.#heard(/Mission complete/);
    await this.#check('missiongate', 'success');
  }

  async cancel(): Promise<void> {
    await this.#start();
    const gate = await this.#check('gate/build', 'failure');
    await this.#until('the findings are shown', () => this.#world.repository.checkRuns().find(({ id }) => id === gate)?.annotations.length === findings);
    await this.#say('author', '/waive build guard/greeting until=7d reason="nobody is greeted" control="we look ourselves"');
    await this.#heard(/is to be waived until/);
    await this.#say('reviewer', '/approve-waiver build guard/greeting');
    await this.#check('gate/build', 'action_required');
    await this.#until('the waiver is followed up', () => this.#followUp()?.state === 'open');
    await this.#until('there is a pull request', () => this.#pull() !== undefined);
    await this.#say('author', '/cancel we changed our minds');
    await this.#until('the issue is closed', () => this.#record.state === 'closed');
    await this.#check('gate/build', 'cancelled');
    await this.#check('missiongate', 'cancelled');
    await this.#heard(/cancelled/i);
    await this.#until('the follow-up is closed', () => this.#followUp()?.state === 'closed');
  }

  async draft(): Promise<void> {
    await this.#start();
    await this.#check('gate/build', 'action_required');
    await this.#until('there is a pull request', () => this.#pull() !== undefined);
    await this.#approvingReview();
    await this.#until('the pull request is ready', () => this.#pull()?.pull.draft === false);
    await this.#as('author').request('PUT', `/repos/${this.#repository}/contents/more.md`, { message: 'Say more', content: Buffer.from('more\n').toString('base64'), branch: `mission/${this.#issue}/trunk` });
    await this.#until('the pull request is a draft again', () => this.#pull()?.pull.draft === true);
    await this.#check('gate/build', 'action_required');
    await this.#approvingReview();
    await this.#until('the pull request is ready again', () => this.#pull()?.pull.draft === false);
    await this.#heard(/Mission complete/);
  }

  async queue(): Promise<void> {
    const protection = { required_status_checks: { strict: false, contexts: [], checks: [{ context: 'missiongate' }] }, enforce_admins: true, required_pull_request_reviews: null, restrictions: null };
    await this.#as('author').request('PUT', `/repos/${this.#repository}/branches/main/protection`, protection);
    await this.#world.forge.enqueue(this.#repository, this.#pull()?.issue.number ?? 0, 'author');
    await this.#until('the merge queue has merged it', () => this.#pull()?.pull.mergedAt !== null);
    await this.#until('the issue is closed', () => this.#record.state === 'closed');
  }

  async refused(): Promise<void> {
    const author = this.#as('author');
    await author.addLabel(this.#repository, this.#issue, 'mission');
    await this.#heard(/nowhere/);
    await author.editIssue(this.#repository, this.#issue, { body: (this.#record.body ?? '').replace('  - needs: nowhere\n', '') });
    await this.#heard(/mermaid/);
    await author.addLabel(this.#repository, this.#issue, 'mission:queue');
    await this.#heard(/Mission failed/);
    const { commit } = await author.request<{ commit: { sha: string } }>('PUT', `/repos/${this.#repository}/contents/greeting.txt`, { message: 'Greet', content: Buffer.from('hello\n').toString('base64'), branch: `mission/${this.#issue}/trunk` });
    await this.#until('the mission has noticed the push', () => this.#world.repository.checkRuns(commit.sha).some((run) => run.name === 'missiongate'));
    await this.#say('author', '/retry look');
    await this.#heard(/Mission complete/);
    await this.#heard(/Solved: `task\/look`/);
  }

  async #start(): Promise<void> {
    await this.#as('author').addLabel(this.#repository, this.#issue, 'mission');
    await this.#heard(/mermaid/);
    await this.#as('author').addLabel(this.#repository, this.#issue, 'mission:queue');
  }

  #followUp() {
    return this.#world.repository.issues().find(({ title }) => title.startsWith('Waived') && title.endsWith(`of #${this.#issue}`));
  }

  async #approvingReview(): Promise<void> {
    await this.#as('reviewer').review(this.#repository, this.#pull()?.issue.number ?? 0, { event: 'APPROVE', body: 'Fine.' });
  }

  /** Waits for the newest check of a name on this mission; returns its id. */
  async #check(name: string, conclusion: string): Promise<number> {
    const newest = () => this.#world.repository.checkRuns().findLast((run) => run.name === name && run.externalId.includes(`-i${this.#issue}:`));
    await this.#until(`${name} is ${conclusion}`, () => newest()?.conclusion === conclusion);
    return newest()?.id ?? 0;
  }

  async #say(login: string, text: string): Promise<void> {
    await this.#as(login).comment(this.#repository, this.#issue, text);
  }

  async #heard(words: RegExp): Promise<void> {
    await this.#until(`the bot says ${words}`, () => this.#world.comments(this.#issue).some((body) => body.includes('mg:o') && words.test(body)));
  }

  async #until(what: string, condition: () => boolean): Promise<void> {
    await until(`${what} (issue #${this.#issue})`, condition, () => this.#world.lastWords(), patienceMs);
    this.#onStep();
  }

  #as(login: string) {
    return this.#world.forge.as(login);
  }

  get #repository(): string {
    return this.#world.repository.fullName;
  }

  get #record() {
    return this.#world.repository.issue(this.#issue);
  }

  #pull() {
    return this.#world.repository.pulls().find(({ pull }) => pull.headRef === `mission/${this.#issue}/trunk`);
  }
}
