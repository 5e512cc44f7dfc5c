import type { Signal } from '../../src/core/mission/signal.ts';
import type { Mission } from '../../src/core/mission/state.ts';
import type { BareRepository } from './bare-repository.ts';
import type { WrittenMission } from './missions.ts';
import type { Timeline } from './timeline.ts';

const patienceMs = 90_000;

/** People around a mission that is shown nowhere: what they say goes to the product as signals, without GitHub in between. */
export class PeopleWithoutGitHub {
  readonly #timeline: Timeline;
  readonly #repository: BareRepository;
  readonly #written: WrittenMission;
  readonly #mission: () => Mission | null;
  readonly #send: (meaning: string, signal: Signal) => void;
  readonly #lastAct = new Map<string, number>();
  #disturbances: number;
  #busyUntil = 0;
  #withdrew = false;
  #comments = 0;

  constructor(parts: { readonly timeline: Timeline; readonly repository: BareRepository; readonly written: WrittenMission; readonly disturbances: number; readonly mission: () => Mission | null; readonly say: (meaning: string, signal: Signal) => void }) {
    this.#timeline = parts.timeline;
    this.#repository = parts.repository;
    this.#written = parts.written;
    this.#disturbances = parts.disturbances;
    this.#mission = parts.mission;
    this.#send = parts.say;
    const order = this.#timeline.chance(0.2) ? (['queue', 'request'] as const) : (['request', 'queue'] as const);
    this.#later(10, 2_000, () => this.#label(order[0]));
    this.#later(2_001, 9_000, () => this.#label(order[1]));
    this.#look();
    this.#disturb();
  }

  get isAtRest(): boolean {
    return this.#disturbances === 0 && this.#timeline.now >= this.#busyUntil;
  }

