import { Composer, isAlias, isMap, isScalar, isSeq, Lexer, Parser } from 'yaml';
import type { CST, Document, Node, ParsedNode } from 'yaml';

import type { Json } from '../../kit/json.ts';
import { err, ok } from '../../kit/result.ts';
import type { Result } from '../../kit/result.ts';
import type { Problem } from '../mission/definition.ts';
import { ProblemList, quoted } from './problems.ts';
import type { Position } from './problems.ts';
import { quickYaml } from './quick-yaml.ts';
import { yamlLimits } from './yaml-limits.ts';
import type { YamlLimits } from './yaml-limits.ts';

export type { YamlLimits } from './yaml-limits.ts';
export { yamlLimits } from './yaml-limits.ts';

export type YamlPath = readonly (string | number)[];

export interface YamlText {
  readonly value: Json;
  /** Where a value stands, or its key with `part: 'key'`. A path that leads nowhere gives the nearest place above it. */
  readonly locate: (path: YamlPath, part?: 'key' | 'value') => Position;
  /** Where a piece of a text stands: `offset` and `length` count in the value, which may be written with quotes, escapes and line breaks. */
  readonly locateInside: (path: YamlPath, offset: number, length: number) => Position;
}

export interface YamlOptions {
  readonly limits?: Partial<YamlLimits>;
  /** For YAML inside another text: turns a place in `text` into a place in the whole. */
  readonly place?: (at: Position) => Position;
  /** Reads slowly also where nothing is unusual; the value is the same. */
  readonly careful?: boolean;
}

/**
 * The one entrance for YAML text (YAML 1.2, core schema, exactly one document). Size, number of pieces and nesting are measured
 * before anything recursive or costly runs; tags, duplicate keys, keys that are not text, and values JSON cannot hold are problems. Never throws.
 */
export function readYaml(file: string, text: string, options: YamlOptions = {}): Result<YamlText, readonly Problem[]> {
  const limits = { ...yamlLimits, ...options.limits };
  const problems = new ProblemList(file);
  const place = options.place ?? ((at) => at);
  if (options.careful === true) return readCarefully(text, limits, problems, place);
  const bytes = Buffer.byteLength(text);
  if (bytes > limits.bytes) {
    problems.add('too-large', place({ line: 1, column: 1 }), `The text has ${bytes} bytes; ${limits.bytes} are allowed.`);
    return err(problems.list());
  }
  const quick = quickYaml(text, limits);
  if (quick.kind === 'value') return ok({ value: quick.value, ...placesOf(text, place) });
  if (quick.kind === 'unusual' || text.length <= longestExplained) return readCarefully(text, limits, problems, place);
  problems.add('yaml-syntax', place(positions(text)(quick.offset)), `${quick.reason.charAt(0).toUpperCase()}${quick.reason.slice(1)}.`);
  return err(problems.list());
}

/** In a longer text that is no YAML only the first mistake is named: finding all of them takes seconds where somebody means ill. */
const longestExplained = 128 * 1024;

/** The reading that knows every place: of texts with anything wrong or unusual in them. */
function readCarefully(text: string, limits: YamlLimits, problems: ProblemList, place: (at: Position) => Position): Result<YamlText, readonly Problem[]> {
  const positionOf = positions(text);
  const at = (offset: number): Position => place(positionOf(offset));
  const tokens = tokenize(text, limits);
  if (!tokens.ok) {
    const { excess, offset } = tokens.error;
    if (excess === 'depth') problems.add('too-deep', at(offset), `Lists and mappings are nested more than ${limits.depth} levels deep here. Flatten the structure.`);
    else problems.add('too-large', at(offset), `The text has more than ${limits.pieces} words, marks and line ends up to here. Make it shorter, or split it.`);
    return err(problems.list());
  }
  const [document, second] = compose(tokens.value, text.length);
  if (second) problems.add('several-documents', at(second.range[0]), 'A second document starts here ("---"); a file holds exactly one.');
  for (const error of document?.errors ?? []) problems.add('yaml-syntax', at(error.pos[0]), `${error.message}.`.replace(/\.\.$/, '.'));
  for (const warning of document?.warnings ?? []) problems.add('yaml-syntax', at(warning.pos[0]), `${warning.message}.`.replace(/\.\.$/, '.'));
  if (!document || !problems.isEmpty) return err(problems.list());

  const walk = new Walk(limits, (code, offset, message) => problems.add(code, at(offset), message));
  const value = walk.valueOf(document.contents);
  if (!problems.isEmpty) return err(problems.list());
  return ok({
    value,
    locate: (path, part = 'value') => at(offsetOf(document, path, part)),
    locateInside: (path, offset, length) => at(offsetOf(document, path, 'value') + offsetInside(text, document, path, offset, length)),
  });
}

