import { EVENT_ID, NOT_RESOLVED, SCALAR_STYLE, YAMLException, boolCoreTag, floatCoreTag, getScalarValue, intCoreTag, nullCoreTag, parseEvents } from 'js-yaml';
import type { Event, ScalarEvent } from 'js-yaml';

import type { Json } from '../../kit/json.ts';
import type { YamlLimits } from './yaml-limits.ts';

/** A text of more pieces than this is measured before it is read. */
const mostEvents = 250_000;

/** What readers of YAML read differently: directives, ends of documents, byte order marks, tabs, carriage returns, indentation given as a number. */
const unusual = /^%|^ *(?:\.\.\.|-{3}[^\n])|^ +---|[\ufeff\t\r]|[|>][-+]?[1-9]/m;

/** What the core schema makes of a plain scalar, by its first character. */
const resolvers = new Map<string, typeof nullCoreTag[]>();
for (const tag of [nullCoreTag, boolCoreTag, intCoreTag, floatCoreTag] as unknown as (typeof nullCoreTag)[]) {
  for (const first of tag.implicitFirstChars ?? []) resolvers.set(first, [...(resolvers.get(first) ?? []), tag]);
}

/** `broken`: the first place where it is no YAML; `unusual`: the careful reader is to look at it. */
export type QuickReading = { readonly kind: 'value'; readonly value: Json } | { readonly kind: 'broken'; readonly offset: number; readonly reason: string } | { readonly kind: 'unusual' };

/**
 * The value of a YAML text in which nothing is wrong or unusual, ten times as fast as a reading that knows every place. Never
 * throws; takes time in proportion to the text, whatever stands in it.
 */
export function quickYaml(text: string, limits: YamlLimits): QuickReading {
  if (unusual.test(text) || linesOf(text) > mostEvents) return { kind: 'unusual' };
  try {
    const events = parseEvents(text, { maxDepth: limits.depth });
    return events.length > mostEvents ? { kind: 'unusual' } : new Building(text, events, limits).document();
  } catch (error) {
    // It has its own words for what is nested too deep; ours are better.
    if (error instanceof YAMLException && !/depth/i.test(error.reason)) return { kind: 'broken', offset: error.mark?.position ?? 0, reason: error.reason };
    if (error instanceof Unusual || error instanceof YAMLException || error instanceof RangeError) return { kind: 'unusual' };
    throw error;
  }
}

/** Something that the careful reader is to look at. */
class Unusual extends Error {}

interface Anchored {
  readonly value: Json;
  /** How many values it is made of, and how many aliases, those that aliases repeat included. */
  readonly size: number;
  readonly aliases: number;
}

/** YAML knows no longer ones that are written without `?`. */
const longestKey = 1_000;

function linesOf(text: string): number {
  let lines = 1;
  for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', end + 1)) lines += 1;
  return lines;
}

class Building {
  readonly #text: string;
  readonly #events: readonly Event[];
  readonly #limits: YamlLimits;
  readonly #anchors = new Map<string, Anchored | null>();
  #at = 0;
  #size = 0;
  #aliases = 0;
  #aliased = 0;

  constructor(text: string, events: readonly Event[], limits: YamlLimits) {
    this.#text = text;
    this.#events = events;
    this.#limits = limits;
  }

  document(): QuickReading {
    const start = this.#events[this.#at];
    if (start?.type !== EVENT_ID.DOCUMENT || start.directives.length > 0) throw new Unusual();
    this.#at += 1;
    const value = this.#value();
    this.#at += 1;
    return this.#at === this.#events.length ? { kind: 'value', value } : { kind: 'unusual' };
  }

  /** Recursion is bounded by the depth the events were made with. */
  #value(): Json {
    const event = this.#events[this.#at];
    this.#at += 1;
    if (event === undefined || event.type === EVENT_ID.POP || event.type === EVENT_ID.DOCUMENT) throw new Unusual();
    if (event.type === EVENT_ID.ALIAS) return this.#alias(this.#text.slice(event.anchorStart, event.anchorEnd));
    if (event.tagStart >= 0) throw new Unusual();
    const before = { size: this.#size, aliases: this.#aliases };
    const anchor = event.anchorStart < 0 ? null : this.#text.slice(event.anchorStart, event.anchorEnd);
    // Inside itself an anchor has no value.
    if (anchor !== null) this.#anchors.set(anchor, null);
    this.#size += 1;
    const value = event.type === EVENT_ID.SCALAR ? scalar(this.#text, event) : event.type === EVENT_ID.SEQUENCE ? this.#sequence() : this.#mapping();
    if (anchor !== null) this.#anchors.set(anchor, { value, size: this.#size - before.size, aliases: this.#aliases - before.aliases });
    return value;
  }

  #sequence(): Json {
    const items: Json[] = [];
    while (!this.#ends()) items.push(this.#value());
    return items;
  }

  #mapping(): Json {
    const object: Record<string, Json> = {};
    while (!this.#ends()) {
      const key = this.#events[this.#at];
      this.#at += 1;
      if (key?.type !== EVENT_ID.SCALAR || key.tagStart >= 0 || key.anchorStart >= 0) throw new Unusual();
      const name = getScalarValue(this.#text, key);
      if (name === '' || name.length > longestKey || name === '__proto__' || !isStorable(name) || Object.hasOwn(object, name)) throw new Unusual();
      object[name] = this.#value();
    }
    return object;
  }

  #ends(): boolean {
    if (this.#events[this.#at]?.type !== EVENT_ID.POP) return false;
    this.#at += 1;
    return true;
  }

  #alias(name: string): Json {
    const target = this.#anchors.get(name);
    if (!target) throw new Unusual();
    this.#aliases += 1 + target.aliases;
    this.#aliased += target.size;
    // What an alias stands for counts again where an alias stands for that.
    this.#size += target.size;
    if (this.#aliases > this.#limits.aliases || this.#aliased > this.#limits.aliasedValues / 2) throw new Unusual();
    return target.value;
  }
}

function scalar(text: string, event: ScalarEvent): Json {
  const value = getScalarValue(text, event);
  if (event.style === SCALAR_STYLE.PLAIN) {
    for (const tag of resolvers.get(value.charAt(0)) ?? []) {
      const resolved: unknown = tag.resolve(value, false, tag.tagName);
      if (resolved === NOT_RESOLVED) continue;
      if (typeof resolved === 'number' && !Number.isFinite(resolved)) throw new Unusual();
      return resolved as Json;
    }
    // What looks like a number and is too large for one, or is written as only some readers know it.
    if (value !== '' && !Number.isNaN(Number(value))) throw new Unusual();
  }
  if (!isStorable(value)) throw new Unusual();
  return value;
}

function isStorable(text: string): boolean {
  return !/[\0\p{Surrogate}]/u.test(text);
}
