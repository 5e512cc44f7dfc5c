import { generateKeyPairSync } from 'node:crypto';

import { gitHubTime } from '../../../src/forge/model/github-time.ts';
import { Problem } from '../../../src/forge/rest/problem.ts';
import { appEvents, appPermissions } from '../../../src/github/app-manifest.ts';
import { changed, CommitGraph } from './commit-graph.ts';
import type { Signer } from './commit-graph.ts';
import type { Account, Attempt, CheckRun, CheckSuite, Comment, Delivery, Issue, Label, PullIssue, RefActivity, Role, Shape } from './records.ts';
import { appShape, labelShape, repositoryShape, userShape } from './shapes.ts';

export interface WorldOptions {
  /** Milliseconds; the only clock there is. */
  readonly now: () => number;
  /** Roles by login; the owner `author` has one anyway. */
  readonly people?: Readonly<Record<string, Role>>;
  /** What the first commit of `main` holds. */
  readonly files?: Readonly<Record<string, string>>;
  readonly isPrivate?: boolean;
  /** False where pull requests cannot be drafts, as in private repositories on GitHub's free plan. */
  readonly drafts?: boolean;
  /** The App's name in addresses; `missiongate` by default. */
  readonly slug?: string;
}

export interface Token {
  readonly until: number;
  readonly permissions: Readonly<Record<string, string>>;
}

/** Small, for speed; nobody verifies what it signs. One for all worlds of a process. */
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 512, privateKeyEncoding: { type: 'pkcs8', format: 'pem' }, publicKeyEncoding: { type: 'spki', format: 'pem' } });
const zero = '0'.repeat(40);
const firstAttempt = 7_000_000_001;

/** Everything on one GitHub with one repository in which the App is installed, and what has happened there. */
export class World {
  readonly now: () => number;
  readonly drafts: boolean;
  readonly graph = new CommitGraph();
  readonly branches = new Map<string, string>();
  /** Messages of tags, by name. */
  readonly tags = new Map<string, string>();
  /** By hash: they stay, whether or not a ref stands for them. */
  readonly tagObjects = new Map<string, { readonly message: string; readonly object: string }>();
  readonly accounts = new Map<string, Account>();
  readonly roles = new Map<string, Role>();
  readonly issues = new Map<number, Issue>();
  readonly comments = new Map<number, Comment>();
  readonly checkRuns = new Map<number, CheckRun>();
  readonly suites = new Map<string, CheckSuite>();
  readonly tokens = new Map<string, Token>();
  readonly deliveries: Delivery[] = [];
  /** Every try to hand a webhook over that the simulator told of, in their order. */
  readonly attempts: Attempt[] = [];
  /** Asked for again, and not fetched yet. */
  redeliveries: Delivery[] = [];
  readonly activity: RefActivity[] = [];
  readonly began: number;
  readonly events = appEvents;
  /** What the App may do; people can take a permission away. */
  readonly permissions = new Map<string, string>(Object.entries(appPermissions));
  readonly bot: Account;
  readonly app: { readonly id: number; readonly slug: string; readonly installationId: number; readonly privateKey: string; readonly shape: Shape };
  readonly repository: { readonly id: number; readonly owner: Account; readonly name: string; readonly defaultBranch: string; readonly isPrivate: boolean; readonly shape: Shape; readonly pushShape: Shape };
  readonly #tried = new Set<Delivery>();
  readonly #labels = new Map<string, Label>();
  readonly #installation: Shape;
  #lastId = 0;
  #lastEventId = 2_400_000_000;

  constructor(options: WorldOptions) {
    this.now = options.now;
    this.drafts = options.drafts ?? true;
    const at = this.now();
    this.began = at;
    const owner = this.#account('author', 'User');
    const slug = options.slug ?? 'missiongate';
    this.bot = this.#account(`${slug}[bot]`, 'Bot');
    for (const [login, role] of Object.entries(options.people ?? { reviewer: 'write', stranger: 'read' } as const)) this.setRole(login, role);
    this.roles.set('author', 'admin');
    this.app = { id: 20_001, slug, installationId: 40_001, privateKey, shape: appShape({ id: 20_001, slug }, owner, appPermissions, appEvents, at) };
    this.#installation = { id: this.app.installationId, node_id: 'node' };
    const named = { id: 100_001, owner, name: 'project', defaultBranch: 'main', isPrivate: options.isPrivate ?? false };
    const shape = repositoryShape({ ...named, at });
    // The push event writes the owner and the times in an older form than every other event.
    const pushShape = { ...shape, owner: { name: owner.login, email: owner.email, ...owner.shape }, created_at: Math.floor(at / 1000), pushed_at: Math.floor(at / 1000), stargazers: 0, master_branch: 'main' };
    this.repository = { ...named, shape, pushShape };
    const files = changed(new Map(), options.files ?? { 'README.md': '# Project\n' });
    this.branches.set('main', this.graph.write({ parents: [], files, message: 'First', author: this.signerOf(owner), committer: this.signerOf(owner), at }, true).sha);
  }

