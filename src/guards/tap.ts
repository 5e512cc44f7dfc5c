import type { Parser as TapParser, Result } from 'tap-parser';

import { isJsonObject } from '../kit/json.ts';
import type { Json } from '../kit/json.ts';
import { breathe } from './breathe.ts';
import { GuardError } from './guard-type.ts';
import { sayTests, someRan } from './junit.ts';
import { linesOf } from './lines.ts';
import { objectOf, positionOf, textOf } from './loose-json.ts';
import { placeInText } from './place-in-text.ts';
import { reportGuard } from './report-guard.ts';
import type { Report } from './report-guard.ts';
import type { Tally } from './tally.ts';

/** TAP 13 and 14. */
export const tap = reportGuard({
  name: 'tap',
  summary: 'Reads test results in TAP (the Test Anything Protocol). Failed tests become findings.',
  noun: 'TAP report',
  usualPath: 'reports/*.tap',
  metrics: ['tests', 'tests_passed', 'tests_failed', 'tests_skipped'],
  limits: { tests_failed: 0 },
  maximumBytes: 32 * 1024 * 1024,
  read: readTap,
  ran: someRan,
  say: sayTests,
});

/** Characters given to the parser at a time. */
const pieceLength = 128 * 1024;

/** Levels of subtests: the parser hands every line through all of them. */
const deepest = 50;

interface Level {
  readonly parser: TapParser;
  /** Leaves and failures of the subtest that has just ended; its own line sums it up and comes next. */
  ended: { readonly tests: number; readonly failed: number } | null;
  tests: number;
  failed: number;
}

/** Counts the innermost tests: the line of a subtest says again what its tests have said. */
async function readTap(report: Report, tally: Tally): Promise<void> {
  refuseDeep(report);
  const { Parser } = await import('tap-parser');
  let bailed: string | null = null;
  let planless = false;
  const follow = (parser: TapParser, names: readonly string[]): Level => {
    const level: Level = { parser, ended: null, tests: 0, failed: 0 };
    parser.on('child', (child: TapParser) => {
      const inner = follow(child, [...names, child.name].filter((name) => name !== ''));
      child.on('complete', () => {
        level.ended = { tests: inner.tests, failed: inner.failed };
        level.tests += inner.tests;
        level.failed += inner.failed;
      });
    });
    parser.on('assert', (result: Result) => {
      const { ended } = level;
      level.ended = null;
      const isBad = !result.ok && !isSet(result.skip) && !isSet(result.todo);
      if (ended !== null && ended.tests > 0 && (!isBad || ended.failed > 0)) return;
      level.tests += 1;
      tally.add('tests');
      if (isBad) {
        level.failed += 1;
        tally.add('tests_failed');
        addFailure(tally, names, result);
      } else tally.add(isSet(result.skip) || isSet(result.todo) ? 'tests_skipped' : 'tests_passed');
    });
    // A plan that was not kept: tests that should have run did not.
    parser.on('complete', () => {
      planless ||= level.ended !== null || parser.planStart < 0 || Math.max(0, parser.planEnd - parser.planStart + 1) !== parser.count;
    });
    parser.on('bailout', (reason: string) => {
      bailed ??= reason === '' ? 'no reason was given' : reason;
    });
    return level;
  };
  const root = follow(new Parser(), []);
  for (let at = 0; at < report.text.length; at += pieceLength) {
    root.parser.write(report.text.slice(at, at + pieceLength));
    await breathe();
  }
  root.parser.end();
  if (bailed !== null) throw new GuardError(`${report.name}: the tests bailed out: ${String(bailed).slice(0, 200)}.`);
  if (root.tests === 0) throw new GuardError(`${report.name} holds no test: nothing ran, or it is no TAP.`);
  if (planless) throw new GuardError(`${report.name} does not hold the tests it planned ("1..N"): not all of them ran, or the report is cut.`);
}

function refuseDeep({ name, text }: Report): void {
  const indent = 4 * deepest;
  let number = 0;
  for (const line of linesOf(text)) {
    number += 1;
    if (line.length <= indent || line.charCodeAt(indent) !== 32 || line.slice(0, indent).trim() !== '') continue;
    if (/^(?:# Subtest|ok\b|not ok\b|\d+\.\.)/.test(line.slice(indent, indent + 10_000).trimStart())) throw new GuardError(`${name}:${number}: subtests are nested more than ${deepest} levels deep.`);
  }
}

function isSet(directive: boolean | string): boolean {
  return directive !== false;
}

function addFailure(tally: Tally, names: readonly string[], result: Result): void {
  const diagnosis: Json = isJsonObject(result.diag) ? result.diag : {};
  const at = objectOf(diagnosis['at']);
  const told = textOf(at['file']) ?? textOf(at['fileName']);
  const { error } = diagnosis;
  const texts = [textOf(objectOf(error)['message']), ...['error', 'message', 'diff', 'stack', 'assertion', 'name'].map((name) => textOf(diagnosis[name]))].filter((text) => text !== null);
  const path = tally.paths.find(told);
  const line = positionOf(at['line'] ?? at['lineNumber']);
  const place = path !== null && line !== null ? { path, line } : placeInText(['location', 'at', 'stack'].map((name) => textOf(diagnosis[name]) ?? '').join('\n'), tally.paths, path);
  tally.findings.add({ rule: [...names, result.name].join(' › ') || `test ${result.id}`, level: 'error', message: texts[0] ?? 'not ok', path: place.path, line: place.line });
}
