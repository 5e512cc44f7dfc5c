import { randomBytes } from 'node:crypto';

import { readPolicy } from '../../../src/config/read-policy.ts';
import { decide } from '../../../src/core/mission/decide/decide.ts';
import type { Definition } from '../../../src/core/mission/definition.ts';
import type { AttemptEvidence, GuardReport, MissionEvent } from '../../../src/core/mission/event.ts';
import type { Signal } from '../../../src/core/mission/signal.ts';
import { missionIdOf } from '../../../src/core/mission/source.ts';
import type { MissionSource } from '../../../src/core/mission/source.ts';
import type { Mission, MissionState } from '../../../src/core/mission/state.ts';
import { effectsOf } from '../../../src/engine/effects.ts';
import type { EvidencePack } from '../../../src/core/evidence/pack.ts';
import { gatherFacts } from '../../../src/engine/facts.ts';
import { noticeTypes } from '../../../src/engine/ports/projector.ts';
import type { ObjectRecord, ProjectionOutcome } from '../../../src/engine/ports/projector.ts';
import type { RepositoryHost } from '../../../src/engine/ports/repository-host.ts';
import { createAppCredentials } from '../../../src/github/credentials.ts';
import type { AppCredentials } from '../../../src/github/credentials.ts';
import { intentsFrom } from '../../../src/github/checklist-intents.ts';
import { createProjector } from '../../../src/github/projector/projector.ts';
import { createRepositoryHost } from '../../../src/github/repository-host.ts';
import type { OurBot } from '../../../src/github/webhooks/mapping.ts';
import { sha256 } from '../../../src/kit/hash.ts';
import type { Clock } from '../../../src/kit/time.ts';
import { forgeWorld } from '../../support/forge-world.ts';
import type { Checkout, ForgeWorld, StillClock } from '../../support/forge-world.ts';

/** Time passes exactly when somebody waits for it. */
export function jumpClock(clock: StillClock): Clock {
  return {
    now: () => clock.now(),
    async sleep(ms) {
      clock.advance(ms);
    },
  };
}

/** What goes wrong with the next writes: the n-th one (1-based) is cut off before it arrives, or after it was done. */
export interface Cut {
  readonly at: number;
  readonly moment: 'before' | 'after' | 'answer-502';
}

/** Counts writes of the App and cuts one off. Token requests are no writes. */
export class FlakyFetch {
  writes: string[] = [];
  cut: Cut | null = null;
  /** Writes that GitHub answers with 422. */
  refuse: ((method: string, body: string) => boolean) | null = null;