/** Where things stand in a text whose value is known: only asked when something is to be said of it, and only then found out. */
function placesOf(text: string, place: (at: Position) => Position): Pick<YamlText, 'locate' | 'locateInside'> {
  let composed: { readonly document: Document.Parsed | null; readonly at: (offset: number) => Position } | null = null;
  const compositionOf = () => {
    const positionOf = positions(text);
    const tokens = tokenize(text, { ...yamlLimits, pieces: Infinity });
    const [document = null] = tokens.ok ? compose(tokens.value, text.length) : [];
    return { document, at: (offset: number) => place(positionOf(offset)) };
  };
  const offsetIn = (path: YamlPath, part: 'key' | 'value', more: (document: Document.Parsed) => number = () => 0): Position => {
    composed ??= compositionOf();
    const { document, at } = composed;
    return at(document === null ? 0 : offsetOf(document, path, part) + more(document));
  };
  return {
    locate: (path, part = 'value') => offsetIn(path, part),
    locateInside: (path, offset, length) => offsetIn(path, 'value', (document) => offsetInside(text, document, path, offset, length)),
  };
}

/** The same piece, counted among equal ones, in the text as it is written; its beginning where escapes hide the piece. */
function offsetInside(text: string, document: Document.Parsed, path: YamlPath, offset: number, length: number): number {
  const node = document.getIn(path, true);
  if (!isScalar(node) || typeof node.value !== 'string' || !node.range) return 0;
  const written = text.slice(node.range[0], node.range[1]);
  const rest = node.value.slice(offset);
  const piece = (length > 0 ? rest.slice(0, length) : rest.slice(0, 8)).split('\n')[0] ?? '';
  if (piece === '') return 0;
  let place = written.indexOf(piece);
  for (let before = node.value.indexOf(piece); before >= 0 && before < offset && place >= 0; before = node.value.indexOf(piece, before + 1)) place = written.indexOf(piece, place + 1);
  return Math.max(place, 0);
}

/** Tokens of the concrete syntax, or where a limit is passed. Iterative: safe on any text. */
function tokenize(text: string, limits: YamlLimits): Result<readonly CST.Token[], { readonly excess: 'depth' | 'pieces'; readonly offset: number }> {
  const parser = new Parser();
  const tokens: CST.Token[] = [];
  let pieces = 0;
  for (const lexeme of new Lexer().lex(text)) {
    pieces += 1;
    if (pieces > limits.pieces) return err({ excess: 'pieces', offset: parser.offset });
    for (const token of parser.next(lexeme)) tokens.push(token);
    // The stack holds the document and, while one is read, a scalar besides the open collections.
    if (parser.stack.length > limits.depth + 2) return err({ excess: 'depth', offset: parser.offset });
  }
  for (const token of parser.end()) tokens.push(token);
  return ok(tokens);
}

/** Turns offsets into places. (The library's `LineCounter` misses line ends inside some tokens.) */
function positions(text: string): (offset: number) => Position {
  const starts = [0];
  for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', end + 1)) starts.push(end + 1);
  return (offset) => {
    const inside = Math.min(Math.max(offset, 0), text.length);
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((starts[middle] ?? 0) <= inside) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: inside - (starts[low] ?? 0) + 1 };
  };
}

/** The first two documents. Duplicate keys are found by `Walk`: the library's own search is quadratic. */
function compose(tokens: readonly CST.Token[], end: number): Document.Parsed[] {
  const composer = new Composer({ uniqueKeys: false, version: '1.2', schema: 'core', merge: false });
  const documents: Document.Parsed[] = [];
  for (const document of composer.compose(tokens, true, end)) {
    documents.push(document);
    if (documents.length === 2) break;
  }
  return documents;
}

type Report = (code: string, offset: number, message: string) => void;

/** Turns checked nodes into JSON. Recursion is bounded by the depth limit times the alias limit's cycle check. */
class Walk {
  readonly #limits: YamlLimits;
  readonly #report: Report;
  readonly #anchors = new Map<string, Node>();
  readonly #open = new Set<Node>();
  #aliases = 0;
  #aliased = 0;
  #insideAlias = 0;

  constructor(limits: YamlLimits, report: Report) {
    this.#limits = limits;
    this.#report = report;
  }

