import type { Octokit } from '@octokit/rest';

import { githubBreaker } from '../../../src/github/github-breaker.ts';
import { systemClock } from '../../../src/kit/system-clock.ts';
import { createOctokit } from '../../../src/github/client.ts';
import { createAppCredentials } from '../../../src/github/credentials.ts';
import { createRepositoryHost } from '../../../src/github/repository-host.ts';
import type { MappedSignal, WebhookEvent } from '../../../src/github/webhooks/mapping.ts';
import { signalsOf } from '../../../src/github/webhooks/signals-of.ts';
import { gitHubWorld, jumpClock } from '../../github/support/github-world.ts';
import type { GitHubWorld } from '../../github/support/github-world.ts';
import { finish, StillClock } from '../../support/forge-world.ts';
import type { Checkout } from '../../support/forge-world.ts';
import { fetchForOctokit } from './fetch-for-octokit.ts';
import type { RequestHook } from './fetch-for-octokit.ts';
import { SimulatedGitHub } from './simulated-github.ts';
import type { WorkerCommit } from './simulated-github.ts';

/** What the people of a scripted mission do, at either GitHub. */
export interface Actor {
  label(issue: number, name: string): Promise<unknown> | void;
  unlabel(issue: number, name: string): Promise<unknown> | void;
  comment(issue: number, body: string): Promise<unknown> | number;
  editComment(id: number, body: string): Promise<unknown> | void;
  editIssue(issue: number, changes: { title?: string; body?: string }): Promise<unknown> | void;
  closeIssue(issue: number): Promise<unknown> | void;
  reopenIssue(issue: number): Promise<unknown> | void;
  review(pull: number, verdict: 'approve' | 'request-changes', body: string): Promise<unknown> | number;
  mergePull(pull: number): Promise<unknown>;
  closePull(pull: number): Promise<unknown> | void;
  press(run: number, identifier: string): Promise<unknown> | void;
  rerun(run: number): Promise<unknown> | void;
  push(branch: string, files: Readonly<Record<string, string>>): Promise<unknown>;
  deleteBranch(branch: string): Promise<unknown> | void;
}

/** A GitHub with what a mission needs to run on it: one of two that must behave alike. */
export interface Stage {
  /** For `MissionOnForge`. */
  readonly world: GitHubWorld;
  actor(login: string): Actor;
  /** A client with any credentials. */
  octokit(authorization: string): Octokit;
  /** The webhooks since the last time, as the product takes them. */
  heard(): Promise<readonly Heard[]>;
  setRole(login: string, role: 'none' | 'triage' | 'write' | 'maintain'): void;
  finish(): Promise<void>;
}

export interface Heard extends WebhookEvent {
  readonly action: string | null;
  readonly sender: string;
  readonly means: readonly MappedSignal[];
}

const files = { 'README.md': '# Project\n', 'docs/plan.md': 'plan\n' };
/** Suites that a push opens and that end by themselves are left out by the simulated GitHub: the product does not look at them. */
const untold = new Set(['check_suite requested', 'check_suite completed']);

export async function forgeStage(invalidRequests: 'forbidden' | 'refused' = 'forbidden'): Promise<Stage> {
  const world = await gitHubWorld({ files, invalidRequests });
  const { forge, ourBot } = world;
  const byHand = await world.checkout();
  // Workers push with the App's token.
  const byWorker = await world.clone(await world.installationToken());
  world.checkout = () => Promise.resolve(byWorker);
  let taken = 0;
  return {
    world,
    octokit: (authorization) => octokitFor(forge.apiUrl, undefined, authorization),
    actor(login) {
      const person = forge.as(login);
      const at = 'author/project';
      return {
        label: (issue, name) => person.addLabel(at, issue, name),
        unlabel: (issue, name) => person.removeLabel(at, issue, name),
        comment: (issue, body) => person.comment(at, issue, body),
        editComment: (id, body) => person.editComment(at, id, body),
        editIssue: (issue, changes) => person.editIssue(at, issue, changes),
        closeIssue: (issue) => person.editIssue(at, issue, { state: 'closed' }),
        reopenIssue: (issue) => person.editIssue(at, issue, { state: 'open' }),
        review: (pull, verdict, body) => person.review(at, pull, { event: verdict === 'approve' ? 'APPROVE' : 'REQUEST_CHANGES', body }),
        mergePull: (pull) => person.merge(at, pull),
        closePull: (pull) => person.request('PATCH', `/repos/${at}/pulls/${pull}`, { state: 'closed' }),
        press: (run, identifier) => person.pressButton(at, run, identifier),
        rerun: (run) => person.rerequest(at, run),
        async push(branch, changes) {
          await byHand.git('fetch', '--quiet', 'origin');
          await byHand.git('checkout', '--quiet', '-B', 'mine', `origin/${branch}`);
          await byHand.commit('by hand', changes);
          await byHand.git('push', '--quiet', 'origin', `HEAD:refs/heads/${branch}`);
        },
        deleteBranch: (branch) => person.request('DELETE', `/repos/${at}/git/refs/heads/${branch}`),
      };
    },
    async heard() {
      await forge.idle();
      const fresh = forge.deliveries().slice(taken);
      taken = forge.deliveries().length;
      const events = fresh.filter((delivery) => delivery.installationId !== null && !untold.has(`${delivery.event} ${delivery.action ?? ''}`) && !['create', 'delete', 'label', 'installation'].includes(delivery.event));
      return events.map(({ guid, event, action, payload }) => heard({ id: guid, name: event, payload }, action, (payload['sender'] as { login: string }).login, ourBot));
    },
    setRole: (login, role) => forge.setRole('author/project', login, role),
    finish: () => finish(world),
  };
}

