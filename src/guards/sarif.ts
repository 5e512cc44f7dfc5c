import type { Finding } from '../core/mission/evidence.ts';
import { isJsonObject } from '../kit/json.ts';
import type { Json, JsonObject } from '../kit/json.ts';
import { GuardError } from './guard-type.ts';
import { listOf, numberOf, objectOf, positionOf, textOf } from './loose-json.ts';
import { counted } from './numbers.ts';
import { readJson } from './read-json.ts';
import { reportGuard, reportLimits } from './report-guard.ts';
import type { Report } from './report-guard.ts';
import type { Tally } from './tally.ts';

/** SARIF 2.1.0 (OASIS), as scanners and linters write it. Numbers in comments are sections of the standard. */
export const sarif = reportGuard({
  name: 'sarif',
  summary: 'Reads results of static analysis in SARIF 2.1.0. Results become findings; suppressed ones, and those of a baseline that are unchanged or gone, do not count.',
  noun: 'SARIF report',
  usualPath: 'reports/*.sarif',
  metrics: ['sast_errors', 'sast_warnings', 'sast_notes', 'critical_sast', 'high_sast', 'medium_sast', 'low_sast'],
  limits: { sast_errors: 0, critical_sast: 0, high_sast: 0 },
  maximumBytes: reportLimits.jsonBytes,
  read: readSarif,
  say: (tally) => `${counted(tally.count('sast_errors'), 'error')}, ${counted(tally.count('sast_warnings'), 'warning')}, ${counted(tally.count('sast_notes'), 'note')}`,
});

function readSarif(report: Report, tally: Tally): void {
  const log = objectOf(readJson(report.name, report.text));
  if (log['version'] !== '2.1.0') throw new GuardError(`${report.name} is no SARIF 2.1.0: its "version" is ${JSON.stringify(log['version'] ?? null).slice(0, 40)}.`);
  const runs = listOf(log['runs']);
  if (runs.length === 0) throw new GuardError(`${report.name} holds no run: nothing was analysed.`);
  for (const [index, run] of runs.entries()) readRun(`${report.name}: run ${index + 1}`, objectOf(run), tally);
}

function readRun(name: string, run: JsonObject, tally: Tally): void {
  const tool = textOf(objectOf(objectOf(run['tool'])['driver'])['name']);
  const shown = tool === null ? name : `${name} (${tool.slice(0, 60)})`;
  // 3.14.23: no list means that nothing was analysed, an empty one that nothing was found.
  if (!Array.isArray(run['results'])) throw new GuardError(`${shown} has no list of results: nothing was analysed.`);
  const rules = rulesOf(run);
  for (const result of listOf(run['results'])) if (isJsonObject(result)) readResult(run, rules, result, tally);
  for (const one of listOf(run['invocations']).map(objectOf)) {
    // 3.20.14: the tool says itself that it did not come to an end; what it found until then is told all the same.
    if (one['executionSuccessful'] === false) throw new GuardError(`${shown} did not end successfully, says the tool itself ("executionSuccessful": false)${reasonOf(one)}.`);
  }
}

function reasonOf(invocation: JsonObject): string {
  const notices = [...listOf(invocation['toolExecutionNotifications']), ...listOf(invocation['toolConfigurationNotifications'])];
  const text = notices.map((one) => textOf(objectOf(objectOf(one)['message'])['text'])).find((one) => one !== null);
  return text === undefined || text === null ? '' : `: ${text.slice(0, 200).replace(/\.$/, '')}`;
}

interface Rule {
  readonly id: string | null;
  readonly level: string | null;
  readonly severity: number | null;
  readonly message: string | null;
}

interface Rules {
  readonly byId: ReadonlyMap<string, Rule>;
  readonly lists: readonly (readonly Rule[])[];
}

/** Rules of the driver, then of each extension (3.18). */
function rulesOf(run: JsonObject): Rules {
  const tool = objectOf(run['tool']);
  const lists = [tool['driver'], ...listOf(tool['extensions'])].map((component) => listOf(objectOf(component)['rules']).map(ruleOf));
  const byId = new Map<string, Rule>();
  for (const rule of lists.flat()) if (rule.id !== null && !byId.has(rule.id)) byId.set(rule.id, rule);
  return { byId, lists };
}

function ruleOf(value: Json): Rule {
  const rule = objectOf(value);
  return {
    id: textOf(rule['id']),
    level: textOf(objectOf(rule['defaultConfiguration'])['level']),
    severity: numberOf(objectOf(rule['properties'])['security-severity']),
    message: textOf(objectOf(rule['shortDescription'])['text']) ?? textOf(objectOf(rule['fullDescription'])['text']) ?? textOf(rule['name']),
  };
}

