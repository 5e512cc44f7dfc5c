import type { ApprovalGroup, ApprovalRule, Approver, GuardDefinition, MissionSettings, Rubric } from '../core/mission/definition.ts';
import { maximumParallel } from '../core/mission/definition.ts';
import { guards } from '../guards/registry.ts';
import { didYouMean } from '../kit/nearest-word.ts';
import { splitWords } from '../core/command/split-words.ts';
import { err, ok } from '../kit/result.ts';
import type { Result } from '../kit/result.ts';
import { approvalRule } from './read-gate.ts';
import { approvalRoles, approverOf } from './read-approvers.ts';
import { quoted } from './problems.ts';

/*
 * The values people write in bullets of an issue: `- timeout: 10 minutes`, `- gate: 2 approvals from maintain`. Each reader gives
 * the value or a sentence that says what was expected.
 */

/** `Max Parallel: 3` → key `max-parallel`, value `3`. Null when the bullet is prose. */
export function keyAndValue(text: string): { readonly key: string; readonly value: string } | null {
  const match = /^([A-Za-z][A-Za-z -]{0,40}?)[ \t]*:(?:[ \t]+(.*))?$/s.exec(text);
  if (match?.[1] === undefined) return null;
  return { key: match[1].toLowerCase().replace(/ +/g, '-'), value: withoutBackticks((match[2] ?? '').trim()) };
}

/** People put values in code marks; a pair around the whole value does not belong to it. */
function withoutBackticks(value: string): string {
  const match = /^(`+)([^`].*?)\1$/s.exec(value);
  return match?.[2] !== undefined && !match[2].includes(match[1] ?? '`') ? match[2].trim() : value;
}

export function yesOrNo(value: string): Result<boolean, string> {
  const word = value.toLowerCase();
  if (['yes', 'true', 'on'].includes(word)) return ok(true);
  if (['no', 'false', 'off'].includes(word)) return ok(false);
  return err(`${quoted(value)} must be yes or no.`);
}

export function wholeNumber(value: string, low: number, high: number): Result<number, string> {
  const number = /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN;
  return number >= low && number <= high ? ok(number) : err(`${quoted(value)} must be a whole number from ${low} to ${high}.`);
}

/** Seconds: `90s`, `10m`, `2 hours`, `3 days`; a bare number means minutes. 1 second to 24 hours, or as long as is said. */
export function duration(value: string, longest = 86_400): Result<number, string> {
  const match = /^(\d{1,6})[ \t]*(s|sec|seconds?|m|min|minutes?|h|hours?|d|days?)?$/i.exec(value);
  const unit = (match?.[2] ?? 'm').charAt(0).toLowerCase();
  const seconds = Number(match?.[1] ?? Number.NaN) * { s: 1, m: 60, h: 3600, d: 86_400 }[unit as 's' | 'm' | 'h' | 'd'];
  return seconds >= 1 && seconds <= longest ? ok(seconds) : err(`${quoted(value)} must be a time from 1s to ${longest > 86_400 ? `${longest / 86_400}d` : '24h'}, like 90s, 10m or 2h.`);
}