function heard(event: WebhookEvent, action: string | null, sender: string, ourBot: GitHubWorld['ourBot']): Heard {
  return { ...event, action, sender, means: signalsOf(event, { ourBot }) };
}

export interface SimulatedStage extends Stage {
  readonly gitHub: SimulatedGitHub;
}

export function simulatedStage(hook?: RequestHook): SimulatedStage {
  const clock = new StillClock();
  const gitHub = new SimulatedGitHub({ now: () => clock.now(), files, slug: 'gatekeeper' });
  const { app, repository } = gitHub;
  const jump = jumpClock(clock);
  const fetch = fetchForOctokit(gitHub, hook);
  const credentials = createAppCredentials({ appId: app.appId, privateKey: app.privateKey, apiUrl: gitHub.apiUrl, clock: jump, fetch, limits: { writeSpacingMs: 0, contentPerMinute: 10_000, contentPerHour: 10_000 } });
  const host = createRepositoryHost({ credentials, botLogin: app.botLogin });
  const ourBot = { login: app.botLogin, appId: app.appId };
  // As much of the forge's world as a mission on it looks at.
  const world = {
    clock,
    jump,
    credentials,
    host,
    ourBot,
    app: { botLogin: app.botLogin },
    installationId: app.installationId,
    forge: { as: (login: string) => ({ openIssue: async (_: string, issue: { title: string; body?: string; labels?: string[] }) => ({ number: gitHub.asPerson(login).openIssue(issue.title, issue.body, issue.labels) }) }) },
    repository: {
      id: repository.id,
      defaultBranch: 'main',
      issue: (number: number) => ({ ...gitHub.issue(number), labels: gitHub.issue(number).labels.map((name) => ({ name })) }),
      comments: (number: number) => gitHub.comments(number).map(({ by, body, reactions }) => ({ user: { login: by }, body, reactions: reactions.map((content) => ({ content })) })),
      checkRuns: () => gitHub.checkRuns(),
      pulls: () => gitHub.pulls().map((pull) => ({ issue: pull, pull: { headRef: pull.headRef, draft: pull.draft, mergedAt: pull.merged ? 1 : null } })),
    },
    checkout: async () => checkoutOf(gitHub),
  } as unknown as GitHubWorld;
  return {
    gitHub,
    world,
    octokit: (authorization) => octokitFor(gitHub.apiUrl, fetch, authorization),
    actor: (login) => {
      const person = gitHub.asPerson(login);
      return {
        label: (...given) => person.label(...given),
        unlabel: (...given) => person.unlabel(...given),
        comment: (...given) => person.comment(...given),
        editComment: (...given) => person.editComment(...given),
        editIssue: (...given) => person.editIssue(...given),
        closeIssue: (issue) => person.closeIssue(issue),
        reopenIssue: (issue) => person.reopenIssue(issue),
        review: (...given) => person.review(...given),
        mergePull: async (pull) => person.mergePull(pull),
        closePull: (pull) => person.closePull(pull),
        press: (...given) => person.press(...given),
        rerun: (run) => person.rerun(run),
        push: async (branch, changes) => person.push(branch, changes, 'by hand'),
        deleteBranch: (branch) => person.deleteBranch(branch),
      };
    },
    heard: async () => gitHub.takeDeliveries().map(({ id, name, payload, action, sender }) => heard({ id, name, payload }, action, sender, ourBot)),
    setRole: (login, role) => gitHub.setRole(login, role),
    finish: async () => undefined,
  };
}

/** The few git commands by which `MissionOnForge` makes the tasks' commits. */
function checkoutOf(gitHub: SimulatedGitHub): Checkout {
  const author = { name: 'author', email: '1001+author@users.noreply.github.com' };
  let [head, parent] = ['', ''];
  let made: WorkerCommit = { parent, files: {} };
  return {
    folder: '',
    async git(command, ...args) {
      const last = args.at(-1) ?? '';
      if (command === 'checkout') parent = head = gitHub.head(last.replace('origin/', '')) ?? last;
      // Amended to be the bot's; by its committer it remains the author's too.
      if (command === 'commit') head = gitHub.commit({ ...made, committer: author });
      if (command === 'push') gitHub.push(last.replace('HEAD:refs/heads/', ''), head);
      return command === 'rev-parse' ? head : '';
    },
    async commit(message, changes) {
      made = { parent, files: changes, message };
      head = gitHub.commit({ ...made, author });
      return head;
    },
  };
}

function octokitFor(apiUrl: string, fetch: typeof globalThis.fetch | undefined, authorization: string): ReturnType<typeof createOctokit> {
  return createOctokit({ apiUrl, fetch, breaker: githubBreaker({ apiUrl, clock: systemClock }), authorization: async () => authorization });
}
