import type { Nodes, Parents } from 'mdast';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { gfmFromMarkdown } from 'mdast-util-gfm';
import { gfm } from 'micromark-extension-gfm';
import { describe, expect, test } from 'vitest';

import { commandSpecs } from '../../../src/core/command/command-spec.ts';
import { maximumCommands, parseCommands } from '../../../src/core/command/parse-commands.ts';
import * as fc from '../../support/fast-check.ts';

/** `name(arguments) text` for commands, `code` for errors, in the order found. */
function found(markdown: string): string[] {
  const { commands, errors } = parseCommands(markdown);
  return [...commands.map((command) => `${command.name}(${command.arguments.join(',')})${command.text === '' ? '' : ` ${command.text}`}`), ...errors.map((error) => error.code)];
}

describe('parseCommands', () => {
  test.each([
    ['/approve-gate', ['approve-gate()']],
    ['/approve-gate build', ['approve-gate(build)']],
    ['/approve-gate build 0123abcd', ['approve-gate(build,0123abcd)']],
    ['/approve-gate gate=build sha=0123abcd', ['approve-gate(build,0123abcd)']],
    ['/approve-gate sha="0123abcd"', ['approve-gate(,0123abcd)']],
    ['/Approve-Gate Build 0123ABCD.', ['approve-gate(build,0123abcd)']],
    ['/approve-gate `build`', ['approve-gate(build)']],
    ['   /pause.', ['pause()']],
    ['/mg approve-gate build', ['approve-gate(build)']],
    ['/MG /status', ['status()']],
    ["/reject-gate build it's \"not\" done", ["reject-gate(build) it's \"not\" done"]],
    ['/reject-gate build reason="a b"', ['reject-gate(build) a b']],
    ["/reject-gate build reason='a \"b\"'", ['reject-gate(build) a "b"']],
    ['/reject-gate build reason="a \\"b\\" c"', ['reject-gate(build) a "b" c']],
    ['/reject-gate build reason=“it’s not done”', ['reject-gate(build) it’s not done']],
    ['/reject-gate build reason=„nicht fertig“', ['reject-gate(build) nicht fertig']],
    ['/reject-gate build reason=‘it’s “odd”’', ['reject-gate(build) it’s “odd”']],
    ['/reject-gate build “no docs”', ['reject-gate(build) no docs']],
    ['/reject-gate build "no docs"', ['reject-gate(build) no docs']],
    ['/reject-gate build "no" docs', ['reject-gate(build) "no" docs']],
    ['/retry “build-api”', ['retry(build-api)']],
    ['/skip docs written by hand', ['skip(docs) written by hand']],
    ['/plan', ['plan()']],
    ['/assign', ['assign()']],
    ['/assign @Octo-Cat hubot', ['assign(Octo-Cat,hubot)']],
    ['/assign @octocat, @ada_acme and-me.', ['assign(octocat,ada_acme,and-me)']],
    ['/assign @octocat,@OctoCat', ['assign(OctoCat)']],
    ['/assign person=@octocat', ['assign(octocat)']],
    ['/unassign @robot[bot]', ['unassign(robot[bot])']],
    ['/reject-gate build ❤️ שלום', ['reject-gate(build) ❤️ שלום']],
    ['/retry build-api', ['retry(build-api)']],
    ['/retry', ['retry()']],
    ['/waive build Coverage_Min until=7D reason="it\'s new: a=b" control="by hand, 2 people"', ["waive(build,coverage_min,7d,it's new: a=b,by hand, 2 people)"]],
    ['/waive build', ['waive(build)']],
    ['/waive build guard/lint', ['waive(build,guard/lint)']],
    ['/waive build "guard lint" control=\'x\'', ['waive(build,guard lint,,,x)']],
    ['/cancel not needed\n/help retry', ['cancel() not needed', 'help(retry)']],
    ['Looks good to me.\n/approve-gate', ['approve-gate()']],
    ['Looks good.\r\n\r\n/approve-gate build\r\n', ['approve-gate(build)']],
    ['see [the docs] and\n/status', ['status()']],
    ['a [b\n/status', ['status()']],
  ])('understands %j', (markdown, expected) => {
    expect(found(markdown)).toEqual(expected);
  });

  test.each([
    ['code', '`/cancel`'],
    ['code over lines', '`x\n/cancel`'],
    ['a fence', '```\n/cancel\n```'],
    ['indented code', '    /cancel'],
    ['a quote', '> /cancel'],
    ['a lazy quote', '> x\n/cancel'],
    ['a quote in a quote', '> > /cancel'],
    ['a list', '- /cancel'],
    ['an item over lines', '- x\n/cancel'],
    ['a heading', '# /cancel'],
    ['a comment', '<!--\n/cancel\n-->'],
    ['a comment in text', 'x <!--\n/cancel\n-->'],
    ['a block of HTML', '<div>\n/cancel\n</div>'],
    ['a tag over lines', 'x <a href="\n/cancel\n">y</a>'],
    ['a link', '[x\n/cancel](y)'],
    ["a link's title", '[x](y "\n/cancel\n")'],
    ['a table', 'a | b\n--|--\n/cancel'],
    ['a table head', '/cancel | b\n--|--'],
    ['a footnote', '[^1]: x\n\n    /cancel'],
    ['the middle of a line', 'please /cancel'],
    ['a path', '/cancel/x and\n/etc/passwd'],
    ['words of other bots', '/hold\n/lgtm\n/test all\n/milestone v1\n/retest'],
  ])('finds nothing in %s', (_, markdown) => {
    expect(found(markdown)).toEqual([]);
  });

  test.each([
    ['/aprove-gate', 'UnknownCommand', 'There is no command `aprove-gate`. Did you mean `/approve-gate`? Type `/help` for the list.'],
    ['/mg nonsense', 'UnknownCommand', 'There is no command `nonsense`. Type `/help` for the list.'],
    ['/mg', 'MissingCommand', '`/mg` needs the name of a command. Type `/help` for the list.'],
    ['/reject-gate', 'MissingArgument', '`/reject-gate` needs the gate. Usage: `/reject-gate <gate> <reason…>`.'],
    ['/reject-gate build', 'MissingArgument', '`/reject-gate` needs the reason. Usage: `/reject-gate <gate> <reason…>`.'],
    ['/retry "build', 'UnclosedQuote', 'A quote (") is not closed. Usage: `/retry [task] [reason…]`.'],
    ['/retry task=a task=b', 'DuplicateArgument', 'The task is given twice. Usage: `/retry [task] [reason…]`.'],
    ['/retry tsk=a', 'UnknownArgument', '`/retry` has no argument `tsk`. Did you mean `task`? Usage: `/retry [task] [reason…]`.'],
    ['/status now', 'TooManyArguments', '`/status` takes no arguments. Usage: `/status`.'],
    ['/approve-gate build 0123abc x', 'TooManyArguments', '`/approve-gate` takes at most 2 arguments. Usage: `/approve-gate [gate] [sha]`.'],
    ['/approve-gate build fine', 'BadValue', '`fine` is no sha; it must be 7 to 64 hex digits. Usage: `/approve-gate [gate] [sha]`.'],
    ['/waive build coverage_min until=7d reason=it is new', 'LooseWord', '`is` stands alone. Several words belong in quotes, like `reason="…"`. Usage: `/waive <gate> [rule] until=… reason="…" control="…"`.'],
    ['/waive build coverage_min until=soon', 'BadValue', '`soon` is no until; it must be a time like 7d or 12h, or a day like 2026-12-01. Usage: `/waive <gate> [rule] until=… reason="…" control="…"`.'],
    ['/waive build coverage_min reason=""', 'BadValue', '`` is no reason; it must be 1 to 500 characters. Usage: `/waive <gate> [rule] until=… reason="…" control="…"`.'],
    ['/waive-gate build', 'UnknownCommand', 'There is no command `waive-gate`. Did you mean `/waive`? Type `/help` for the list.'],
    ['/retry ../../etc', 'BadValue', '`../../etc` is no task; it must be an id as shown in the checklist, like build-api. Usage: `/retry [task] [reason…]`.'],
    ['/retry @everyone', 'BadValue', '`?everyone` is no task; it must be an id as shown in the checklist, like build-api. Usage: `/retry [task] [reason…]`.'],
    ['/assign @acme/team', 'BadValue', '`?acme/team` is no person; it must be the login of one person, like @octocat; a team is asked by naming its people. Usage: `/assign [person…]`.'],
    ['/unassign o..o', 'BadValue', '`o..o` is no person; it must be the login of one person, like @octocat; a team is asked by naming its people. Usage: `/unassign [person…]`.'],
    ['/assign a b c d e f g h i j k', 'TooManyArguments', '`/assign` takes at most 10 arguments. Usage: `/assign [person…]`.'],
    ['/asign', 'UnknownCommand', 'There is no command `asign`. Did you mean `/assign`? Type `/help` for the list.'],
    ['/help aprove-gate', 'UnknownCommand', 'There is no command `aprove-gate`. Did you mean `/approve-gate`? Usage: `/help [command]`.'],
  ])('refuses %j as %s', (markdown, code, message) => {
    expect(parseCommands(markdown).errors).toMatchObject([{ code, message, line: 1, column: 1 }]);
  });

  test.each(['/can\u200Bcel', '/cancel\u202E', '/approve-gate bu\u2066ild', '/approve-gate bu\u{E0041}ild', '/approve-gate build\uFEFF', '/approve-gate bu\u200Dild', '/reject-gate build a\u202Eb', '/reject-gate build x\u200By'])('refuses a command with a character nobody sees: %j', (markdown) => {
    expect(parseCommands(markdown)).toMatchObject({ commands: [], errors: [{ code: 'HiddenCharacter' }] });
  });

  test('a comment full of commands carries out none', () => {
    expect(found('/pause\n'.repeat(maximumCommands)).length).toBe(maximumCommands);
    expect(found('/pause\n'.repeat(9000))).toEqual(['TooManyCommands']);
  });

  test('a line that goes on in a footnote is no command, however far the footnote is indented', () => {
    expect(found('[^1]:     /cancel\n/cancel')).toEqual([]);
  });

  test('a comment that nests too deep is answered only if it is meant for us', () => {
    expect(found(`/approve-gate\n\n${'>'.repeat(10_000)}`)).toEqual(['TooComplex']);
    expect(found(`/lgtm\n\n${'>'.repeat(10_000)}`)).toEqual([]);
  });

  test('reads comments of 65,536 characters made to be slow', () => {
    const tail = 'x'.repeat(60_000);
    for (const text of [`/reject-gate build ${'a"\''.repeat(21_000)}`, `/retry ${'"'.repeat(65_000)}`, `/retry ${'a=b '.repeat(16_000)}`, `/retry${' '.repeat(65_000)}x`, `/x\n${'['.repeat(65_000)}`, `/x\n${'` '.repeat(32_000)}`, `/x\n${'<a'.repeat(32_000)}`, `/${tail}`, `${'> a\n\n'.repeat(12_000)}/pause`, '/a\n'.repeat(21_000)]) {
      expect(parseCommands(text).commands.length).toBeLessThanOrEqual(1);
    }
  });

  test('never throws, and finds commands only where the Markdown library sees text at the beginning of a line', () => {
    const piece = fc.constantFrom('/cancel', '/approve-gate build', '/mg status', '/x', '`', '``', '[', ']', '(', ')', '](', '<', '>', '<a', '<!--', '-->', '*', '_', '"', "'", '\\', '|', '-', '\n', '\n', '\n', '\n\n', ' ', '    ', 'text', '# ', '> ', '- ', '```', '![', '<b>', '</b>', '&lt;', '~~', '\u200b', '🚀', '[^1]: ');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 16 }).map((parts) => parts.join('')), (markdown) => {
        const allowed = textLines(markdown);
        expect(parseCommands(markdown).commands.filter((command) => !allowed.has(command.line))).toEqual([]);
      }),
      { numRuns: 4000 },
    );
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(Array.isArray(parseCommands(`/retry ${text}\n${text}`).errors)).toBe(true);
      }),
    );
  });
});

