/** Why a command could not be understood, with its facts as fields; `describeCommandError` makes the sentence. */
export type CommandFault =
  | { readonly code: 'MissingCommand' }
  | { readonly code: 'UnknownCommand'; readonly found: string; readonly didYouMean: string | null }
  | { readonly code: 'MissingArgument'; readonly argument: string }
  | { readonly code: 'BadValue'; readonly argument: string; readonly found: string; readonly expected: string }
  | { readonly code: 'UnknownArgument'; readonly found: string; readonly didYouMean: string | null }
  | { readonly code: 'DuplicateArgument'; readonly argument: string }
  | { readonly code: 'TooManyArguments'; readonly maximum: number }
  | { readonly code: 'LooseWord'; readonly found: string; readonly argument: string }
  | { readonly code: 'UnclosedQuote'; readonly quote: string }
  | { readonly code: 'HiddenCharacter'; readonly character: string }
  | { readonly code: 'TooManyCommands'; readonly maximum: number }
  | { readonly code: 'TooComplex' };

export type CommandError = CommandFault & {
  /** Command it was meant for, as far as it is known. */
  readonly name: string | null;
  readonly usage: string | null;
  readonly line: number;
  readonly column: number;
  readonly message: string;
};

/** The sentence for people: what is wrong and what to type. */
export function describeCommandError(fault: CommandFault, name: string | null, usage: string | null): string {
  const said = faultWords(fault, name === null ? 'This command' : `\`/${name}\``);
  return usage === null ? `${said} Type \`/help\` for the list.` : `${said} Usage: \`${usage}\`.`;
}

function faultWords(fault: CommandFault, command: string): string {
  switch (fault.code) {
    case 'MissingCommand':
      return '`/mg` needs the name of a command.';
    case 'UnknownCommand':
      return `There is no command ${shown(fault.found)}.${hint(fault.didYouMean, '/')}`;
    case 'MissingArgument':
      return `${command} needs the ${fault.argument}.`;
    case 'BadValue':
      return `${shown(fault.found)} is no ${fault.argument}; it must be ${fault.expected}.`;
    case 'UnknownArgument':
      return `${command} has no argument ${shown(fault.found)}.${hint(fault.didYouMean, '')}`;
    case 'DuplicateArgument':
      return `The ${fault.argument} is given twice.`;
    case 'TooManyArguments':
      return fault.maximum === 0 ? `${command} takes no arguments.` : `${command} takes at most ${fault.maximum} argument${fault.maximum === 1 ? '' : 's'}.`;
    case 'LooseWord':
      return `${shown(fault.found)} stands alone. Several words belong in quotes, like \`${fault.argument}="…"\`.`;
    case 'UnclosedQuote':
      return `A quote (${fault.quote}) is not closed.`;
    case 'HiddenCharacter':
      return `The line holds an invisible character (${fault.character}), so it may not be what it looks like. Type it anew instead of pasting it.`;
    case 'TooManyCommands':
      return `A comment may hold ${fault.maximum} commands; none of this one was carried out.`;
    default:
      return 'Quotes and lists in this comment are nested too deep to be read.';
  }
}

/** Text of a stranger inside a bot's message: code-formatted, at most 40 letters, nothing that ends the code or mentions anybody. */
function shown(text: string): string {
  const plain = text.replace(/[^\p{L}\p{N}._=/-]/gu, '?');
  const letters = Array.from(plain.slice(0, 200));
  return `\`${letters.slice(0, 40).join('')}${letters.length > 40 ? '…' : ''}\``;
}

function hint(word: string | null, prefix: string): string {
  return word === null ? '' : ` Did you mean \`${prefix}${word}\`?`;
}
