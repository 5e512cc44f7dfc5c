import { readFileSync, writeFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { attemptRetries, hostRetries, maximumLosses, readRepeats } from '../../../src/core/schedule/retry.ts';
import { usualBreaker } from '../../../src/kit/circuit-breaker.ts';

const page = new URL('../../../docs/reference/retries.md', import.meta.url);

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function time(ms: number): string {
  if (ms === 0) return 'at once';
  if (ms < 1_000) return `${ms} ms`;
  return ms < 60_000 ? `${ms / 1_000} s` : `${ms / 60_000} min`;
}

const counts = { work: 'the task\'s own', circumstance: `until ${maximumLosses} were lost`, never: 'none' } as const;

const tables: Readonly<Record<string, string>> = {
  attempts: table(
    ['failure', 'further attempts', 'first delay', 'longest delay', 'why'],
    Object.entries(attemptRetries).map(([failure, rule]) => [`\`${failure}\``, counts[rule.counts], ...(rule.counts === 'never' ? ['–', '–'] : [time(rule.firstDelayMs), time(rule.maximumDelayMs)]), rule.why]),
  ),
  hosts: table(
    ['failure', 'first delay', 'longest delay', 'why'],
    Object.entries(hostRetries).map(([failure, rule]) => [`\`${failure}\``, time(rule.firstDelayMs), time(rule.maximumDelayMs), rule.why]),
  ),
  reads: table(
    ['failure', 'repeats', 'first delay', 'longest delay', 'why'],
    Object.entries(readRepeats).map(([failure, rule]) => [`\`${failure}\``, String(rule.times), time(rule.firstDelayMs), time(rule.maximumDelayMs), rule.why]),
  ),
  breaker: table(
    ['what', 'value'],
    [
      ['failures in a row, without an answer in between, until nothing more is sent', String(usualBreaker.failuresToOpen)],
      ['pause until one call may try', time(usualBreaker.firstPauseMs)],
      ['longest pause, after doubling with each try that failed', time(usualBreaker.maximumPauseMs)],
    ],
  ),
};

/** The page with each table below its mark. */
function withTables(text: string): string {
  return Object.entries(tables).reduce((now, [name, shown]) => now.replace(new RegExp(`(<!-- ${name} -->\n)(?:\n\\|[^\n]*(?:\n\\|[^\n]*)*\n)?`), `$1\n${shown}\n`), text);
}

describe('the page about retries', () => {
  it('shows the tables of the code', () => {
    const text = readFileSync(page, 'utf8');
    if (process.env.UPDATE_DOCS === '1') writeFileSync(page, withTables(text));
    expect(readFileSync(page, 'utf8')).toBe(withTables(text));
    for (const shown of Object.values(tables)) expect(readFileSync(page, 'utf8')).toContain(shown);
  });
});
