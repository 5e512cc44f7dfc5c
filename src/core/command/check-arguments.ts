import { err, ok } from '../../kit/result.ts';
import type { Result } from '../../kit/result.ts';
import type { CommandFault } from './command-error.ts';
import type { ArgumentSpec, CommandSpec } from './command-spec.ts';
import { commandSpecs, findCommand } from './command-spec.ts';
import { codePointName, firstInvisible } from './hidden-characters.ts';
import { nearestWord } from '../../kit/nearest-word.ts';
import { untilPattern, untilWords } from './read-until.ts';
import { maximumAssignees } from '../mission/assignment.ts';
import { splitWords } from './split-words.ts';
import type { Word } from './split-words.ts';

/** Longest text of an argument, in characters: it stands in checks and issues. */
const longestText = 500;

/** No command takes more; a line with more words is not looked at further. */
export const maximumArguments = 50;

export interface CheckedArguments {
  /** By name of the argument; free words under the name of the `rest` argument. */
  readonly values: Readonly<Record<string, string>>;
  /** The same without free words, in the order of the specification; '' stands for one left out before one given. */
  readonly positional: readonly string[];
  /** Free words: the value of the `rest` argument, or ''. */
  readonly text: string;
}

/** Reads what stands behind a command's name. Values are checked against safe letters: they reach branch names and messages. */
export function checkArguments(spec: CommandSpec, line: string): Result<CheckedArguments, CommandFault> {
  const places = spec.arguments.filter((argument) => argument.kind !== 'rest');
  const rest = spec.arguments.find((argument) => argument.kind === 'rest') ?? null;
  const values = new Map<string, string>();
  let at = 0;
  let given = 0;
  let text = '';
  for (;;) {
    while (at < line.length && /\s/.test(line.charAt(at))) at += 1;
    if (at >= line.length) break;
    const next = places.find((argument) => !argument.named && (argument.kind === 'people' || !values.has(argument.name)));
    const key = /^([A-Za-z][A-Za-z-]{0,30})=/.exec(line.slice(at, at + 32))?.[1]?.toLowerCase() ?? null;
    const isNamed = key !== null && (rest === null || next !== undefined || spec.arguments.some((argument) => argument.name === key));
    if (!isNamed && next === undefined && rest !== null) {
      text = unquoted(line.slice(at).trim());
      break;
    }
    const word = splitWords(line.slice(at), { maximumWords: 1, curlyQuotes: true });
    if (!word.ok) return err({ code: 'UnclosedQuote', quote: word.error.found });
    const [found] = word.value;
    if (!found) break;
    given += 1;
    if (given > maximumArguments) return err({ code: 'TooManyArguments', maximum: maximumArguments });
    at += found.end;
    const fault = isNamed ? takeNamed(spec, key, found, values) : next === undefined ? tooMany(places, bare(found)) : take(next, bare(found), values);
    if (fault) return err(fault);
  }
  if (text === '' && rest !== null) text = values.get(rest.name) ?? '';
  else if (text !== '' && rest !== null) {
    if (values.has(rest.name)) return err({ code: 'DuplicateArgument', argument: rest.name });
    values.set(rest.name, text);
  }
  const missing = spec.arguments.find((argument) => argument.required && !values.has(argument.name));
  if (missing) return err({ code: 'MissingArgument', argument: missing.name });
  const last = places.findLastIndex((argument) => values.has(argument.name));
  return ok({ values: Object.fromEntries(values), positional: places.slice(0, last + 1).flatMap((argument) => wordsOf(argument, values.get(argument.name) ?? '')), text });
}

function wordsOf({ kind }: ArgumentSpec, value: string): readonly string[] {
  return kind === 'people' ? value.split(' ') : [value];
}

function tooMany(places: readonly ArgumentSpec[], found: string): CommandFault {
  const text = places.find(({ kind }) => kind === 'text');
  if (text) return { code: 'LooseWord', found, argument: text.name };
  return { code: 'TooManyArguments', maximum: places.length };
}

