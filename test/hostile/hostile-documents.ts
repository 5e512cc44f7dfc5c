/** What a reader must say: the codes of the problems of a document that is refused, or why it is taken as it is. */
export interface HostileDocument {
  readonly name: string;
  readonly text: string;
  readonly refused?: readonly string[];
  readonly harmless?: string;
}

const many = (count: number, piece: (index: number) => string): string => Array.from({ length: count }, (_, index) => piece(index)).join('');
const laughs = (open: string, close: string, levels: number, width: number): string =>
  many(levels, (level) => `a${level}: &a${level} ${open}${Array.from({ length: width }, (_, at) => (level === 0 ? `"${at}"` : `*a${level - 1}`)).join(',')}${close}\n`);
const bytes = (...values: readonly (string | number)[]): Buffer => Buffer.concat(values.map((value) => (typeof value === 'string' ? Buffer.from(value) : Buffer.from([value]))));
/** As a file is read: what is no UTF-8 becomes U+FFFD. */
const asRead = (data: Buffer): string => data.toString('utf8');
const utf16 = (text: string): Buffer => Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')]);

const tooDeep = ['too-deep'];
const syntax = ['yaml-syntax'];
const alias = ['alias'];

/**
 * Documents that killed, froze or misled a reader of YAML somewhere, or might. Deep ones come first: `yaml` 2.9.1 aborts the
 * process on the second or third of them when nothing stands before it.
 */
