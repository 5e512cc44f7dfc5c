import { decide } from '../../src/core/mission/decide/decide.ts';
import type { Actor } from '../../src/core/mission/actor.ts';
import type { Definition, RepositoryRole } from '../../src/core/mission/definition.ts';
import type { AttemptEvidence, MissionEvent } from '../../src/core/mission/event.ts';
import type { AttemptResult, Reading, Signal, SignalFacts } from '../../src/core/mission/signal.ts';
import type { MissionSource } from '../../src/core/mission/source.ts';
import type { Mission, MissionState } from '../../src/core/mission/state.ts';
import { effectsOf } from '../../src/engine/effects.ts';
import type { Effects } from '../../src/engine/effects.ts';
import { sha256 } from '../../src/kit/hash.ts';

export const person = (login: string): Actor => ({ kind: 'person', login });

export const source: MissionSource = {
  installationId: 1,
  repository: { id: 10, owner: 'octo', name: 'shop', defaultBranch: 'main' },
  issue: { number: 7, title: 'Add slugs', author: person('author') },
};

export const missionId = 'r10-i7';

export const evidence: AttemptEvidence = { summary: 'did it', artifacts: [], diff: null, durationMs: 5, producer: 'noop' };

/** Commit-like ids that depend only on what they are made of. */
export const commitId = (...parts: readonly string[]): string => sha256(parts.join(' ')).slice(0, 40);

export type Worker = (subject: string, attempt: number, mission: Mission) => AttemptResult;

/** A worker that changes files for every task and finds nothing wrong at gates. */
export const diligent: Worker = (subject, attempt, mission) =>
  subject.startsWith('gate/')
    ? { outcome: 'examined', head: mission.trunk.head, reports: [], metrics: {}, durationMs: 1 }
    : { outcome: 'succeeded', commit: commitId(subject, String(attempt)), branch: `mission/7/${subject}`, evidence, outputs: {} };

/**
 * The pure flow with everything around it simulated in memory: an inbox that knows meanings, GitHub's labels, roles and
 * trunk as facts, workers, merges and timers. No clock runs: time passes when a test says so.
 */
export class PureWorld {
  state: MissionState | null = null;
  readonly events: MissionEvent[] = [];
  /** Evidence packs as they would be stored, with the digests that the ledger names. */
  readonly packs: Effects['packs'][number][] = [];
  readonly roles = new Map<string, RepositoryRole>([['author', 'write'], ['reviewer', 'write'], ['admin', 'admin'], ['stranger', 'read']]);
  readonly labels = new Set<string>();
  trunk = { head: commitId('base'), authors: [] as string[] };
  now = 1_000_000;
  worker: Worker;
  definition: Definition;
  /** Work the flow asked for and nobody has done yet. */
  readonly todo: { readonly kind: 'run-attempt' | 'integrate'; readonly subject: string; readonly attempt: number }[] = [];
  timers: { readonly fireAt: number; readonly signal: Signal; readonly id: string }[] = [];
  readonly #known = new Set<string>();

  constructor(definition: Definition, worker: Worker = diligent) {
    this.definition = definition;
    this.worker = worker;
  }

  get mission(): Mission {
    if (this.state === null || !('tasks' in this.state)) throw new Error('there is no mission');
    return this.state;
  }