function takeNamed(spec: CommandSpec, key: string, word: Word, values: Map<string, string>): CommandFault | null {
  const argument = spec.arguments.find((candidate) => candidate.name === key);
  const names = spec.arguments.map((candidate) => candidate.name);
  if (!argument) return { code: 'UnknownArgument', found: key, didYouMean: nearestWord(key, names) };
  if (values.has(argument.name)) return { code: 'DuplicateArgument', argument: argument.name };
  const value = word.quotedFrom < 0 ? trimmed(word.text.slice(key.length + 1)) : word.text.slice(key.length + 1);
  return take(argument, value, values);
}

function take(argument: ArgumentSpec, value: string, values: Map<string, string>): CommandFault | null {
  if (argument.kind === 'rest') {
    values.set(argument.name, value.trim());
    return null;
  }
  if (argument.kind === 'text') {
    const said = value.trim();
    if (said === '' || said.length > longestText) return { code: 'BadValue', argument: argument.name, found: said, expected: `1 to ${longestText} characters` };
    values.set(argument.name, said);
    return null;
  }
  const hidden = firstInvisible(value);
  if (hidden >= 0) return { code: 'HiddenCharacter', character: codePointName(value, hidden) };
  if (argument.kind === 'people') return takePeople(argument, value, values);
  const rule = rules[argument.kind];
  const lower = value.toLowerCase();
  if (!rule.pattern.test(lower)) return { code: 'BadValue', argument: argument.name, found: value, expected: rule.words };
  const name = lower.replace(/^\//, '');
  if (argument.kind === 'command' && !findCommand(name)) {
    return { code: 'UnknownCommand', found: value, didYouMean: nearestWord(name, commandSpecs.map((spec) => spec.name)) };
  }
  values.set(argument.name, argument.kind === 'command' ? name : lower);
  return null;
}

/** One person more, or several with commas between; the same twice is one. Logins keep their capitals: they are shown again. */
function takePeople({ name }: ArgumentSpec, value: string, values: Map<string, string>): CommandFault | null {
  const before = values.get(name)?.split(' ') ?? [];
  const found = value.split(/[\s,]+/).filter((word) => word !== '');
  const wrong = found.find((word) => !login.pattern.test(word));
  if (wrong !== undefined || found.length === 0) return { code: 'BadValue', argument: name, found: wrong ?? value, expected: login.words };
  const people = new Map([...before, ...found].map((word) => word.replace('@', '')).map((person) => [person.toLowerCase(), person]));
  if (people.size > maximumAssignees) return { code: 'TooManyArguments', maximum: maximumAssignees };
  values.set(name, [...people.values()].join(' '));
  return null;
}

/** Managed accounts hold `_`; bots are named as GitHub names them, to be told that they cannot be asked. */
const login = { pattern: /^@?[a-z0-9][a-z0-9_-]{0,38}(?:\[bot\])?$/i, words: 'the login of one person, like @octocat; a team is asked by naming its people' };

/** Capitals are allowed because keyboards on phones put them; ids have none. */
const rules = {
  id: { pattern: /^[a-z0-9][a-z0-9._-]{0,62}$/, words: 'an id as shown in the checklist, like build-api' },
  rule: { pattern: /^[a-z0-9][a-z0-9._/ -]{0,126}$/, words: 'a rule as the check shows it, like coverage_min or guard/lint' },
  until: { pattern: untilPattern, words: untilWords },
  number: { pattern: /^\d{1,12}(?:\.\d{1,6})?$/, words: 'a number in digits, like 300000 or 12.50' },
  sha: { pattern: /^[0-9a-f]{7,64}$/, words: '7 to 64 hex digits' },
  command: { pattern: /^\/?[a-z][a-z-]{0,30}$/, words: 'the name of a command' },
} as const;

/** Free words need no quotes; whoever puts them around all of it means what stands between. */
function unquoted(text: string): string {
  const word = splitWords(text, { maximumWords: 1, curlyQuotes: true });
  const [only] = word.ok ? word.value : [];
  return only?.quotedFrom === 0 && only.end === text.length && only.text.trim() !== '' ? only.text.trim() : text;
}

function bare(word: Word): string {
  return word.quotedFrom < 0 ? trimmed(word.text) : word.text;
}

/** Marks around a value that belong to the sentence, not to it: back-ticks, and punctuation at the end. */
function trimmed(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && text.charAt(start) === '`') start += 1;
  while (end > start && '`.,;:!?'.includes(text.charAt(end - 1))) end -= 1;
  return text.slice(start, end);
}