export const hostileYaml: readonly HostileDocument[] = [
  // Nesting.
  { name: 'flow lists, 900 deep', text: `${'['.repeat(900)}${']'.repeat(900)}`, refused: tooDeep },
  { name: 'flow lists, 900 deep, in a mapping', text: `a: ${'['.repeat(900)}${']'.repeat(900)}`, refused: tooDeep },
  { name: 'flow lists, 20,000 deep and unclosed', text: '['.repeat(20_000), refused: tooDeep },
  { name: 'flow mappings', text: `${'{a: '.repeat(5_000)}1${'}'.repeat(5_000)}`, refused: tooDeep },
  { name: 'flow mappings without values', text: '{'.repeat(3_000), refused: tooDeep },
  { name: 'lists and mappings in turn', text: `${'[{a: '.repeat(1_000)}1${'}]'.repeat(1_000)}`, refused: tooDeep },
  { name: 'block lists on one line', text: `${'- '.repeat(20_000)}a`, refused: tooDeep },
  { name: 'block lists, a line each', text: many(1_500, (level) => `${' '.repeat(level)}-\n`), refused: tooDeep },
  { name: 'block mappings, a line each', text: many(1_500, (level) => `${' '.repeat(level)}a:\n`), refused: tooDeep },
  { name: 'explicit keys', text: `${'? '.repeat(20_000)}a`, refused: tooDeep },
  { name: 'explicit keys in flow', text: `${'{? '.repeat(2_000)}a${'}'.repeat(2_000)}`, refused: tooDeep },
  { name: 'keys that are lists of keys', text: `${'['.repeat(1_200)}a${']: 1'.repeat(1_200)}`, refused: tooDeep },
  { name: 'nesting behind an honest beginning', text: `name: x\nphases:\n  - id: a\n    with: ${'['.repeat(2_000)}`, refused: tooDeep },
  { name: 'nesting with a comment in each level', text: '[ # no\n'.repeat(1_500), refused: tooDeep },
  { name: 'nesting with an anchor in each level', text: many(1_500, (level) => `&a${level} [`), refused: tooDeep },
  { name: 'nesting with a tag in each level', text: '!!seq ['.repeat(1_500), refused: tooDeep },
  { name: 'nesting in a second document', text: `a: 1\n---\n${'['.repeat(1_500)}`, refused: tooDeep },
  { name: 'nesting in a key', text: `? ${'['.repeat(1_500)}${']'.repeat(1_500)}\n: 1`, refused: tooDeep },
  { name: 'many lists of the depth that is allowed', text: many(300, () => `- ${'['.repeat(90)}${']'.repeat(90)}\n`), harmless: 'each is within the limit' },
  { name: 'brackets within quotes', text: `a: "${'['.repeat(20_000)}"\nb: '${'{'.repeat(20_000)}'`, harmless: 'text' },
  { name: 'brackets within a comment', text: `# ${'[{'.repeat(20_000)}\na: 1`, harmless: 'a comment' },
  { name: 'brackets within a block scalar', text: `a: |\n${'  [[[[{{{{\n'.repeat(3_000)}`, harmless: 'text' },
  { name: 'closing brackets only', text: ']'.repeat(20_000), refused: syntax },
  { name: 'closing braces after a value', text: `a: 1${'}'.repeat(20_000)}`, harmless: 'a plain scalar may end with them' },
  // Aliases.
  { name: 'a billion laughs, lists', text: laughs('[', ']', 10, 10), refused: alias },
  { name: 'a billion laughs, mappings', text: many(10, (level) => `a${level}: &a${level} {${Array.from({ length: 10 }, (_, at) => `k${at}: ${level === 0 ? at : `*a${level - 1}`}`).join(',')}}\n`), refused: alias },
  { name: 'a quadratic blow-up', text: `a: &a "${'x'.repeat(50_000)}"\nb: [${'*a,'.repeat(3_000)}]`, refused: alias },
  { name: 'a long list repeated often', text: `a: &a [${'1,'.repeat(2_000)}]\nb: [${'*a,'.repeat(200)}]`, refused: alias },
  { name: 'an alias within itself', text: 'a: &a [*a]', refused: alias },
  { name: 'two that hold each other', text: 'a: &a [&b [*a, *b]]', refused: alias },
  { name: 'an alias to nothing', text: 'a: *nothing', refused: alias },
  { name: 'an anchor on every value', text: many(5_000, (at) => `- &a${at} ${at}\n`), harmless: 'anchors alone repeat nothing' },
  { name: 'an anchor named a thousand times', text: `${'- &a 1\n'.repeat(1_000)}- *a`, harmless: 'the last one counts' },
  { name: 'an alias as a key', text: 'a: &a b\n*a : 1', refused: ['key'] },
  { name: 'a merge key', text: 'base: &b {a: 1}\nuse:\n  <<: *b', harmless: '"<<" is a key like any other; nothing is merged' },
  { name: 'merge keys that multiply', text: `${laughs('[', ']', 4, 9)}x:\n  <<: [*a3, *a3, *a3]`, refused: alias },
  // Large ones.
  { name: '20,000 keys', text: many(20_000, (at) => `k${at}: 1\n`), harmless: 'long, and read in linear time' },
  { name: '20,000 keys in flow', text: `{${many(20_000, (at) => `k${at}: 1,`)}}`, harmless: 'as above' },
  { name: '20,000 times the same key', text: 'a: 1\n'.repeat(20_000), refused: ['duplicate-key'] },
  { name: '20,000 empty documents', text: '---\n'.repeat(20_000), refused: ['several-documents'] },
  { name: '20,000 comments', text: '# a\n'.repeat(20_000), harmless: 'nothing' },
  { name: 'a line of a megabyte', text: `a: ${'x'.repeat(1_000_000)}`, harmless: 'text; what takes a text has a limit of its own' },
  { name: 'a quoted line of a megabyte', text: `a: "${'x'.repeat(1_000_000)}"`, harmless: 'as above' },
  { name: 'half a megabyte of escapes', text: `a: "${'\\x41'.repeat(125_000)}"`, harmless: 'as above' },
  { name: 'a megabyte of spaces', text: `a:${' '.repeat(1_000_000)}1`, harmless: 'space' },
  { name: 'a megabyte of new lines', text: `a: 1${'\n'.repeat(1_000_000)}`, refused: ['too-large'] },
  { name: 'a megabyte of brackets', text: `a: 1\nb: x\n${']'.repeat(1_000_000)}`, refused: syntax },
  { name: '50,000 new lines', text: `a: 1${'\n'.repeat(50_000)}`, harmless: 'space' },
  { name: 'a key of a megabyte', text: `${'k'.repeat(1_000_000)}: 1`, refused: syntax },
  { name: 'a folded text of 20,000 lines', text: `a: >\n${'  x\n'.repeat(20_000)}`, harmless: 'text' },
  { name: 'a quoted text of 20,000 lines', text: `a: "${'x\n  '.repeat(20_000)}"`, harmless: 'text' },
  { name: 'more than is read at all', text: 'x'.repeat(16 * 1024 * 1024 + 1), refused: ['too-large'] },
  // Keys and tags with a meaning.
  { name: '__proto__', text: '__proto__: {polluted: true}', refused: ['key'] },
  { name: '__proto__ in quotes, deep inside', text: 'a: [{"__proto__": {polluted: true}}]', refused: ['key'] },
  { name: 'constructor and prototype', text: 'constructor: {prototype: {polluted: true}}', harmless: 'keys of the value alone' },
  { name: 'toString and hasOwnProperty', text: 'toString: 1\nhasOwnProperty: 2\nvalueOf: {a: 1}', harmless: 'as above' },
  { name: 'a tag that makes a function', text: 'a: !!js/function "function () { process.exit(1) }"', refused: syntax },
  { name: 'a tag that makes an object', text: '!!python/object/apply:os.system ["id"]', refused: syntax },
  { name: 'a tag that includes a file', text: 'a: !include /etc/passwd', refused: syntax },
  { name: 'a binary', text: 'a: !!binary aGVsbG8=', refused: ['tag'] },
  { name: 'a set and an ordered map', text: 'a: !!set {x, y}\nb: !!omap [x: 1]', refused: ['tag'] },
  { name: 'a tag without end', text: `a: !${'x'.repeat(100_000)} 1`, refused: syntax },
  { name: 'a directive that renames tags', text: '%TAG ! tag:evil.example,2000:\n---\na: !x 1', refused: syntax },
  { name: '20,000 directives', text: `${'%YAML 1.2\n'.repeat(20_000)}---\na: 1`, harmless: 'said again, the same' },
  { name: 'an unknown directive', text: '%EVIL x\n---\na: 1', refused: syntax },
  { name: 'a directive for YAML 1.1', text: '%YAML 1.1\n---\na: yes\nb: 0777\nc: 1:30', harmless: 'read as the text or number that YAML 1.2 sees' },
  { name: 'a list as a key', text: '? [a, b]\n: 1', refused: ['key'] },
  { name: 'a mapping as a key', text: '{a: 1}: 2', refused: ['key'] },
  { name: 'no key at all', text: ': 1\n', refused: ['key'] },
  { name: 'the same key in quotes', text: 'a: 1\n"a": 2\n\'a\': 3', refused: ['duplicate-key'] },
  { name: 'the same key by an escape', text: 'a: 1\n"\\x61": 2', refused: ['duplicate-key'] },
  // Numbers and words.
  { name: 'infinity and no number', text: 'a: .inf\nb: -.inf\nc: .nan', refused: ['number'] },
  { name: 'a number too large', text: 'a: 1e999', refused: ['number'] },
  { name: 'a number of 20,000 digits', text: `a: ${'9'.repeat(20_000)}`, refused: ['number'] },
  { name: 'a hexadecimal number of 20,000 digits', text: `a: 0x${'f'.repeat(20_000)}`, refused: ['number'] },
  { name: 'yes, no, on, off, null', text: 'yes: no\non: off\nnull: ~\n~: y', harmless: 'words of YAML 1.2; the keys are the letters that stand there' },
  { name: 'a date and a time', text: 'a: 2026-01-01\nb: 12:30:45', harmless: 'text' },
  // Characters.
  { name: 'a byte order mark', text: '\ufeffa: 1', harmless: 'skipped' },
  { name: 'a byte order mark in the middle', text: 'a: 1\n\ufeffb: 2', harmless: 'part of a key' },
  { name: 'UTF-16', text: asRead(utf16('a: 1\n')), refused: ['text'] },
  { name: 'UTF-16 without a mark', text: asRead(Buffer.from('a: 1\n', 'utf16le')), refused: ['text'] },
  { name: 'bytes that are no UTF-8', text: asRead(bytes('a: ', 0xff, 0xfe, 0xc0, 0x80, '\n')), harmless: 'replaced when the file is read' },
  { name: 'a NUL', text: 'a: "x\0y"', refused: ['text'] },
  { name: 'a NUL by an escape', text: 'a: "x\\0y"', refused: ['text'] },
  { name: 'half a character', text: 'a: "\\ud800"', refused: ['text'] },
  { name: 'control characters', text: 'a: \u0001\u0007\u001b[31m\u0085\u2028', harmless: 'text; what shows it makes it visible' },
  { name: 'letters that turn the line around', text: 'a: \u202e1 :b', harmless: 'text; what shows it makes it visible' },
  { name: 'mixed ends of lines', text: 'a: 1\r\nb: 2\rc: 3\nd: "x\r\n  y"', refused: syntax },
  { name: 'tabs for indentation', text: 'a:\n\tb: 1', refused: syntax },
  // Unfinished ones.
  { name: 'an unclosed double quote', text: `a: "${'x\n'.repeat(20_000)}`, refused: syntax },
  { name: 'an unclosed single quote', text: `a: '${'x '.repeat(20_000)}`, refused: syntax },
  { name: '20,000 unclosed quotes', text: 'a: "\n'.repeat(20_000), refused: syntax },
  { name: 'only quotes', text: '"'.repeat(20_001), refused: syntax },
  { name: 'only colons', text: ':'.repeat(20_000), refused: syntax },
  { name: 'only colons with spaces', text: ': '.repeat(20_000), refused: tooDeep },
  { name: 'only commas in a list', text: `[${','.repeat(20_000)}]`, refused: syntax },
  { name: 'only anchors', text: '&a '.repeat(5_000), refused: syntax },
  { name: 'only question marks', text: '?\n'.repeat(20_000), refused: ['key'] },
  { name: 'front matter', text: '---\na: 1\n---\n# Markdown\n', refused: ['several-documents'] },
  { name: 'ends of documents', text: `a: 1\n${'...\n'.repeat(20_000)}`, refused: ['several-documents'] },
  { name: 'nothing', text: '', harmless: 'no mission, which the reader of missions says' },
  { name: 'a header of a block scalar that asks too much', text: 'a: |999\n x', refused: syntax },
];