  valueOf(node: Node | null): Json {
    if (node === null) return null;
    if (this.#insideAlias > 0) {
      this.#aliased += 1;
      if (this.#aliased > this.#limits.aliasedValues) return null;
    }
    if (isAlias(node)) return this.#alias(node.source, node);
    const offset = startOf(node);
    if (hasForeignTag(node)) {
      this.#report('tag', offset, `The tag ${quoted(node.tag)} is not allowed here; write the plain value.`);
      return null;
    }
    const anchor = (node as { anchor?: string }).anchor;
    if (anchor !== undefined && this.#insideAlias === 0) this.#anchors.set(anchor, node);
    if (isScalar(node)) return this.#scalar(node.value, offset);
    this.#open.add(node);
    let value: Json = null;
    if (isSeq(node)) value = node.items.map((item) => this.valueOf(item as Node | null));
    else if (isMap(node)) value = this.#mapping(node.items);
    this.#open.delete(node);
    return value;
  }

  #mapping(items: readonly { key: unknown; value: unknown }[]): Json {
    const object: Record<string, Json> = {};
    const seen = new Set<string>();
    for (const { key, value } of items) {
      const name = isScalar(key) ? keyText(key.value, key.source) : null;
      const offset = startOf(key as Node | null);
      if (name === null || (isScalar(key) && hasForeignTag(key))) {
        this.#report('key', offset, 'A key must be plain text.');
        continue;
      }
      if (name === '__proto__') this.#report('key', offset, 'The key "__proto__" is not allowed.');
      else if (seen.has(name)) this.#report('duplicate-key', offset, `The key ${quoted(name)} stands here a second time; keep one of them.`);
      else object[name] = this.valueOf(value as Node | null);
      seen.add(name);
    }
    return object;
  }

  #scalar(value: unknown, offset: number): Json {
    if (typeof value === 'string') {
      if (!storable(value)) this.#report('text', offset, 'The text holds a NUL or half of a character; neither can be stored.');
      return value;
    }
    if (typeof value === 'boolean' || value === null || value === undefined) return value ?? null;
    if (typeof value === 'number' && Number.isFinite(value)) return value;
    this.#report('number', offset, `${quoted(typeof value === 'number' ? String(value) : typeof value)} is not a number that can be stored; write it in quotes if it is text.`);
    return null;
  }

  #alias(name: string, node: Node): Json {
    const offset = startOf(node);
    const target = this.#anchors.get(name);
    if (!target) {
      this.#report('alias', offset, `There is no anchor "&${name}" before this place.`);
      return null;
    }
    if (this.#open.has(target)) {
      this.#report('alias', offset, `The alias "*${name}" stands inside the value it repeats.`);
      return null;
    }
    this.#aliases += 1;
    if (this.#aliases > this.#limits.aliases || this.#aliased > this.#limits.aliasedValues) {
      if (this.#insideAlias === 0) this.#report('alias', offset, 'Aliases repeat too much of the text; write it out or make it smaller.');
      return null;
    }
    this.#insideAlias += 1;
    const value = this.valueOf(target);
    this.#insideAlias -= 1;
    if (this.#insideAlias === 0 && (this.#aliased > this.#limits.aliasedValues || this.#aliases > this.#limits.aliases)) {
      this.#report('alias', offset, 'Aliases repeat too much of the text; write it out or make it smaller.');
    }
    return value;
  }
}

/** NUL and unpaired surrogates survive JSON, but no database column. */
export function storable(text: string): boolean {
  return !/[\0\p{Surrogate}]/u.test(text);
}

const harmlessTags: readonly string[] = ['tag:yaml.org,2002:map', 'tag:yaml.org,2002:seq', 'tag:yaml.org,2002:str'];

/** A tag that would change what the value is. `!!map`, `!!seq` and `!!str` only say what stands there anyway. */
function hasForeignTag(node: { tag?: string }): boolean {
  return node.tag !== undefined && !harmlessTags.includes(node.tag);
}

/** `on:`, `1:` and `null:` are meant as the letters that stand there. */
function keyText(value: unknown, source: string | undefined): string | null {
  if (typeof value === 'string') return value;
  return source !== undefined && source !== '' ? source : null;
}

function startOf(node: Node | null): number {
  return node?.range?.[0] ?? 0;
}

function offsetOf(document: Document.Parsed, path: YamlPath, part: 'key' | 'value'): number {
  let node: ParsedNode | Node | null = document.contents;
  let offset = startOf(node);
  for (const [index, step] of path.entries()) {
    if (isAlias(node)) node = node.resolve(document) ?? null;
    let next: Node | null = null;
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && keyText(key.value, key.source) === step);
      if (!pair) return offset;
      next = pair.value as Node | null;
      const keyOffset = startOf(pair.key as Node);
      offset = next?.range && !(part === 'key' && index === path.length - 1) ? startOf(next) : keyOffset;
    } else if (isSeq(node) && typeof step === 'number') {
      next = (node.items[step] as Node | undefined) ?? null;
      if (!next) return offset;
      offset = startOf(next);
    } else return offset;
    node = next;
  }
  return offset;
}