/** Lines of which the first character is text of a paragraph at the top level, according to the library. */
function textLines(markdown: string): ReadonlySet<number> {
  const lines = new Set<number>();
  const source = markdown.split('\n');
  const visit = (node: Nodes, inText: boolean): void => {
    if (node.type === 'text' && inText && node.position) {
      const { start, end } = node.position;
      for (let line = start.line; line <= end.line; line += 1) {
        const column = (/^[ \t]*/.exec(source[line - 1] ?? '')?.[0].length ?? 0) + 1;
        if (line > start.line ? line < end.line || end.column > column : start.column <= column) lines.add(line);
      }
    }
    // Emphasis does not hide anything: a line that begins inside it is still read as what it says.
    if (['paragraph', 'emphasis', 'strong', 'delete'].includes(node.type)) for (const child of (node as Parents).children) visit(child, true);
  };
  const tree = fromMarkdown(markdown, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] });
  for (const child of tree.children) if (child.type === 'paragraph') visit(child, true);
  return lines;
}

describe('a command between the tags of an element', () => {
  const names = (markdown: string) => parseCommands(markdown).commands.map(({ name }) => name);

  test.each([
    ['a folded log', '<details><summary>Log</summary>\n\n/cancel\n\n</details>'],
    ['one folded within another', '<details>\n\n<details>\n\n</details>\n\n/cancel\n\n</details>'],
    ['a quotation', '<blockquote>\n\n/approve-gate\n\n</blockquote>'],
    ['one that is not closed', '<details>\n\n/cancel'],
    ['a table', '<table><tr><td>\n\n/cancel\n\n</td></tr></table>'],
  ])('is text: %s', (_, markdown) => {
    expect(names(markdown)).toEqual([]);
    expect(parseCommands(markdown).errors).toEqual([]);
  });

  test.each([
    ['behind it', '<details>\n\nlog\n\n</details>\n\n/approve-gate'],
    ['behind what ends by itself', '<br>\n\n<p align="center">\n\n/approve-gate'],
    ['behind a comment that names one', '<!-- <details> -->\n\n/approve-gate'],
    ['behind a closing tag alone', '</details>\n\n/approve-gate'],
    ['behind one that stands in a quotation', '> <details>\n\n/approve-gate'],
  ])('counts %s', (_, markdown) => {
    expect(names(markdown)).toEqual(['approve-gate']);
  });
});

describe('the command specifications', () => {
  test.each(commandSpecs.flatMap((spec) => spec.examples.map((example) => [example, spec.name])))('the example %s is understood', (example, name) => {
    expect(parseCommands(example)).toMatchObject({ commands: [{ name }], errors: [] });
  });

  test('names are unique, free words come last, and the usage names every argument', () => {
    expect(new Set(commandSpecs.map((spec) => spec.name)).size).toBe(commandSpecs.length);
    for (const spec of commandSpecs) {
      expect(spec.arguments.findIndex((argument) => argument.kind === 'rest' || argument.kind === 'people')).toBeOneOf([-1, spec.arguments.length - 1]);
      expect(spec.usage.startsWith(`/${spec.name}`)).toBe(true);
      for (const argument of spec.arguments) expect(spec.usage).toContain(argument.named ? ` ${argument.name}=` : argument.required ? `<${argument.name}` : `[${argument.name}`);
    }
  });
});