/** Comments and issue bodies: how many commands (or answers to what might be one) they hold, and whether the issue defines a mission. */
export interface HostileMarkdown {
  readonly name: string;
  readonly text: string;
  readonly commands: number;
  readonly mission: boolean;
}

const longest = 65_536;
const filled = (piece: string): string => piece.repeat(Math.floor(longest / piece.length));
const nothing = { commands: 0, mission: false };

/** As long as GitHub allows. Markdown libraries need the square of many of them (docs/decisions/definition-reading.md). */
export const hostileMarkdown: readonly HostileMarkdown[] = [
  { name: 'quotes, each closed', text: filled('> a\n\n'), ...nothing },
  { name: 'a quote and short lines', text: `> a\n${filled('b\n')}`.slice(0, longest), ...nothing },
  { name: 'quotes within quotes', text: filled('> '), ...nothing },
  { name: 'lists within lists on one line', text: filled('- '), ...nothing },
  { name: 'lists within lists, closed', text: filled('- - a\n\n'), ...nothing },
  { name: 'numbered lists within lists', text: filled('1. '), ...nothing },
  { name: 'checklists within checklists', text: filled('- [ ] '), ...nothing },
  { name: 'a checklist without titles', text: filled('- [ ]\n'), ...nothing },
  { name: 'a checklist deeper each line', text: Array.from({ length: 350 }, (_, level) => `${'  '.repeat(level)}- [ ] a`).join('\n').slice(0, longest), ...nothing },
  { name: 'more tasks than anybody has', text: filled('- [ ] a b c\n'), commands: 0, mission: true },
  { name: 'brackets', text: filled('['), ...nothing },
  { name: 'links that never end', text: filled('[a]('), ...nothing },
  { name: 'images within links', text: filled('![['), ...nothing },
  { name: 'stars', text: filled('*'), ...nothing },
  { name: 'emphasis that never ends', text: filled('*a **b '), ...nothing },
  { name: 'code ticks in growing numbers', text: Array.from({ length: 350 }, (_, count) => '`'.repeat(count + 1)).join(' ').slice(0, longest), ...nothing },
  { name: 'fences, none closed', text: filled('```\n~~~\n'), ...nothing },
  { name: 'a fence of ticks only', text: filled('`'), ...nothing },
  { name: 'HTML comments, none closed', text: filled('<!-- '), ...nothing },
  { name: 'HTML tags, none closed', text: filled('<div\n'), ...nothing },
  { name: 'our own markers', text: filled('<!-- mg:tasks:begin -->\n<!-- mg:t a -->\n'), ...nothing },
  { name: 'tables', text: filled('|a|b|\n|-|-|\n'), ...nothing },
  { name: 'footnotes', text: filled('[^a]: b\n\n'), ...nothing },
  { name: 'definitions', text: filled('[a]: b\n'), ...nothing },
  { name: 'headings without text', text: filled('#\n'), ...nothing },
  { name: 'underlines', text: filled('a\n=\n'), ...nothing },
  { name: 'entities', text: filled('&amp;&#0;'), ...nothing },
  { name: 'backslashes', text: filled('\\'), ...nothing },
  { name: 'spaces', text: filled(' '), ...nothing },
  { name: 'tabs', text: filled('\t'), ...nothing },
  { name: 'ends of lines of three kinds', text: filled('\r\n\r\n\n'), ...nothing },
  { name: 'one word', text: filled('a'), ...nothing },
  { name: 'letters that nobody sees', text: filled('\u200b\u202e\u2066'), ...nothing },
  { name: 'halves of characters', text: filled('\ud800'), ...nothing },
  { name: 'NULs', text: filled('\0'), ...nothing },
  { name: 'mentions', text: filled('@a '), ...nothing },
  { name: 'slashes', text: filled('/'), ...nothing },
  { name: 'a command in a quote, a fence and an HTML comment', text: '> /approve-gate\n\n```\n/approve-gate\n```\n\n<!--\n/approve-gate\n-->\n', ...nothing },
  { name: 'a command with letters that nobody sees', text: '/approve\u200b-gate build', commands: 1, mission: false },
  { name: 'a command with a name that never ends', text: `/${'a'.repeat(65_000)}`, ...nothing },
  { name: 'a command with arguments that never end', text: `/pause ${'"'.repeat(65_000)}`, commands: 1, mission: false },
  { name: 'as many commands as fit', text: filled('/pause\n'), commands: 1, mission: false },
  { name: 'front matter', text: '---\nname: x\n---\n- [ ] a\n', commands: 0, mission: true },
];