function ruleFor(rules: Rules, result: JsonObject): Rule | null {
  const reference = objectOf(result['rule']);
  const index = numberOf(reference['index'] ?? result['ruleIndex']);
  const component = numberOf(objectOf(reference['toolComponent'])['index']);
  const list = rules.lists[component === null || component < 0 ? 0 : component + 1];
  const byIndex = index === null ? undefined : list?.[index];
  if (byIndex) return byIndex;
  const id = textOf(result['ruleId']) ?? textOf(reference['id']);
  if (id === null) return null;
  // 3.27.5: an id may be hierarchical, `CA1000/1` for the rule `CA1000`.
  return rules.byId.get(id) ?? rules.byId.get(id.split('/').slice(0, -1).join('/')) ?? null;
}

function readResult(run: JsonObject, rules: Rules, result: JsonObject, tally: Tally): void {
  // 3.27.23: accepted suppressions only; one without a status is accepted. 3.27.24: only what the baseline did not have.
  if (listOf(result['suppressions']).some((one) => ['accepted', undefined].includes(objectOf(one)['status'] as string | undefined))) return;
  if (result['baselineState'] === 'absent' || result['baselineState'] === 'unchanged') return;
  const kind = textOf(result['kind']) ?? 'fail';
  const rule = ruleFor(rules, result);
  // 3.27.9 and 3.27.10: only what failed has a level.
  if (!['fail', 'open', 'review'].includes(kind)) return;
  const level = kind === 'fail' ? levelOf(textOf(result['level']) ?? rule?.level ?? 'warning') : 'note';
  if (level === null) return;
  tally.add(level === 'error' ? 'sast_errors' : level === 'warning' ? 'sast_warnings' : 'sast_notes');
  const severity = numberOf(objectOf(result['properties'])['security-severity']) ?? rule?.severity ?? null;
  if (severity !== null && severity > 0) tally.add(severity >= 9 ? 'critical_sast' : severity >= 7 ? 'high_sast' : severity >= 4 ? 'medium_sast' : 'low_sast');
  tally.findings.add({ rule: textOf(result['ruleId']) ?? rule?.id ?? '(without a rule)', level, message: messageOf(result, rule), ...placeOf(run, result, tally) });
}

function levelOf(level: string): Finding['level'] | null {
  return level === 'error' || level === 'warning' || level === 'note' ? level : level === 'none' ? null : 'warning';
}

function messageOf(result: JsonObject, rule: Rule | null): string {
  const message = objectOf(result['message']);
  return textOf(message['text']) ?? textOf(message['markdown']) ?? rule?.message ?? textOf(message['id']) ?? '(without a message)';
}

function placeOf(run: JsonObject, result: JsonObject, tally: Tally): Pick<Finding, 'path' | 'line' | 'endLine' | 'column' | 'endColumn'> {
  const physical = objectOf(objectOf(listOf(result['locations'])[0])['physicalLocation']);
  const region = objectOf(physical['region']);
  const line = positionOf(region['startLine']);
  const endLine = positionOf(region['endLine']);
  const column = positionOf(region['startColumn']);
  const endColumn = positionOf(region['endColumn']);
  const within = line !== null && (endLine === null || endLine === line);
  const path = pathOf(run, objectOf(physical['artifactLocation']), tally);
  return {
    path,
    line: path === null ? null : line,
    ...(path !== null && line !== null && endLine !== null && endLine > line ? { endLine } : {}),
    ...(path !== null && within && column !== null ? { column, ...(endColumn !== null && endColumn >= column ? { endColumn } : {}) } : {}),
  };
}

/** The file, by its address, by its place in the run's list of files (3.24.2), told from a base of the run (3.14.14). */
function pathOf(run: JsonObject, location: JsonObject, tally: Tally): string | null {
  const index = numberOf(location['index']);
  const listed = index === null ? {} : objectOf(objectOf(listOf(run['artifacts'])[index])['location']);
  const uri = textOf(location['uri']) ?? textOf(listed['uri']);
  const baseId = textOf(location['uriBaseId']) ?? textOf(listed['uriBaseId']);
  const bases = objectOf(run['originalUriBaseIds']);
  const base = baseId === null || !Object.hasOwn(bases, baseId) ? null : textOf(objectOf(bases[baseId])['uri']);
  if (uri === null) return null;
  const decoded = /^[a-z]+:/i.test(uri) ? uri : decode(uri);
  return tally.paths.find(base !== null && /^file:/i.test(base) && !/^([a-z]+:|\/)/i.test(uri) ? `${base.replace(/\/*$/, '/')}${uri}` : decoded, base);
}

function decode(uri: string): string {
  try {
    return decodeURIComponent(uri);
  } catch {
    return uri;
  }
}