  readonly fetch: typeof globalThis.fetch = async (input, init) => {
    const url = String(input instanceof Request ? input.url : input);
    const method = init?.method ?? 'GET';
    if (method === 'GET' || url.includes('/access_tokens')) return globalThis.fetch(input, init);
    this.writes.push(`${method} ${new URL(url).pathname.replace(/^\/api\/v3/, '')}`);
    if (this.refuse?.(method, typeof init?.body === 'string' ? init.body : '') === true) return Response.json({ message: 'Invalid request.' }, { status: 422 });
    const { cut } = this;
    if (cut === null || cut.at !== this.writes.length) return globalThis.fetch(input, init);
    if (cut.moment !== 'before') {
      const response = await globalThis.fetch(input, init);
      await response.arrayBuffer();
    }
    if (cut.moment === 'answer-502') return Response.json({ message: 'Bad Gateway' }, { status: 502 });
    throw Object.assign(new TypeError('fetch failed'), { cause: Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' }) });
  };
}

export interface GitHubWorld extends ForgeWorld {
  readonly flaky: FlakyFetch;
  readonly credentials: AppCredentials;
  readonly host: RepositoryHost;
  readonly ourBot: OurBot;
  readonly jump: Clock;
  checkout(): Promise<Checkout>;
}

export async function gitHubWorld(options: Parameters<typeof forgeWorld>[0] = {}): Promise<GitHubWorld> {
  const world = await forgeWorld({ invalidRequests: 'forbidden', ...options });
  const flaky = new FlakyFetch();
  const jump = jumpClock(world.clock);
  const credentials = createAppCredentials({ appId: world.app.appId, privateKey: world.app.privateKey, apiUrl: world.forge.apiUrl, clock: jump, fetch: flaky.fetch, limits: { writeSpacingMs: 0, contentPerMinute: 10_000, contentPerHour: 10_000 } });
  const host = createRepositoryHost({ credentials, botLogin: world.app.botLogin, webUrl: world.forge.url });
  let clone: Promise<Checkout> | null = null;
  return Object.assign(world, {
    flaky,
    credentials,
    host,
    jump,
    ourBot: { login: world.app.botLogin, appId: world.app.appId },
    checkout() {
      clone ??= world.clone(world.tokens.author);
      return clone;
    },
  });
}

export const evidence = (summary: string, more: Partial<AttemptEvidence> = {}): AttemptEvidence => ({ summary, artifacts: [], diff: { files: 1, additions: 1, deletions: 0 }, durationMs: 1234, producer: 'command 1.0', ...more });

/**
 * One mission on the forge: the real deciding core, the real host and projector over HTTP; inbox, ledger and records in
 * memory, workers that commit one file per task.
 */
export class MissionOnForge {
  readonly records = new Map<string, ObjectRecord>();
  readonly world: GitHubWorld;
  readonly definition: Definition;
  readonly source: MissionSource;
  readonly missionId: string;
  state: MissionState | null = null;
  notices: MissionEvent[] = [];
  readonly artifacts = new Map<string, string>();
  readonly packs = new Map<string, EvidencePack>();
  reports: readonly GuardReport[] = [];
  /** Where the tasks stand in the issue's body, when it is a checklist. */
  items: readonly { taskId: string; line: number; checked: boolean }[] | null = null;
  /** What the projector's process dies of. */
  /** Called around every record that is put; a throw is the death of the process. */
  onRecord: (moment: 'before' | 'after', record: ObjectRecord) => void = () => undefined;
  ours = true;
  /** What pull requests of no mission have on the trunk's commit. */
  outside: readonly ObjectRecord[] = [];
  redact = (text: string): string => text;
  todo: { kind: string; subject: string; attempt: number }[] = [];
  writes = 0;
  #meanings = new Set<string>();
  #count = 0;

  static async open(world: GitHubWorld, definition: Definition, issue: { title?: string; body?: string; labels?: string[] } = {}): Promise<MissionOnForge> {
    const labels = issue.labels ?? ['mission'];
    const opened = await world.forge.as('author').openIssue('author/project', { title: issue.title ?? definition.name, body: issue.body ?? '', labels });
    return new MissionOnForge(world, definition, opened.number, issue.title ?? definition.name);
  }

  constructor(world: GitHubWorld, definition: Definition, number: number, title: string) {
    this.world = world;
    this.definition = definition;
    this.source = {
      installationId: world.installationId,
      repository: { id: world.repository.id, owner: 'author', name: 'project', defaultBranch: world.repository.defaultBranch },
      issue: { number, title, author: { kind: 'person', login: 'author' } },
    };
    this.missionId = missionIdOf(world.repository.id, number);
  }

  get mission(): Mission {
    if (this.state === null || !('tasks' in this.state)) throw new Error('there is no mission');
    return this.state;
  }

  get number(): number {
    return this.source.issue.number;
  }

  async send(signal: Signal, meaning = `test:${(this.#count += 1)}`): Promise<void> {
    if (this.#meanings.has(meaning)) return;
    this.#meanings.add(meaning);
    const sources = {
      host: this.world.host,
      reader: {
        readIssue: async () => ({ ok: true, definition: this.definition, definedIn: `issue #${this.number}`, items: this.items }) as const,
        intents: intentsFrom,
        readPolicy,
      },
      mission: async (missionId: string) => (missionId === this.missionId ? this.state : null),
      missionsAt: async () => [],
      renderedBody: async () => this.records.get('issue:body')?.memory ?? null,
    };
    const facts = await gatherFacts(sources, this.missionId, this.state, signal);
    const { events, state, packs } = decide(this.state, this.missionId, { signal, facts, key: meaning }, this.world.clock.now());
    this.state = state;
    for (const event of events) {
      if ((noticeTypes as readonly string[]).includes(event.body.type)) this.notices.push(event);
    }
    for (const { phase, round, pack } of packs) this.packs.set(`${phase}#${round}`, pack);
    for (const job of effectsOf(state, events, this.world.clock.now()).jobs) {
      if (job.kind === 'run-attempt' || job.kind === 'integrate') this.todo.push({ kind: job.kind, ...(job.payload as { subject: string; attempt: number }) });
    }
  }

  request(login = 'author', body = ''): Promise<void> {
    return this.send({ kind: 'mission.requested', source: this.source, title: this.source.issue.title, body, actor: { kind: 'person', login } });
  }

  async queue(login = 'author'): Promise<void> {
    await this.world.forge.as(login).addLabel('author/project', this.number, 'mission:queue');
    await this.send({ kind: 'mission.queue-requested', source: this.source, actor: { kind: 'person', login } });
  }

  async comment(login: string, name: string, ...words: readonly string[]): Promise<void> {
    const { id } = await this.world.forge.as(login).comment('author/project', this.number, `/${name} ${words.join(' ')}`);
    await this.send({ kind: 'command.given', source: this.source, conversation: this.number, commentId: id, actor: { kind: 'person', login }, command: { name, arguments: words, text: words.slice(1).join(' '), problem: null } });
  }

  /** Does everything there is to do: commits for tasks, merges, examinations. */
  async work(): Promise<void> {
    for (let job = this.todo[0]; job !== undefined; job = this.todo[0]) {
      const { kind, subject, attempt } = job;
      if (kind === 'integrate') {
        const task = this.mission.tasks.get(subject);
        const result = await this.world.host.mergeInto(this.source, { branch: `mission/${this.number}/trunk`, base: this.mission.trunk.base, commit: task?.commit ?? '', message: `Merge ${subject}` });
        this.todo.shift();
        await this.send({ kind: 'integration.finished', task: subject, attempt, result });
        continue;
      }
      this.todo.shift();
      await this.send({ kind: 'attempt.started', subject, attempt, worker: 'w1' });
      if (subject.startsWith('gate/')) {
        await this.send({ kind: 'attempt.finished', subject, attempt, result: { outcome: 'examined', head: this.mission.trunk.head, reports: this.reports, metrics: {}, durationMs: 5 } });
        continue;
      }
      const commit = await this.#commit(subject);
      await this.send({ kind: 'attempt.finished', subject, attempt, result: { outcome: 'succeeded', commit, branch: `mission/${this.number}/${subject}`, evidence: evidence(`did ${subject}`), outputs: {} } });
    }
  }

  async #commit(task: string): Promise<string> {
    const checkout = await this.world.checkout();
    const branch = `mission/${this.number}/${task}`;
    await checkout.git('fetch', '--quiet', 'origin');
    await checkout.git('checkout', '--quiet', '-B', branch, this.mission.tasks.get(task)?.base ?? 'origin/main');
    // The worker commits as the bot, so that nobody of the cast becomes an author.
    const { botLogin } = this.world.app;
    const commit = await checkout.commit(`${task} ${randomBytes(4).toString('hex')}`, { [`work/${this.number}-${task}.txt`]: `${task}\n` }, `${botLogin} <${botLogin}@users.noreply.github.com>`);
    await checkout.git('push', '--quiet', '--force', 'origin', `HEAD:refs/heads/${branch}`);
    return commit;
  }

  /** One sync; its signals are delivered. Throws what the projector throws. */
  async sync(): Promise<ProjectionOutcome> {
    if (this.state === null) throw new Error('nothing to show yet');
    const projector = createProjector({ credentials: this.world.credentials, ourBot: this.world.ourBot, redact: this.redact, clock: this.world.jump, settleMs: 0 });
    const notices = [...this.notices];
    const outcome = await projector.project({
      missionId: this.missionId,
      state: this.state,
      notices,
      ledgerHead: sha256(String(this.state.seq)),
      records: {
        all: async () => [...this.records.values()],
        put: async (_missionId, record) => {
          this.onRecord('before', record);
          if (!this.ours) return false;
          this.records.set(record.key, record);
          this.onRecord('after', record);
          return true;
        },
      },
      evidence: async (phase, round) => this.packs.get(`${phase}#${round}`) ?? null,
      artifact: async (digest) => this.artifacts.get(digest) ?? null,
      trunkAt: async () => null,
      recordsOfCommit: async () => this.outside,
      stillOurs: async () => this.ours,
    });
    this.notices = this.notices.filter((notice) => !notices.includes(notice));
    this.writes += outcome.writes;
    for (const { meaning, signal } of outcome.signals) await this.send(signal, meaning);
    return outcome;
  }

  /** Syncs until a sync learns nothing new, as the engine does. */
  async syncAll(): Promise<void> {
    for (let seq = -1; this.state !== null && seq !== this.state.seq; ) {
      seq = this.state.seq;
      await this.sync();
    }
  }

  /** What a person sees, without what differs from run to run (commits, times, ids). */
  visible(): unknown {
    const { repository } = this.world;
    const stable = (text: string | null | undefined) => (text ?? '').replaceAll(/[0-9a-f]{12,64}/g, '…').replaceAll(new RegExp(`(?<=[#/i])${this.number}\\b`, 'g'), 'N').replaceAll(/#\d+/g, '#P');
    const prefix = `mg:${this.missionId}:`;
    return {
      issue: { body: stable(repository.issue(this.number).body), state: repository.issue(this.number).state, labels: repository.issue(this.number).labels.map((label) => label.name) },
      comments: repository.comments(this.number).map((comment) => ({ by: comment.user.login, body: stable(comment.body), reactions: comment.reactions.map((reaction) => reaction.content) })),
      checks: repository.checkRuns().filter((run) => run.externalId?.startsWith(prefix)).map((run) => [run.name, run.status, run.conclusion, stable(run.title), stable(run.summary)]),
      pulls: repository.pulls().filter(({ pull }) => pull.headRef === `mission/${this.number}/trunk`).map(({ issue, pull }) => ({ title: stable(issue.title), body: stable(issue.body), state: issue.state, draft: pull.draft, merged: pull.mergedAt !== null })),
    };
  }
}
