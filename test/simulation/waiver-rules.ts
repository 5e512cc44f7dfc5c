import type { EventBody, RubricLine } from '../../src/core/mission/event.ts';
import type { Plan } from '../../src/core/mission/plan.ts';
import { Violation } from './violation.ts';

interface WaiverView {
  readonly rule: string;
  readonly by: string;
  readonly until: number;
  readonly measured: string;
  status: 'asked' | 'counts' | 'over';
}

interface HealView {
  inARow: number;
  tasks: readonly string[];
}

/** What waivers and repairs promise, read from the events alone. */
export class WaiverRules {
  readonly #waivers = new Map<string, WaiverView>();
  readonly #healing = new Map<string, HealView>();
  readonly #phaseOf = new Map<string, string>();
  #plan: Plan | null = null;

  see(body: EventBody, at: number): void {
    switch (body.type) {
      case 'mission.planned':
        this.#plan = body.plan;
        for (const task of body.plan.tasks) this.#phaseOf.set(task.id, task.phase);
        return;
      case 'task.added':
        this.#phaseOf.set(body.task.id, body.task.phase);
        return;
      case 'waiver.requested':
        if (body.reason === '' || body.control === '') throw new Violation(`a waiver of ${body.rule} was asked for without a reason or a control`);
        if (body.until <= at || body.until > at + 30 * 86_400_000) throw new Violation(`a waiver of ${body.rule} is to last until ${body.until}, asked for at ${at}`);
        for (const waiver of this.#of(body.phase, body.rule)) if (waiver.status === 'asked') waiver.status = 'over';
        this.#waivers.set(`${body.phase} ${body.waiver}`, { rule: body.rule, by: body.by.login, until: body.until, measured: body.measured, status: 'asked' });
        return;
      case 'waiver.approved': {
        const waiver = this.#waivers.get(`${body.phase} ${body.waiver}`);
        if (waiver?.status !== 'asked') throw new Violation(`waiver ${body.waiver} of ${body.rule} was confirmed although it is ${waiver?.status ?? 'not there'}`);
        if (waiver.by === body.by.login) throw new Violation(`${waiver.by} confirmed a waiver of their own`);
        if (body.by.kind !== 'person' || (body.role !== 'maintain' && body.role !== 'admin')) throw new Violation(`${body.by.login} (${body.role}) confirmed a waiver`);
        if (at >= waiver.until) throw new Violation(`a waiver of ${body.rule} was confirmed after its end`);
        for (const other of this.#of(body.phase, body.rule)) if (other.status === 'counts') other.status = 'over';
        waiver.status = 'counts';
        return;
      }
      case 'waiver.withdrawn':
      case 'waiver.expired': {
        const waiver = this.#waivers.get(`${body.phase} ${body.waiver}`);
        if (waiver === undefined || waiver.status === 'over') throw new Violation(`waiver ${body.waiver} of ${body.rule} ended twice`);
        if (body.type === 'waiver.expired' && at < waiver.until) throw new Violation(`a waiver of ${body.rule} expired ${waiver.until - at} ms early`);
        waiver.status = 'over';
        return;
      }
      case 'gate.evaluated':
        for (const line of body.lines) if (line.waived && !this.#covers(body.phase, line, at)) throw new Violation(`${line.rule} counts as waived at gate ${body.phase}, and no waiver covers it`);
        if (this.stands(body.phase, body.lines, at)) this.#forget(body.phase);
        return;
      case 'trunk.moved':
        if (body.cause === 'push' && body.by.kind === 'person') for (const phase of this.#healing.keys()) this.#forget(phase);
        return;
      case 'task.retried':
        return this.#forget(this.#phaseOf.get(body.task) ?? '');
      case 'healing.reset':
        return this.#forget(body.phase);
      case 'healing.started': {
        const healing = this.#healing.get(body.phase) ?? { inARow: 0, tasks: [] };
        const maximum = this.#plan?.phases.find(({ id }) => id === body.phase)?.gate?.heal?.maxRounds ?? 0;
        if (healing.inARow >= maximum) throw new Violation(`gate ${body.phase} is repaired for the ${healing.inARow + 1}th time in a row, where ${maximum} are allowed`);
        this.#healing.set(body.phase, { inARow: healing.inARow + 1, tasks: body.tasks });
        return;
      }
      default:
    }
  }

  /** True when every line passed, or is covered by a waiver that counts. */
  stands(phase: string, lines: readonly RubricLine[], at: number): boolean {
    return lines.every((line) => line.passed || this.#covers(phase, line, at));
  }

  #covers(phase: string, line: RubricLine, at: number): boolean {
    return this.#of(phase, line.rule).some(({ status, until, measured }) => status === 'counts' && at < until && measured === line.measured);
  }

  #of(phase: string, rule: string): readonly WaiverView[] {
    return [...this.#waivers].flatMap(([key, waiver]) => (key.startsWith(`${phase} `) && waiver.rule === rule ? [waiver] : []));
  }

  #forget(phase: string): void {
    this.#healing.delete(phase);
  }
}
