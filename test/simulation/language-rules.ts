import type { EventBody } from '../../src/core/mission/event.ts';
import type { Plan, PlannedPhase, PlannedTask } from '../../src/core/mission/plan.ts';
import type { StoredEvent } from '../../src/engine/ports/store.ts';
import { SpendingRules } from './spending-rules.ts';
import { Violation } from './violation.ts';

type Standing = 'waiting' | 'active' | 'retrying' | 'group' | 'done' | 'failed' | 'skipped' | 'blocked';

interface TaskView {
  readonly planned: PlannedTask;
  /** Index among the items of its group; null for what is no item. */
  readonly index: number | null;
  standing: Standing;
  /** Skipped by the mission itself: then what needs it is skipped too. */
  passedOver: boolean;
  /** Passed over because another item of its group failed. */
  stopped: boolean;
  /** A person asked for it, or did it. */
  asked: boolean;
  byHand: boolean;
  tried: boolean;
  round: number;
  outputs: unknown;
  /** Items of a group, in their order. */
  items: readonly string[];
}

interface PhaseView {
  readonly planned: PlannedPhase;
  standing: 'pending' | 'running' | 'gate' | 'complete' | 'failed' | 'skipped';
  round: number;
  deadline: number;
}

type Of<T extends EventBody['type']> = Extract<EventBody, { readonly type: T }>;

/** A timer may be late by the length of the trouble, of a freeze, and of a round of supervision. */
const latenessMs = 300_000;

/** What the events of a mission mean in the words of the mission language; written after the documents, not after the deciding core. */
export class LanguageRules {
  readonly #tasks = new Map<string, TaskView>();
  readonly #phases = new Map<string, PhaseView>();
  readonly #spending = new SpendingRules();
  /** Tasks that attempts have done, in the order in which they were done. */
  #doneInOrder: string[] = [];
  #plan: Plan | null = null;
  #deadline = Infinity;
  #timedOut = false;
  #rollback: { readonly tasks: readonly string[]; finished: boolean } | null = null;

  plannedOf(id: string): PlannedTask | undefined {
    return this.#tasks.get(id)?.planned;
  }

  /** Its phase need not wait for it any longer. */
  isSatisfied(id: string): boolean {
    const task = this.#tasks.get(id);
    if (task === undefined) return false;
    if (task.standing === 'failed') return task.planned.continueOnError || this.#phases.get(task.planned.phase)?.planned.mode === 'partial' || task.index !== null;
    return task.standing === 'done' || task.standing === 'skipped';
  }

  /** No further attempt need follow, although some were left: by the task's own rule, because a bound or a limit was reached, or because it runs nothing itself. */
  mayGiveUp(id: string, failure: string): boolean {
    const task = this.#tasks.get(id);
    if (!task) return false;
    const { planned } = task;
    const on = planned.retry?.on;
    if (planned.strategy !== undefined || planned.undoes !== undefined) return true;
    if (planned.until !== undefined && task.round >= planned.until.maxRounds && failure === 'work') return true;
    if (failure === 'timeout' && (this.#timedOut || (this.#phases.get(planned.phase)?.deadline ?? 0) < 0)) return true;
    return on !== undefined && !isTriedAgain(failure, on);
  }

  event({ body, at, seq }: StoredEvent): void {
    switch (body.type) {
      case 'mission.planned':
        this.#plan = body.plan;
        for (const phase of body.plan.phases) {
          this.#phases.set(phase.id, { planned: phase, standing: 'pending', round: 1, deadline: Infinity });
          this.#spending.bound(`phase/${phase.id}`, phase.budget);
        }
        this.#spending.bound('mission', body.plan.settings.budget);
        for (const task of body.plan.tasks) this.#add(task);
        return;
      case 'task.added':
        this.#notUndone(body.task.id);
        this.#add(body.task);
        return;
      case 'task.expanded':
        return this.#expanded(body);
      case 'task.queued':
        return body.task.startsWith('undo/') ? this.#undoQueued(body) : this.#queued(body, at);
      case 'task.produced':
        return this.#count(body.task, body.attempt, body.evidence);
      case 'task.completed':
        this.#count(body.task, body.attempt, body.evidence);
        return this.#completed(body);
      case 'task.repeated':
        this.#count(body.task, body.attempt, body.evidence);
        return this.#repeated(body);
      case 'task.failed':
        this.#count(body.task, body.attempt, body.evidence);
        return this.#failed(body);
      case 'task.retry-due':
        this.#of(body.task).standing = 'waiting';
        return;
      case 'task.retried':
        return this.#retried(body.task, at);
      case 'task.completed-by-hand':
        return this.#byHand(body.task, 'done', at);
      case 'task.skipped':
        return body.why === undefined ? this.#byHand(body.task, 'skipped', at) : this.#passOver(body.task);
      case 'tasks.skipped':
        for (const id of body.tasks) this.#passOver(id, body.why === 'fail-fast');
        return;
      case 'tasks.blocked':
        for (const id of body.tasks) this.#blocked(id);
        return;
      case 'tasks.released':
        for (const id of body.tasks) this.#reset(this.#of(id));
        return;
      case 'budget.exceeded':
        return this.#spending.exceeded(body);
      case 'budget.raised':
        return this.#spending.raised(body);
      case 'mission.timed-out':
        this.#timedOut = true;
        return;
      case 'rollback.started':
        return this.#rollbackStarted(body);
      case 'rollback.finished':
        return this.#rollbackFinished(body);
      case 'mission.failed':
        return this.#missionFailed(body);
      case 'mission.completed':
        return this.#missionCompleted();
      default:
        if ('phase' in body) this.#phaseEvent(body, at, seq);
    }
  }

  #add(planned: PlannedTask, index: number | null = null): TaskView {
    const view: TaskView = { planned, index, standing: 'waiting', passedOver: false, stopped: false, asked: false, byHand: false, tried: false, round: 1, outputs: null, items: [] };
    this.#tasks.set(planned.id, view);
    if (index === null) this.#spending.bound(`task/${planned.id}`, planned.budget);
    return view;
  }

  #of(id: string): TaskView {
    const task = this.#tasks.get(id);
    if (task === undefined) throw new Violation(`task ${id} is in no plan`);
    return task;
  }

