import type { ApprovalRule, MissionSettings, RepositoryRole, Rubric } from '../core/mission/definition.ts';
import { definitionDefaults, maximumParallel } from '../core/mission/definition.ts';
import { didYouMean } from '../kit/nearest-word.ts';
import { splitWords } from '../core/command/split-words.ts';
import { err, ok } from '../kit/result.ts';
import type { Result } from '../kit/result.ts';
import { approvalRoles } from './read-gate.ts';
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

export interface GateWords {
  readonly rubric: Rubric;
  readonly approvals: ApprovalRule;
}

/** `none`, or clauses separated by commas: `2 approvals`, `from maintain`, `not the requester`, `tests_failed_max 0`. */
export function gateWords(value: string): Result<GateWords | 'none', string> {
  const text = value.toLowerCase();
  if (text === 'none' || text === 'no') return ok('none');
  let approvals: ApprovalRule = definitionDefaults.approvals;
  const rubric: Record<string, number | true> = {};
  // `2 approvals from maintain` is two clauses without a comma.
  for (const clause of text.replace(/([^,\s])\s+from\s+/g, '$1, from ').split(',').map((part) => part.trim())) {
    const count = /^(?:approvals?[ \t:=]+(\d{1,3})|(\d{1,3}) approvals?)$/.exec(clause);
    const role = /^(?:from|role:)\s*(?:role:)?([a-z]+)$/.exec(clause)?.[1];
    const threshold = /^([a-z0-9][a-z0-9_-]{0,80}_(?:max|min))[ \t:=]+(-?\d{1,12}(?:\.\d{1,6})?)$/.exec(clause);
    const required = /^([a-z0-9][a-z0-9_-]{0,80}_required)$/.exec(clause);
    if (count) {
      const number = Number(count[1] ?? count[2]);
      if (number > 10) return err(`${number} approvals are too many; 0 to 10 are possible.`);
      approvals = { ...approvals, count: number };
    } else if (role !== undefined) {
      if (!isApprovalRole(role)) return err(`There is no role ${quoted(role)}; approvals come from ${approvalRoles.join(', ')}.${didYouMean(role, approvalRoles)}`);
      approvals = { ...approvals, minimumRole: role };
    } else if (/^(?:not|without) (?:the )?requester$/.test(clause)) approvals = { ...approvals, allowRequester: false };
    else if (threshold?.[1] !== undefined) rubric[threshold[1]] = Number(threshold[2]);
    else if (required?.[1] !== undefined) rubric[required[1]] = true;
    else {
      return err(`${quoted(clause)} is not understood. A gate is \`none\`, or for example \`2 approvals\`, \`1 approval from maintain\`, \`approvals 1, not the requester\`, \`tests_failed_max 0\`.`);
    }
  }
  return ok({ rubric, approvals });
}

function isApprovalRole(word: string): word is (typeof approvalRoles)[number] & RepositoryRole {
  return (approvalRoles as readonly string[]).includes(word);
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
