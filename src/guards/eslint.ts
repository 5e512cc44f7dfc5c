import { isJsonObject } from '../kit/json.ts';
import { GuardError } from './guard-type.ts';
import { listOf, positionOf, textOf } from './loose-json.ts';
import { counted } from './numbers.ts';
import { readJson } from './read-json.ts';
import { reportGuard, reportLimits } from './report-guard.ts';
import type { Report } from './report-guard.ts';
import type { Tally } from './tally.ts';

/** ESLint's JSON (`--format json`). */
export const eslint = reportGuard({
  name: 'eslint',
  summary: 'Reads what a linter found in ESLint’s JSON format.',
  noun: 'ESLint report',
  usualPath: 'reports/eslint.json',
  metrics: ['lint_errors', 'lint_warnings'],
  limits: { lint_errors: 0 },
  maximumBytes: reportLimits.jsonBytes,
  read: readEslint,
  say: (tally) => `${counted(tally.count('lint_errors'), 'error')}, ${counted(tally.count('lint_warnings'), 'warning')}`,
});

function readEslint(report: Report, tally: Tally): void {
  const files = readJson(report.name, report.text);
  if (!Array.isArray(files)) throw new GuardError(`${report.name} is no ESLint report: it is no list of files.`);
  if (files.length === 0) throw new GuardError(`${report.name} lists no file: nothing was linted.`);
  for (const file of listOf(files)) {
    if (!isJsonObject(file) || typeof file['filePath'] !== 'string' || !Array.isArray(file['messages'])) throw new GuardError(`${report.name} is no ESLint report: an entry of the list has no "filePath" and "messages".`);
    const path = tally.paths.find(file['filePath']);
    for (const message of listOf(file['messages'])) {
      if (!isJsonObject(message)) continue;
      const isError = message['severity'] === 2 || message['fatal'] === true;
      tally.add(isError ? 'lint_errors' : 'lint_warnings');
      const line = path === null ? null : positionOf(message['line']);
      const endLine = positionOf(message['endLine']);
      const column = positionOf(message['column']);
      const endColumn = positionOf(message['endColumn']);
      const within = line !== null && (endLine === null || endLine === line);
      tally.findings.add({
        rule: textOf(message['ruleId']) ?? (message['fatal'] === true ? 'parse error' : '(without a rule)'),
        level: isError ? 'error' : 'warning',
        message: textOf(message['message']) ?? '(without a message)',
        path,
        line,
        ...(line !== null && endLine !== null && endLine > line ? { endLine } : {}),
        ...(within && column !== null ? { column, ...(endColumn !== null && endColumn >= column ? { endColumn } : {}) } : {}),
      });
    }
  }
}
