import type { Json, JsonObject } from '../kit/json.ts';
import { GuardError } from './guard-type.ts';
import { readShortXmlEvents, readXmlEvents } from './read-xml-events.ts';
import type { XmlHandler } from './read-xml-events.ts';
import type { Report } from './report-guard.ts';

/** Kept of one text: descriptions are shown in part only. */
const longestText = 10_000;
/** Components and vulnerabilities of one document, which are all in memory. */
const mostEntries = 500_000;

type Parts = { [name: string]: Json };

/** An element that is open: what stands in it is written to `object`, or appended to `list`. */
interface Open {
  /** Looked up in `inside`. */
  readonly kind: string;
  readonly object: Parts;
  readonly list: Json[];
  /** The text so far and where it goes; null where text does not count. */
  text: { readonly key: string; value: string } | null;
}

type Use = 'text' | 'list' | 'entry' | 'expression' | 'license';

/** What counts in which element. What a component comes from (pedigree) and is proven by (evidence) is none of its parts. */
const inside: Readonly<Record<string, Readonly<Record<string, Use>>>> = {
  bom: { components: 'list', vulnerabilities: 'list' },
  components: { component: 'entry' },
  // Before 1.4 vulnerabilities were an extension, and stood in their component.
  component: { group: 'text', name: 'text', version: 'text', components: 'list', licenses: 'list', vulnerabilities: 'list' },
  licenses: { license: 'license', expression: 'expression' },
  license: { id: 'text', name: 'text' },
  vulnerabilities: { vulnerability: 'entry' },
  vulnerability: { id: 'text', description: 'text', detail: 'text', ratings: 'list' },
  ratings: { rating: 'entry' },
  rating: { score: 'text', severity: 'text' },
  // The extension's score is an element with parts.
  score: { base: 'text' },
};

/**
 * CycloneDX in XML, as the same document would be in JSON, as far as it counts: components, licences, vulnerabilities with their ratings.
 * Throws `GuardError`.
 */
export async function readCycloneDxXml({ name, text }: Report): Promise<JsonObject> {
  const { document, handler } = reader(name);
  await readXmlEvents(name, text, handler);
  return document;
}

/** The same at once, for a short text. */
export function readShortCycloneDxXml({ name, text }: Report): JsonObject {
  const { document, handler } = reader(name);
  readShortXmlEvents(name, text, handler);
  return document;
}

function reader(file: string): { readonly document: JsonObject; readonly handler: XmlHandler } {
  const document = { bomFormat: 'CycloneDX', components: [] as Json[], vulnerabilities: [] as Json[] };
  const open: Open[] = [];
  let entries = 0;
  const handler: XmlHandler = {
    open(written, attributes) {
      const name = written.slice(written.indexOf(':') + 1);
      const parent = open.at(-1);
      if (parent === undefined && !isBom(name, attributes)) throw new GuardError(`${file} is XML, and no CycloneDX: it does not begin with <bom xmlns="http://cyclonedx.org/schema/bom/…">. SPDX is read as JSON, JSON-LD or tag-value.`);
      const next = parent === undefined ? { kind: 'bom', object: document, list: [], text: null } : opened(parent, name, document.vulnerabilities);
      if (next.kind === 'component' || next.kind === 'vulnerability') entries += 1;
      if (entries > mostEntries) throw new GuardError(`${file} holds more than 500,000 components and vulnerabilities, which are not read. Split it.`);
      open.push(next);
    },
    text(piece) {
      const kept = open.at(-1)?.text;
      if (kept && kept.value.length < longestText) kept.value += piece.slice(0, longestText);
    },
    close() {
      const closed = open.pop();
      const value = closed?.text?.value.replaceAll(/\s+/g, ' ').trim();
      if (closed?.text && value) closed.object[closed.text.key] = value;
    },
  };
  return { document, handler };
}

function isBom(name: string, attributes: Readonly<Record<string, string>>): boolean {
  return name === 'bom' && Object.values(attributes).some((value) => /^https?:\/\/cyclonedx\.org\/schema\/bom\//.test(value));
}

function opened({ kind, object, list, text }: Open, name: string, vulnerabilities: Json[]): Open {
  const entry: Parts = {};
  switch (Object.hasOwn(inside, kind) ? inside[kind]?.[name] : undefined) {
    case 'text':
      return { kind: name, object, list: [], text: { key: kind === 'score' ? kind : name, value: '' } };
    case 'list':
      return { kind: name, object: entry, list: name === 'vulnerabilities' ? vulnerabilities : ((object[name] ??= []) as Json[]), text: null };
    case 'entry':
      list.push(entry);
      return { kind: name, object: entry, list: [], text: null };
    case 'license':
      list.push({ license: entry });
      return { kind: name, object: entry, list: [], text: null };
    case 'expression':
      list.push(entry);
      return { kind: name, object: entry, list: [], text: { key: name, value: '' } };
    case undefined:
      // Emphasis and the like within a plain text belong to it; elsewhere nothing in here counts.
      return { kind: '', object: entry, list: [], text: Object.hasOwn(inside, kind) ? null : text };
  }
}