  #later(minimumMs: number, maximumMs: number, act: () => void): void {
    const after = this.#timeline.between(minimumMs, maximumMs);
    this.#busyUntil = Math.max(this.#busyUntil, this.#timeline.now + after + 1);
    this.#timeline.schedule(after, null, 'people', act);
  }

  #label(which: 'request' | 'queue'): void {
    const { source } = this.#repository;
    const actor = { kind: 'person', login: 'author' } as const;
    this.#repository.labels.add(which === 'request' ? 'mission' : 'mission:queue');
    if (which === 'request') this.#send('requested', { kind: 'mission.requested', source, title: `Please do ${this.#written.name}`, body: this.#written.body, actor });
    else this.#send('queue-requested', { kind: 'mission.queue-requested', source, actor });
  }

  #command(login: string, name: string, text = ''): void {
    this.#order(login, name, text.split(' ').filter((word) => word !== ''));
  }

  /** A command with its words as the parser gives them. */
  #order(login: string, name: string, words: readonly string[]): void {
    this.#comments += 1;
    this.#send(`comment:${this.#comments}`, {
      kind: 'command.given',
      source: this.#repository.source,
      conversation: 7,
      commentId: this.#comments,
      actor: { kind: 'person', login },
      command: { name, arguments: words, text: words.slice(1).join(' '), problem: null },
      writtenAt: Math.floor(this.#timeline.now / 1000) * 1000,
    });
  }

  /** Every now and then somebody looks for gates that wait, and approves. */
  #look(): void {
    this.#timeline.schedule(this.#timeline.between(5_000, 15_000), null, 'people look', () => {
      this.#maybeRaise();
      if (this.#written.waives === true) this.#maybeWaive();
      for (const phase of this.#mission()?.phases.values() ?? []) {
        // What was turned down is looked at again one day.
        if (phase.gate.status === 'rejected' && this.#timeline.chance(0.2)) this.#examine('author', phase.id);
        if (phase.gate.status !== 'awaiting') continue;
        for (const login of ['reviewer', 'maintainer', 'author', 'colleague']) this.#maybeApprove(login, phase.id, phase.gate.round, phase.gate.head ?? '');
      }
      this.#look();
    });
  }

  /** Where a budget is used up, somebody gives it more. */
  #maybeRaise(): void {
    const scope = this.#mission()?.pausedFor;
    const about = `budget ${scope ?? ''}`;
    if (scope === undefined || this.#timeline.now - (this.#lastAct.get(about) ?? -patienceMs) < patienceMs || !this.#timeline.chance(0.6)) return;
    this.#lastAct.set(about, this.#timeline.now);
    const name = scope === 'mission' ? '' : scope.slice(scope.indexOf('/') + 1);
    this.#later(100, 4_000, () => this.#order('author', 'budget', [name, '100000', '', '100000']));
  }

  /** Where a gate is shut, the author asks to have what failed waived, and the maintainer confirms what is asked for. */
  #maybeWaive(): void {
    for (const { id, gate, waivers = [], status } of this.#mission()?.phases.values() ?? []) {
      const asked = waivers.filter((waiver) => waiver.status === 'requested');
      if (!this.#withdrew && waivers.some((waiver) => waiver.status === 'approved') && this.#timeline.chance(0.3)) {
        this.#withdrew = true;
        this.#later(100, 4_000, () => this.#order('author', 'withdraw-waiver', [id, 'guard tests']));
      }
      for (const { rule } of asked) for (const login of ['author', 'maintainer']) this.#now(`${login} confirms ${id} ${rule}`, login, 'approve-waiver', [id, rule]);
      if (gate.status !== 'failed' || status !== 'gate') continue;
      for (const { rule, passed, waived } of gate.lines) {
        if (!passed && waived === undefined && rule.startsWith('guard ')) this.#now(`ask ${id} ${rule}`, 'author', 'waive', [id, rule, '7d', 'it is wrong', 'by hand']);
      }
    }
  }

  /** Says something soon, and not again before some time has passed. */
  #now(about: string, login: string, name: string, words: readonly string[]): void {
    if (this.#timeline.now - (this.#lastAct.get(about) ?? -patienceMs) < patienceMs || !this.#timeline.chance(0.6)) return;
    this.#lastAct.set(about, this.#timeline.now);
    this.#later(100, 4_000, () => this.#order(login, name, words));
  }

  #maybeApprove(login: string, phase: string, round: number, head: string): void {
    const timeline = this.#timeline;
    const about = `${login} ${phase} ${round}`;
    if (timeline.now - (this.#lastAct.get(about) ?? -patienceMs) < patienceMs || !timeline.chance(0.6)) return;
    this.#lastAct.set(about, timeline.now);
    const { source } = this.#repository;
    const way = timeline.pick(['comment', 'comment with commit', 'button', 'review']);
    this.#later(100, 4_000, () => {
      this.#comments += 1;
      const actor = { kind: 'person', login } as const;
      if (way === 'button') this.#send(`button:${this.#comments}`, { kind: 'button.pressed', source, phase, round, action: 'approve', pull: null, actor });
      else if (way === 'review') this.#send(`review:${this.#comments}`, { kind: 'review.submitted', source, pull: 8, reviewId: this.#comments, verdict: 'approved', commit: head, text: '', actor });
      else this.#command(login, 'approve-gate', way === 'comment' ? phase : `${phase} ${head.slice(0, 10)}`);
    });
  }

  #disturb(): void {
    if (this.#disturbances === 0) return;
    this.#timeline.schedule(this.#timeline.between(3_000, 40_000), null, 'somebody interferes', () => {
      this.#disturbances -= 1;
      const { what, act } = this.#timeline.pick(this.#interferences());
      this.#timeline.tell('people', what);
      act();
      this.#disturb();
    });
  }

  #interferences(): readonly { readonly what: string; readonly act: () => void }[] {
    const { source } = this.#repository;
    const author = { kind: 'person', login: 'author' } as const;
    const serial = () => String((this.#comments += 1));
    const own = this.#written.retries?.map((target) => ({ what: `author retries ${target}`, act: () => this.#command('author', 'retry', target) })) ?? [];
    const waives = this.#written.waives === true ? [{ what: 'author withdraws a waiver', act: () => this.#order('author', 'withdraw-waiver', ['only', 'guard tests']) }] : [];
    return [
      ...own,
      ...waives,
      { what: 'stranger approves', act: () => this.#command('stranger', 'approve-gate', 'only') },
      { what: 'stranger cancels', act: () => this.#command('stranger', 'cancel', 'because I can') },
      { what: 'author pushes to the trunk', act: () => this.#push('author') },
      { what: 'reviewer pushes to the trunk', act: () => this.#push('reviewer') },
      { what: 'author pushes a commit that changes nothing', act: () => this.#push('author', (login) => this.#repository.pushNothing(login)) },
      { what: 'author pauses and resumes', act: () => this.#pause() },
      { what: 'author pauses and resumes by label', act: () => this.#pauseByLabel() },
      { what: 'author retries a', act: () => this.#command('author', 'retry', 'a') },
      { what: 'reviewer rejects', act: () => this.#command('reviewer', 'reject-gate', 'only Not good enough') },
      { what: 'reviewer asks for checks again', act: () => this.#examine('reviewer', null) },
      { what: 'author cancels, or asks how it stands', act: () => (this.#timeline.chance(0.3) ? this.#command('author', 'cancel', 'no longer wanted') : this.#command('author', 'status')) },
      { what: 'author queues it again', act: () => this.#send(`queue:${serial()}`, { kind: 'mission.queue-requested', source, actor: author }) },
    ];
  }

  #examine(login: string, phase: string | null): void {
    this.#comments += 1;
    this.#send(`recheck:${this.#comments}`, { kind: 'recheck.requested', source: this.#repository.source, phase, actor: { kind: 'person', login } });
  }

  #push(login: string, push = (by: string) => this.#repository.pushToTrunk(by, String(this.#timeline.now))): void {
    const head = push(login);
    if (head !== null) this.#send(`push:${head}`, { kind: 'trunk.pushed', source: this.#repository.source, head, actor: { kind: 'person', login } });
  }

  #pause(): void {
    this.#command('author', 'pause');
    this.#later(5_000, 60_000, () => this.#command('author', 'resume'));
  }

  #pauseByLabel(): void {
    const { labels, source } = this.#repository;
    const actor = { kind: 'person', login: 'author' } as const;
    labels.add('mission:pause');
    this.#comments += 1;
    const nth = this.#comments;
    this.#send(`pause:${nth}`, { kind: 'mission.pause-requested', source, actor });
    this.#later(5_000, 60_000, () => {
      labels.delete('mission:pause');
      this.#send(`resume:${nth}`, { kind: 'mission.resume-requested', source, actor });
    });
  }
}
