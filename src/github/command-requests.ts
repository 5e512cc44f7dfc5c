import { parseCommands } from '../core/command/parse-commands.ts';
import type { CommandRequest } from '../core/mission/request.ts';

/** Slash commands of a comment in the order of writing, those that could not be understood among them. Never throws. */
export function commandRequests(markdown: string): readonly CommandRequest[] {
  const { commands, errors } = parseCommands(markdown);
  const understood = commands.map((command) => ({
    place: command,
    request: { name: command.name, arguments: command.arguments, text: command.text, problem: null } satisfies CommandRequest,
  }));
  const misunderstood = errors.map((error) => ({
    place: error,
    request: { name: error.name ?? '', arguments: [], text: '', problem: { code: kebab(error.code), message: error.message } } satisfies CommandRequest,
  }));
  return [...understood, ...misunderstood].toSorted((a, b) => a.place.line - b.place.line || a.place.column - b.place.column).map(({ request }) => request);
}

/** `UnknownCommand` → `unknown-command`: answers have codes in one style. */
function kebab(code: string): string {
  return code.replaceAll(/(?<=[a-z])(?=[A-Z])/g, '-').toLowerCase();
}