  /** All but items. */
  #tasksOf(phase: string): readonly TaskView[] {
    return [...this.#tasks.values()].filter(({ planned, index }) => planned.phase === phase && index === null);
  }

  #scopes(id: string): readonly string[] {
    const { planned } = this.#of(id);
    const group = planned.itemOf === undefined ? [] : [`task/${planned.itemOf.group}`];
    return [`task/${id}`, ...group, ...(planned.phase === '' ? [] : [`phase/${planned.phase}`]), 'mission'];
  }

  #count(id: string, attempt: number, evidence: Of<'task.failed'>['evidence']): void {
    if (this.#of(id).planned.strategy === undefined) this.#spending.count(`${id} ${attempt}`, this.#scopes(id), evidence);
  }

  #expanded({ task: id, items }: Of<'task.expanded'>): void {
    const group = this.#of(id);
    const { strategy, ...own } = group.planned;
    if (strategy === undefined) throw new Violation(`task ${id} was expanded, which has no strategy`);
    if (group.standing !== 'waiting') throw new Violation(`group ${id} was expanded although it is ${group.standing}`);
    this.#needs(group.planned);
    if ('matrix' in strategy.over && strategy.over.matrix.length !== items.length) throw new Violation(`group ${id} has ${items.length} items of ${strategy.over.matrix.length}`);
    const ids = items.map((_, index) => `${id}-${String(index + 1).padStart(String(items.length).length, '0')}`);
    for (const old of group.items) if (!ids.includes(old)) this.#passOver(old);
    for (const [index, item] of ids.entries()) {
      const known = this.#tasks.get(item);
      const { until, ...rest } = own;
      if (known) this.#reset(known);
      else this.#add({ ...rest, ...(until === undefined || strategy.mode === 'iterative' ? {} : { until }), id: item, needs: [], continueOnError: false, itemOf: { group: id, index, value: items[index]?.value ?? null } }, index);
    }
    group.items = ids;
    group.standing = 'group';
  }

  #queued({ task: id }: Of<'task.queued'>, at: number): void {
    const task = this.#of(id);
    const { planned } = task;
    const phase = this.#phases.get(planned.phase);
    if (this.#rollback !== null) throw new Violation(`task ${id} was queued while the mission is being undone`);
    if (planned.strategy !== undefined) throw new Violation(`group ${id} was queued itself`);
    if (task.standing !== 'waiting') throw new Violation(`task ${id} was queued although it is ${task.standing}`);
    if (phase?.standing !== 'running') throw new Violation(`task ${id} was queued although its phase is ${phase?.standing ?? 'not there'}`);
    this.#needs(planned);
    if (at > this.#deadline + latenessMs || at > Math.abs(phase.deadline) + latenessMs || this.#timedOut || phase.deadline < 0) throw new Violation(`task ${id} was queued after its time was over`);
    const usedUp = this.#spending.usedUp(this.#scopes(id));
    if (usedUp !== null) throw new Violation(`task ${id} was queued although the budget of ${usedUp} is used up`);
    const beside = [...this.#tasks.values()].filter(({ planned: other, standing }) => other.phase === planned.phase && standing === 'active').length;
    const atOnce = phase.planned.mode === 'iterative' ? 1 : (phase.planned.maxParallel ?? Infinity);
    if (beside >= atOnce) throw new Violation(`task ${id} of phase ${planned.phase} was queued beside ${beside} others, where ${atOnce} are allowed at once`);
    if (!task.asked && !isTolerant(planned.if) && !isTolerant(phase.planned.if)) this.#stopped(planned);
    if (planned.itemOf !== undefined) this.#itemQueued(task, planned.itemOf.group);
    task.standing = 'active';
    task.tried = true;
  }

  /** After a failure that stops what has not begun. */
  #stopped(planned: PlannedTask): void {
    const { settings } = this.#plan ?? {};
    for (const [id, phase] of this.#phases) {
      if (!this.#hasFailed(phase)) continue;
      const stopsAll = settings?.failFast === true && phase.planned.failFast !== false;
      const stopsOwn = id === planned.phase && (phase.planned.failFast ?? settings?.failFast) === true;
      if (stopsAll || stopsOwn) throw new Violation(`task ${planned.id} was queued although a failure in phase ${id} stops it`);
    }
  }

  #hasFailed({ planned, standing }: PhaseView): boolean {
    if (standing === 'failed') return true;
    if (standing === 'complete' || standing === 'skipped' || planned.mode === 'partial') return false;
    return this.#tasksOf(planned.id).some((task) => task.standing === 'failed' && !task.planned.continueOnError);
  }

  #itemQueued(item: TaskView, id: string): void {
    const group = this.#of(id);
    const { strategy } = group.planned;
    if (strategy === undefined || group.standing !== 'group') throw new Violation(`item ${item.planned.id} was queued although its group is ${group.standing}`);
    const items = group.items.map((other) => this.#of(other));
    const beside = items.filter(({ standing }) => standing === 'active' || standing === 'retrying').length;
    const inOrder = strategy.mode === 'sequential' || strategy.mode === 'iterative';
    const atOnce = inOrder ? 1 : strategy.maxParallel;
    if (beside >= atOnce) throw new Violation(`item ${item.planned.id} was queued beside ${beside} others, where ${atOnce} are allowed at once`);
    const failed = items.find(({ standing }) => standing === 'failed');
    if (failed && !item.asked && strategy.failFast && strategy.mode !== 'partial') throw new Violation(`item ${item.planned.id} was queued although ${failed.planned.id} had failed`);
    const before = items.slice(0, item.index ?? 0).find((other) => !isSettled(other.standing) && !item.asked && !other.asked);
    if (inOrder && before) throw new Violation(`item ${item.planned.id} was queued before ${before.planned.id} was settled`);
  }

  /** A task that asks what went wrong waits until that is known; any other until everything it needs is done. */
  #needs(planned: PlannedTask): void {
    for (const id of planned.needs) {
      const need = this.#of(id);
      if (isTolerant(planned.if) ? isSettled(need.standing) : this.#letsStart(need)) continue;
      throw new Violation(`task ${planned.id} began before its need ${id} was done: it is ${need.standing}`);
    }
  }

  #letsStart({ standing, passedOver, planned }: TaskView): boolean {
    return standing === 'done' || (standing === 'skipped' && !passedOver) || (standing === 'failed' && planned.continueOnError);
  }

  #completed({ task: id, outputs }: Of<'task.completed'>): void {
    const task = this.#of(id);
    if (task.planned.strategy !== undefined) this.#groupCompleted(task, outputs);
    else if (task.standing !== 'active') throw new Violation(`task ${id} was completed although it is ${task.standing}`);
    task.standing = 'done';
    task.byHand = false;
    task.outputs = outputs;
    if (task.planned.strategy === undefined) this.#doneInOrder = [...this.#doneInOrder.filter((other) => other !== id), id];
  }

  #groupCompleted(group: TaskView, outputs: unknown): void {
    const { strategy, id } = group.planned;
    const items = group.items.map((item) => this.#of(item));
    const open = items.find(({ standing }) => !isSettled(standing));
    if (open) throw new Violation(`group ${id} was completed before its item ${open.planned.id}, which is ${open.standing}`);
    const done = items.filter(({ standing }) => standing === 'done');
    const wanted = strategy?.mode === 'partial' ? Math.min(strategy.minSuccess, items.length) : 0;
    if (done.length < wanted) throw new Violation(`group ${id} was completed with ${done.length} of ${wanted} items that must succeed`);
    const missed = items.find(({ standing, passedOver }) => standing === 'failed' || (standing === 'skipped' && passedOver));
    if (strategy?.mode !== 'partial' && strategy?.mode !== 'iterative' && missed) throw new Violation(`group ${id} was completed although its item ${missed.planned.id} is ${missed.standing}`);
    const collected = JSON.stringify({ items: done.map((item) => item.outputs ?? {}) });
    if (strategy?.collect === 'concat' && JSON.stringify(outputs) !== collected) throw new Violation(`group ${id} collected ${JSON.stringify(outputs)} instead of ${collected}`);
  }

  #repeated({ task: id, round, outputs }: Of<'task.repeated'>): void {
    const task = this.#of(id);
    if (round !== task.round + 1 || round > (task.planned.until?.maxRounds ?? 1)) throw new Violation(`round ${round} of task ${id} follows round ${task.round} of ${task.planned.until?.maxRounds ?? 1}`);
    task.round = round;
    task.outputs = outputs;
    task.standing = 'waiting';
  }

  #failed({ task: id, failure, final }: Of<'task.failed'>): void {
    const task = this.#of(id);
    const on = task.planned.retry?.on;
    if (!final && on !== undefined && !isTriedAgain(failure, on)) throw new Violation(`task ${id} is tried again after "${failure}", which its rule does not name`);
    task.standing = final ? 'failed' : 'retrying';
  }

  #retried(id: string, at: number): void {
    const task = this.#of(id);
    this.#goesOn(task.planned.phase, at);
    if (task.planned.itemOf !== undefined) this.#reopen(task.planned.itemOf.group, id);
    if (task.items.length === 0) return this.#reset(task, true);
    const missed = task.items.filter((item) => this.#of(item).standing === 'failed' || this.#of(item).passedOver);
    for (const item of missed.length > 0 ? missed : task.items) this.#reset(this.#of(item), true);
    task.standing = 'group';
  }

  /** The group is not over any more; what it had stopped goes on when nothing else in it has failed. */
  #reopen(group: string, item: string): void {
    const view = this.#of(group);
    if (view.standing === 'failed' || view.standing === 'done') view.standing = 'group';
    const others = view.items.filter((id) => id !== item).map((id) => this.#of(id));
    if (view.standing !== 'group' || others.some(({ standing }) => standing === 'failed')) return;
    for (const other of others) if (other.standing === 'skipped' && other.stopped) this.#reset(other);
  }

  #reset(task: TaskView, asked = false): void {
    if (task.standing === 'active') throw new Violation(`task ${task.planned.id} begins anew while an attempt is under way`);
    Object.assign(task, { standing: 'waiting', passedOver: false, stopped: false, asked, byHand: false, round: 1 } satisfies Partial<TaskView>);
    if (task.items.length > 0) task.standing = 'waiting';
  }

  /** People add, tick and remove tasks of a mission that goes on, and what is undone does not. */
  #notUndone(id: string): void {
    if (this.#rollback !== null) throw new Violation(`${id} was changed by hand although what the mission did is undone`);
  }

  #byHand(id: string, standing: 'done' | 'skipped', at: number): void {
    this.#notUndone(id);
    const task = this.#of(id);
    if (task.standing === 'failed') {
      if (task.planned.itemOf !== undefined) this.#reopen(task.planned.itemOf.group, id);
      if (this.#phases.get(task.planned.phase)?.standing === 'failed') this.#goesOn(task.planned.phase, at);
    }
    Object.assign(task, { standing, passedOver: false, stopped: false, byHand: true } satisfies Partial<TaskView>);
  }

  #passOver(id: string, stopped = false): void {
    const task = this.#of(id);
    if (task.standing === 'active') throw new Violation(`task ${id} was passed over while an attempt was under way`);
    task.standing = 'skipped';
    task.passedOver = true;
    task.stopped = stopped;
  }

  #blocked(id: string): void {
    const task = this.#of(id);
    if (task.standing !== 'waiting' && task.standing !== 'retrying') throw new Violation(`task ${id} was blocked although it is ${task.standing}`);
    task.standing = 'blocked';
  }

  /** A person has asked for more: phase and mission have their time again. */
  #goesOn(id: string, at: number): void {
    const phase = this.#phases.get(id);
    if (phase === undefined) return;
    if (phase.standing !== 'pending') this.#begin(phase, at);
    this.#timedOut = false;
    this.#deadline = at + (this.#plan?.settings.timeoutSeconds ?? Infinity) * 1000;
  }

  #begin(phase: PhaseView, at: number): void {
    phase.standing = 'running';
    phase.deadline = at + (phase.planned.timeoutSeconds ?? Infinity) * 1000;
  }

  #phaseEvent(body: Extract<EventBody, { readonly phase: string }>, at: number, seq: number): void {
    const phase = this.#phases.get(body.phase);
    if (phase === undefined) throw new Violation(`event ${seq} is about phase ${body.phase}, which is in no plan`);
    const tasks = this.#tasksOf(body.phase);
    switch (body.type) {
      case 'phase.started':
        if (phase.standing !== 'pending') throw new Violation(`phase ${body.phase} started although it is ${phase.standing}`);
        this.#phaseNeeds(phase.planned);
        if (this.#deadline === Infinity) this.#deadline = at + (this.#plan?.settings.timeoutSeconds ?? Infinity) * 1000;
        return this.#begin(phase, at);
      case 'phase.completed':
        for (const task of tasks) if (!this.isSatisfied(task.planned.id)) throw new Violation(`phase ${body.phase} was completed before its task ${task.planned.id}, which is ${task.standing}`);
        if (phase.planned.mode === 'partial' && tasks.some(({ standing }) => standing === 'failed') && !tasks.some(({ standing }) => standing === 'done')) throw new Violation(`phase ${body.phase} was completed although none of its tasks succeeded`);
        if (phase.planned.until !== undefined && phase.round > phase.planned.until.maxRounds) throw new Violation(`phase ${body.phase} had ${phase.round} rounds of ${phase.planned.until.maxRounds}`);
        phase.standing = 'complete';
        return;
      case 'phase.failed':
        phase.standing = 'failed';
        return;
      case 'phase.skipped':
        this.#phaseNeeds(phase.planned);
        phase.standing = 'skipped';
        for (const task of tasks) if (task.standing === 'waiting' || task.standing === 'blocked') this.#passOver(task.planned.id);
        return;
      case 'phase.repeated':
        if (body.round !== phase.round + 1 || body.round > (phase.planned.until?.maxRounds ?? 1)) throw new Violation(`round ${body.round} of phase ${body.phase} follows round ${phase.round} of ${phase.planned.until?.maxRounds ?? 1}`);
        for (const task of tasks) if (!this.isSatisfied(task.planned.id)) throw new Violation(`phase ${body.phase} is repeated before its task ${task.planned.id} is done`);
        phase.round = body.round;
        phase.standing = 'running';
        for (const task of tasks) if (!task.byHand) this.#reset(task);
        return;
      case 'phase.retried':
        this.#goesOn(body.phase, at);
        phase.round = 1;
        for (const task of tasks) if (!task.byHand && phase.standing === 'running') this.#reset(task);
        return;
      case 'phase.timed-out':
        if (phase.planned.timeoutSeconds === undefined || at < phase.deadline - 2_000) throw new Violation(`the time of phase ${body.phase} was over before it was`);
        phase.deadline = -Math.abs(phase.deadline);
        return;
      case 'healing.started':
        phase.standing = 'running';
        phase.deadline = at + (phase.planned.timeoutSeconds ?? Infinity) * 1000;
        return;
      case 'gate.shut':
      case 'gate.evaluation-started':
        if (this.#timedOut) this.#goesOn(body.phase, at);
        phase.standing = 'gate';
        return;
      default:
    }
  }

  /** Passed over counts as passed; a phase that asks what went wrong waits until that is known. */
  #phaseNeeds(planned: PlannedPhase): void {
    for (const id of planned.needs) {
      const { standing } = this.#phases.get(id) ?? {};
      const isPassed = standing === 'complete' || standing === 'skipped';
      if (isPassed || (isTolerant(planned.if) && (standing === 'failed' || (standing === 'pending' && this.#neverStarts(id))))) continue;
      throw new Violation(`phase ${planned.id} began before its need ${id}, which is ${standing ?? 'not there'}`);
    }
  }

  #neverStarts(id: string): boolean {
    return (this.#phases.get(id)?.planned.needs ?? []).some((need) => this.#phases.get(need)?.standing === 'failed' || (this.#phases.get(need)?.standing === 'pending' && this.#neverStarts(need)));
  }

  #rollbackStarted({ tasks }: Of<'rollback.started'>): void {
    if (this.#plan?.settings.onFailure !== 'rollback') throw new Violation('the mission is undone although nobody asked for that');
    if (this.#rollback !== null) throw new Violation('the mission is undone twice');
    const active = [...this.#tasks.values()].find(({ standing }) => standing === 'active');
    if (active && !this.#timedOut) throw new Violation(`the mission is undone while ${active.planned.id} is under way`);
    const wanted = this.#doneInOrder.filter((id) => this.#of(id).standing === 'done' && !this.#of(id).byHand).toReversed();
    if (tasks.join() !== wanted.join()) throw new Violation(`undone in the order ${tasks.join(', ')} instead of ${wanted.join(', ')}`);
    this.#rollback = { tasks, finished: false };
    for (const id of tasks) this.#add({ ...this.#of(id).planned, id: `undo/${id}`, phase: '', needs: [], continueOnError: true, undoes: id });
  }

  #undoQueued({ task: id }: Of<'task.queued'>): void {
    const tasks = this.#rollback?.tasks ?? [];
    const position = tasks.indexOf(id.slice('undo/'.length));
    if (position < 0 || this.#rollback?.finished === true) throw new Violation(`${id} was queued although there is nothing to undo`);
    const task = this.#of(id);
    if (task.standing !== 'waiting') throw new Violation(`${id} was queued although it is ${task.standing}`);
    const before = tasks.slice(0, position).find((other) => !isSettled(this.#of(`undo/${other}`).standing));
    if (before !== undefined) throw new Violation(`${id} was queued before undo/${before} was settled`);
    task.standing = 'active';
  }

  #rollbackFinished({ undone, failed }: Of<'rollback.finished'>): void {
    const rollback = this.#rollback;
    if (rollback === null || rollback.finished) throw new Violation('undoing was finished without having begun');
    rollback.finished = true;
    const of = (standing: Standing) => rollback.tasks.filter((id) => this.#of(`undo/${id}`).standing === standing).join();
    if (undone.join() !== of('done') || failed.join() !== of('failed') || undone.length + failed.length !== rollback.tasks.length) throw new Violation(`undone are ${undone.join()} and failed ${failed.join()}, but attempts say ${of('done')} and ${of('failed')}`);
  }

  #missionFailed({ partially = false }: Of<'mission.failed'>): void {
    const standings = [...this.#tasks.values()].map(({ standing }) => standing);
    const someDone = standings.includes('done');
    const someFailed = standings.includes('failed') || [...this.#phases.values()].some(({ standing }) => standing === 'failed');
    if (this.#rollback !== null && !this.#rollback.finished) throw new Violation('the mission has failed before everything was undone');
    const wanted = this.#plan?.settings.failFast === false && someDone && this.#rollback === null;
    if (partially !== wanted) throw new Violation(`the mission has ${partially ? 'partially ' : ''}failed, although ${someDone ? 'something' : 'nothing'} succeeded`);
    if (!someFailed) throw new Violation('the mission has failed although nothing in it has');
    const wantsUndoing = this.#plan?.settings.onFailure === 'rollback' && this.#doneInOrder.some((id) => this.#of(id).standing === 'done' && !this.#of(id).byHand);
    if (wantsUndoing && this.#rollback === null) throw new Violation('the mission has failed, and nothing was undone');
  }

  #missionCompleted(): void {
    for (const [id, { standing }] of this.#phases) if (standing !== 'complete' && standing !== 'skipped') throw new Violation(`the mission was completed before its phase ${id}, which is ${standing}`);
    const unnoticed = this.#spending.unnoticed();
    if (unnoticed !== null) throw new Violation(`the budget of ${unnoticed} is used up, and nobody was told`);
  }
}

function isSettled(standing: Standing): boolean {
  return standing === 'done' || standing === 'failed' || standing === 'skipped' || standing === 'blocked';
}

/** It asks for what went wrong. */
function isTolerant(condition: string | undefined): boolean {
  return condition !== undefined && /\b(?:always|failure|cancelled)\s*\(/.test(condition);
}

/** What happened to us, not to the task, is tried again in any case. */
function isTriedAgain(failure: string, on: readonly string[]): boolean {
  return on.includes(failure) || (on.length > 0 && (failure === 'lost' || failure === 'conflict'));
}