/** `a, b and c` → ids. */
export function idList(value: string): readonly string[] {
  return value
    .split(/[,\s]+/)
    .map((word) => word.replace(/^[`"']+|[`"'.]+$/g, ''))
    .filter((word) => word !== '' && word !== 'and' && word !== '&');
}

/** `npm test -- --run "a b"` → program and arguments. */
export function programAndArguments(value: string): Result<readonly [string, ...string[]], { readonly offset: number; readonly message: string }> {
  const words = splitWords(value, { refuseShell: true });
  if (!words.ok) {
    const { code, offset, found } = words.error;
    if (code === 'unclosed-quote') return err({ offset, message: `The quote ${found} opened here is not closed.` });
    return err({ offset, message: `The program is started without a shell, so ${quoted(found)} would not do what it does in one. Write the line into a script file in the repository and run that.` });
  }
  const [program, ...rest] = words.value.map((word) => word.text);
  return program === undefined || program === '' ? err({ offset: 0, message: 'Name the program to run, like `run: npm test`.' }) : ok([program, ...rest]);
}

/**
 * A guard type by its name (`secrets`, `diff`), or one that reads reports with their path (`junit reports/*.xml`). Null for anything
 * else, which is a program: `eslint src` runs one, `eslint reports/eslint.json` reads a report.
 */
export function guardWords(value: string): Pick<GuardDefinition, 'uses' | 'with'> | null {
  const [, word = '', path] = /^([A-Za-z-]{1,40})(?:[ \t:]+(\S{1,500}))?$/.exec(value.trim()) ?? [];
  const type = guards.find(word.toLowerCase());
  if (!type || type.name === 'command') return null;
  const { required } = type.parameters;
  const needs = Array.isArray(required) ? (required as readonly string[]) : [];
  if (path === undefined) return needs.length === 0 ? { uses: type.name, with: {} } : null;
  const written = path.replace(/^`(.+)`$/, '$1');
  const isReport = /\*|\.(?:xml|json|tap|info|sarif|spdx)$/i.test(written);
  return isReport && needs.length === 1 && needs[0] === 'path' ? { uses: type.name, with: { path: written } } : null;
}

export interface GateWords {
  readonly rubric: Rubric;
  readonly approvals: ApprovalRule;
}

/**
 * `none`, or clauses separated by commas: `2 approvals`, `from maintain or team:security`, `and 1 approval from codeowners`, `not the
 * requester`, `tests_failed_max 0`.
 */
export function gateWords(value: string): Result<GateWords | 'none', string> {
  const text = value.toLowerCase();
  if (text === 'none' || text === 'no') return ok('none');
  let count: number | undefined;
  let from: readonly Approver[] | undefined;
  let allowRequester: boolean | undefined;
  const all: ApprovalGroup[] = [];
  const rubric: Record<string, number | true> = {};
  for (const clause of clausesOf(text)) {
    const counted = /^(?:approvals?[ \t:=]+(\d{1,3})|(\d{1,3}) approvals?)$/.exec(clause);
    const also = /^and (?:(\d{1,3}) approvals? )?from (.+)$/.exec(clause);
    const people = /^(?:from\s+|(?=role:|team:|user:))(.+)$/.exec(clause)?.[1];
    const threshold = /^([a-z0-9][a-z0-9_-]{0,80}_(?:max|min))[ \t:=]+(-?\d{1,12}(?:\.\d{1,6})?)$/.exec(clause);
    const required = /^([a-z0-9][a-z0-9_-]{0,80}_required)$/.exec(clause);
    if (counted) {
      count = Number(counted[1] ?? counted[2]);
      if (count > 10) return err(`${count} approvals are too many; 0 to 10 are possible.`);
    } else if (also) {
      const who = approversIn(also[2] ?? '');
      if (!who.ok) return who;
      const needed = Number(also[1] ?? 1);
      if (needed < 1 || needed > 10) return err(`${needed} approvals are not possible in a further rule; 1 to 10 are.`);
      all.push({ count: needed, from: who.value });
    } else if (people !== undefined) {
      const who = approversIn(people);
      if (!who.ok) return who;
      from = who.value;
    } else if (/^(?:not|without) (?:the )?requester$/.test(clause)) allowRequester = false;
    else if (threshold?.[1] !== undefined) rubric[threshold[1]] = Number(threshold[2]);
    else if (required?.[1] !== undefined) rubric[required[1]] = true;
    else {
      return err(`${quoted(clause)} is not understood. A gate is \`none\`, or for example \`2 approvals\`, \`1 approval from maintain\`, \`1 approval from team:security or user:octocat\`, \`and 1 approval from codeowners\`, \`not the requester\`, \`tests_failed_max 0\`.`);
    }
  }
  return ok({ rubric, approvals: approvalRule({ count, from, all, allowRequester }) });
}

/** `2 approvals from maintain` is two clauses without a comma; what begins with `and` is one rule of its own. */
function clausesOf(text: string): readonly string[] {
  return text.split(',').flatMap((part) => {
    const clause = part.trim();
    const pieces = clause.split(/\s+(?=and (?:\d{1,3} approvals? )?from )/);
    return pieces.flatMap((piece) => (piece.startsWith('and ') ? [piece] : piece.replace(/(\S)\s+from\s+/g, '$1, from ').split(',').map((one) => one.trim())));
  });
}

/** `maintain or team:security`: a bare word is a role. */
function approversIn(text: string): Result<readonly Approver[], string> {
  const found: Approver[] = [];
  for (const word of text.split(/\s+or\s+|\s+/).filter((one) => one !== '' && one !== 'or')) {
    if (/^[a-z]+$/.test(word) && word !== 'codeowners') {
      const role = approvalRoles.find((known) => known === word);
      if (role === undefined) return err(`There is no role ${quoted(word)}; approvals come from ${approvalRoles.join(', ')}, team:<slug>, user:<login> or codeowners.${didYouMean(word, [...approvalRoles, 'codeowners'])}`);
      found.push(`role:${role}`);
      continue;
    }
    const read = approverOf(word);
    if (!read.ok) return err(read.message);
    found.push(read.approver);
  }
  return ok([...new Set(found)]);
}

/** Settings of the mission by their key in the issue; null for a key that is no setting. */
export function settingWords(key: string, value: string): Result<Partial<MissionSettings>, string> | null {
  switch (key) {
    case 'max-parallel': {
      const number = wholeNumber(value, 1, maximumParallel);
      return number.ok ? ok({ maxParallel: number.value }) : number;
    }
    case 'fail-fast': {
      const answer = yesOrNo(value);
      return answer.ok ? ok({ failFast: answer.value }) : answer;
    }
    case 'merge': {
      const ways = ['none', 'merge', 'squash', 'rebase'] as const;
      const way = ways.find((word) => word === value.toLowerCase());
      return way === undefined ? err(`${quoted(value)} must be one of ${ways.join(', ')}.${didYouMean(value, ways)}`) : ok({ merge: way });
    }
    default:
      return null;
  }
}