  /** Delivers a signal once per meaning, like the inbox. */
  deliver(meaning: string, signal: Signal, facts: SignalFacts = {}): void {
    if (this.#known.has(meaning)) return;
    this.#known.add(meaning);
    this.force(meaning, signal, facts);
  }

  /** Decides a signal even if its meaning is known: what a store without deduplication would do. */
  force(meaning: string, signal: Signal, facts: SignalFacts = {}, receivedAt = this.now): readonly MissionEvent[] {
    const decision = decide(this.state, missionId, { signal, facts: { ...this.factsFor(signal), ...facts }, key: meaning, receivedAt }, this.now);
    this.state = decision.state;
    this.events.push(...decision.events);
    const effects = effectsOf(this.state, decision.events, this.now, decision.packs);
    this.packs.push(...effects.packs);
    for (const job of effects.jobs) {
      if (job.kind === 'run-attempt' || job.kind === 'integrate') {
        const { subject, attempt } = job.payload as { subject: string; attempt: number };
        this.todo.push({ kind: job.kind, subject, attempt });
      }
    }
    for (const timer of effects.timers) this.timers.push({ fireAt: timer.fireAt, id: timer.id, signal: { kind: 'timer.fired', purpose: timer.purpose } });
    return decision.events;
  }

  factsFor(signal: Signal): SignalFacts {
    const actor = 'actor' in signal ? signal.actor : null;
    const authority = actor ? ({ known: true, role: this.roles.get(actor.login) ?? 'none' } as const) : undefined;
    const reading: Reading = { ok: true, definition: this.definition, definedIn: 'issue #7', items: null };
    return { authority, labels: [...this.labels], reading, trunk: this.trunk };
  }

  /** Does one piece of work and reports it. */
  work(index = 0): void {
    const [job] = this.todo.splice(index, 1);
    if (!job) return;
    const { subject, attempt } = job;
    if (job.kind === 'integrate') {
      const commit = this.mission.tasks.get(subject)?.commit ?? '';
      const head = commitId(this.trunk.head, commit);
      this.trunk = { ...this.trunk, head };
      this.deliver(`integration:${subject}:${attempt}`, { kind: 'integration.finished', task: subject, attempt, result: { outcome: 'merged', head, authors: [] } });
      return;
    }
    this.deliver(`attempt:${subject}:${attempt}:started`, { kind: 'attempt.started', subject, attempt, worker: 'w1' });
    const result = this.worker(subject, attempt, this.mission);
    this.deliver(`attempt:${subject}:${attempt}:finished`, { kind: 'attempt.finished', subject, attempt, result });
  }

  /** Works until nothing is left to do; timers that are due in between fire. */
  settle(): void {
    for (let rounds = 0; this.todo.length > 0 || this.timers.length > 0; rounds += 1) {
      if (rounds > 100_000) throw new Error('the flow does not come to rest');
      if (this.todo.length > 0) this.work();
      else this.fireNextTimer();
    }
  }

  fireNextTimer(): void {
    const [next, ...rest] = this.timers.toSorted((a, b) => a.fireAt - b.fireAt);
    if (!next) return;
    this.timers = rest;
    this.now = Math.max(this.now, next.fireAt);
    this.deliver(next.id, next.signal);
  }

  label(name: string, login = 'author'): void {
    this.labels.add(name);
    const actor = person(login);
    if (name === 'mission') this.deliver(`label:${name}`, { kind: 'mission.requested', source, title: 'Add slugs', body: '', actor });
    if (name === 'mission:queue') this.deliver(`label:${name}:${this.events.length}`, { kind: 'mission.queue-requested', source, actor });
    if (name === 'mission:pause') this.deliver(`label:${name}:${this.events.length}`, { kind: 'mission.pause-requested', source, actor });
  }

  say(login: string, name: string, ...words: readonly string[]): readonly MissionEvent[] {
    return this.force(`comment:${this.events.length}`, {
      kind: 'command.given',
      source,
      conversation: 7,
      commentId: this.events.length + 1,
      actor: person(login),
      command: { name, arguments: words, text: words.slice(1).join(' '), problem: null },
    });
  }

  /** A mission that has been started. */
  start(): this {
    this.label('mission');
    this.label('mission:queue');
    return this;
  }

  types(): readonly string[] {
    return this.events.map((event) => event.body.type);
  }

  lastAnswer(): { readonly accepted: boolean; readonly code: string } | null {
    const last = this.events.findLast((event) => event.body.type === 'answer.given');
    return last?.body.type === 'answer.given' ? { accepted: last.body.accepted, code: last.body.answer.code } : null;
  }
}