  #account(login: string, type: 'User' | 'Bot'): Account {
    const id = 1001 + this.accounts.size;
    const account = { id, login, type, email: `${id}+${login}@users.noreply.github.com`, shape: userShape(id, login, type) };
    this.accounts.set(login.toLowerCase(), account);
    return account;
  }

  /** Ascending over everything, so that an id used in the wrong place finds nothing. */
  nextId(): number {
    this.#lastId += 1;
    return 1_000_000 + this.#lastId;
  }

  /** A sequence of their own. */
  nextEventId(): number {
    this.#lastEventId += 1;
    return this.#lastEventId;
  }

  account(login: string): Account {
    const account = this.accounts.get(login.toLowerCase());
    if (account === undefined) throw new Error(`nobody is called ${login} here; give them a role first`);
    return account;
  }

  setRole(login: string, role: Role): void {
    if (!this.accounts.has(login.toLowerCase())) this.#account(login, 'User');
    this.roles.set(login.toLowerCase(), role);
  }

  /** What a person may do; a public repository is everybody's to read. */
  role(account: Account): Role {
    const role = this.roles.get(account.login.toLowerCase()) ?? 'none';
    return role === 'none' && !this.repository.isPrivate ? 'read' : role;
  }

  signerOf(account: Account): Signer {
    return { name: account.login, email: account.email };
  }

  /** The account whose address it is. */
  signer({ email }: Signer): Account | null {
    const login = /^\d+\+(.+)@users\.noreply\.github\.com$/.exec(email)?.[1];
    return login === undefined ? null : (this.accounts.get(login.toLowerCase()) ?? null);
  }

  label(name: string): Label {
    const key = name.toLowerCase();
    const label = this.#labels.get(key) ?? { name, shape: labelShape(this.nextId(), name) };
    this.#labels.set(key, label);
    return label;
  }

  issue(number: number): Issue {
    const issue = this.issues.get(number);
    if (issue === undefined) throw new Problem(404, 'Not Found');
    return issue;
  }

  pull(number: number): PullIssue {
    const issue = this.issues.get(number);
    if (issue === undefined || !isPull(issue)) throw new Problem(404, 'Not Found');
    return issue;
  }

  pulls(): readonly PullIssue[] {
    return [...this.issues.values()].filter(isPull);
  }

  openPulls(): readonly PullIssue[] {
    return this.pulls().filter(({ state }) => state === 'open');
  }

  /** Notes a webhook. The payload is made now: it tells how things stood when it happened. */
  tell(name: string, action: string | null, sender: Account, content: Shape): void {
    const at = this.now();
    const id = `00000000-0000-4000-8000-${String(this.deliveries.length + 1).padStart(12, '0')}`;
    const around = { sender: sender.shape, installation: this.#installation, repository: this.repository.shape };
    const payload = action === null ? { ...around, ...content } : { action, ...around, ...content };
    this.deliveries.push({ id, name, action, sender: sender.login, at, payload });
  }

  /** Notes how a try to hand over a webhook ended. Returns the try's id. */
  noteAttempt(delivery: Delivery, statusCode: number): number {
    const id = firstAttempt + this.attempts.length;
    this.attempts.push({ id, delivery, at: this.now(), isRedelivery: this.#tried.has(delivery), statusCode });
    this.#tried.add(delivery);
    return id;
  }

  /** A token for the installation, or for the contents of its repository alone. */
  mint(permissions: Readonly<Record<string, string>> | null): { readonly token: string; readonly expiresAt: string } {
    const token = `ghs_simulated${this.nextId()}`;
    const until = this.now() + 3_600_000;
    this.tokens.set(token, { until, permissions: permissions ?? Object.fromEntries(this.permissions) });
    return { token, expiresAt: gitHubTime(until) };
  }
}

function isPull(issue: Issue): issue is PullIssue {
  return issue.pull !== null;
}

export { zero };
