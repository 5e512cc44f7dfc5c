import { maximumFindings } from '../core/mission/evidence.ts';
import type { Finding } from '../core/mission/evidence.ts';

const levels = ['error', 'warning', 'note'] as const satisfies readonly Finding['level'][];

/** Longest text that is kept of a rule and of a message, in characters. */
const longestRule = 200;
const longestMessage = 2_000;

/** Findings as they come: all are counted, the worst `maximumFindings` are kept. Memory does not grow beyond that. */
export class FindingList {
  readonly #kept = { error: [] as Finding[], warning: [] as Finding[], note: [] as Finding[] };
  readonly #counts = { error: 0, warning: 0, note: 0 };

  add(finding: Finding): void {
    this.#counts[finding.level] += 1;
    const kept = this.#kept[finding.level];
    if (kept.length < maximumFindings) kept.push({ ...finding, rule: finding.rule.slice(0, longestRule), message: finding.message.slice(0, longestMessage) });
  }

  count(level: Finding['level']): number {
    return this.#counts[level];
  }

  get total(): number {
    return this.#counts.error + this.#counts.warning + this.#counts.note;
  }

  /** Errors first, each level in the order it came. */
  kept(): readonly Finding[] {
    return levels.flatMap((level) => this.#kept[level]).slice(0, maximumFindings);
  }
}
