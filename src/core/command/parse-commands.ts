import { scanBlocks } from '../checklist/scan-blocks.ts';
import { checkArguments } from './check-arguments.ts';
import type { CommandError, CommandFault } from './command-error.ts';
import { describeCommandError } from './command-error.ts';
import { commandSpecs, findCommand } from './command-spec.ts';
import type { CommandSpec } from './command-spec.ts';
import { answerOfMail } from './email-reply.ts';
import { codePointName, firstInvisible, visibleText } from './hidden-characters.ts';
import { nearestWord } from '../../kit/nearest-word.ts';
import { OpenHtml } from './open-html.ts';
import { plainLineStarts } from './paragraph-lines.ts';

/** A slash command as a person wrote it, checked against its specification. */
export interface Command {
  readonly name: string;
  /** Arguments without free words, in the order of the specification. */
  readonly arguments: readonly string[];
  readonly values: Readonly<Record<string, string>>;
  /** Free words behind the arguments: a reason. */
  readonly text: string;
  readonly line: number;
  readonly column: number;
}

export interface ParsedCommands {
  readonly commands: readonly Command[];
  readonly errors: readonly CommandError[];
}

/** Prefix for repositories where another bot uses the same words: `/mg approve-gate`. */
export const commandNamespace = 'mg';

/** A comment with more commands is no conversation; none of them is carried out. */
export const maximumCommands = 10;

/** Words of other well-known bots that come close to ours and are no slip of the pen. */
const wordsOfOthers: ReadonlySet<string> = new Set(['retest', 'ship']);

const nothing: ParsedCommands = { commands: [], errors: [] };

/**
 * Finds slash commands in a comment: at the beginning of a line, in a paragraph at the top level. Never in code, quotes, HTML,
 * links, tables, headings, lists or footnotes: there people talk about commands. Nor below the answer of an e-mail. Words that are not ours belong to
 * other bots and are passed over in silence, unless they come close to ours or carry our prefix. Never throws.
 */
export function parseCommands(markdown: string, specs: readonly CommandSpec[] = commandSpecs): ParsedCommands {
  // Most comments hold no command: they are not taken apart.
  if (!/^[ \t]*\//m.test(markdown)) return nothing;
  const scanned = scanBlocks(answerOfMail(markdown));
  if (!scanned.ok) {
    const isMeant = specs.some((spec) => markdown.includes(`/${spec.name}`));
    return isMeant ? { commands: [], errors: [failure({ code: 'TooComplex' }, null, scanned.error.line, 1)] } : nothing;
  }
  const commands: Command[] = [];
  const errors: CommandError[] = [];
  const html = new OpenHtml();
  for (const block of scanned.value) {
    if (block.kind === 'html' && block.parent < 0) html.see(block.lines.map(({ text }) => text).join('\n'));
    if (html.isOpen || block.kind !== 'paragraph' || block.parent >= 0 || !block.lines.some((line) => line.text.startsWith('/'))) continue;
    for (const { text, line, column } of plainLineStarts(block)) {
      const found = readCommand(text, line, column, specs);
      if (found === null) continue;
      if ('code' in found) errors.push(found);
      else commands.push(found);
      if (commands.length + errors.length > maximumCommands) {
        return { commands: [], errors: [failure({ code: 'TooManyCommands', maximum: maximumCommands }, null, line, column)] };
      }
    }
  }
  return { commands, errors };
}

function readCommand(text: string, line: number, column: number, specs: readonly CommandSpec[]): Command | CommandError | null {
  const head = readHead(text, specs);
  if (head === null) return null;
  if ('fault' in head) return failure(head.fault, null, line, column);
  const { spec, rest } = head;
  // The reason is prose and may hold emoji and right-to-left text; what deceives is refused there as well.
  const deceiving = firstDifference(rest, visibleText(rest));
  if (deceiving >= 0) return failure({ code: 'HiddenCharacter', character: codePointName(rest, deceiving) }, spec, line, column);
  const checked = checkArguments(spec, rest);
  if (!checked.ok) return failure(checked.error, spec, line, column);
  return { name: spec.name, arguments: checked.value.positional, values: checked.value.values, text: checked.value.text, line, column };
}

type Head = { readonly spec: CommandSpec; readonly rest: string } | { readonly fault: CommandFault };

function readHead(text: string, specs: readonly CommandSpec[]): Head | null {
  const first = readName(text.startsWith('/') ? text.slice(1) : '');
  if (!first) return null;
  if (first.name !== commandNamespace) return resolve(first, false, specs);
  const second = readName(first.rest.trimStart().replace(/^[`/]+/, ''));
  if (second) return resolve(second, true, specs);
  return first.rest.trim() === '' ? { fault: { code: 'MissingCommand' } } : { fault: { code: 'UnknownCommand', found: first.rest.trim().slice(0, 80), didYouMean: null } };
}

interface Name {
  /** In lower case, without invisible characters. */
  readonly name: string;
  readonly hidden: string | null;
  readonly rest: string;
}

/** The name, if what follows it is no path or other word: `/retry/x`, `/etc.d` and `/usr` with letters behind are not commands. */
function readName(text: string): Name | null {
  const word = /^\S{1,200}/.exec(text)?.[0] ?? '';
  const at = firstInvisible(word);
  const visible = at < 0 ? word : Array.from(word).filter((letter) => firstInvisible(letter) < 0).join('');
  const match = /^([A-Za-z][A-Za-z-]{0,40})[`.,;:!?]*$/.exec(visible);
  if (match?.[1] === undefined) return null;
  return { name: match[1].toLowerCase(), hidden: at < 0 ? null : codePointName(word, at), rest: text.slice(word.length) };
}

function resolve(found: Name, hasPrefix: boolean, specs: readonly CommandSpec[]): Head | null {
  const spec = findCommand(found.name, specs);
  if (spec && found.hidden !== null) return { fault: { code: 'HiddenCharacter', character: found.hidden } };
  if (spec) return { spec, rest: found.rest };
  const namesake = specs.find((candidate) => candidate.alsoKnownAs?.includes(found.name))?.name;
  const near = namesake ?? nearestWord(found.name, specs.map((candidate) => candidate.name));
  return !hasPrefix && (near === null || wordsOfOthers.has(found.name)) ? null : { fault: { code: 'UnknownCommand', found: found.name, didYouMean: near } };
}

function firstDifference(a: string, b: string): number {
  if (a === b) return -1;
  let at = 0;
  while (a.charAt(at) === b.charAt(at)) at += 1;
  return at;
}

function failure(fault: CommandFault, spec: CommandSpec | null, line: number, column: number): CommandError {
  const name = spec?.name ?? null;
  const usage = spec?.usage ?? null;
  return { ...fault, name, usage, line, column, message: describeCommandError(fault, name, usage) };
}
