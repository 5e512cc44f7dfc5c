import type { Json, JsonObject } from '../kit/json.ts';
import { isJsonObject } from '../kit/json.ts';
import { didYouMean } from '../kit/nearest-word.ts';
import { familiarKey } from './familiar-words.ts';
import { quoted } from './problems.ts';
import type { Position, ProblemList } from './problems.ts';
import type { YamlPath, YamlText } from './read-yaml.ts';

/** Kebab-case, because an id becomes a branch name, a check name and a word in a slash command. */
export const kebabCase = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;
export const longestId = 63;

function didYouMeanId(written: string): string {
  const id = written.replace(/([a-z])([A-Z])/g, '$1-$2').toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '');
  return id !== '' && id.length <= longestId ? ` Did you mean "${id}"?` : '';
}

/**
 * Reads a parsed text field by field. A method returns undefined for what is missing or wrong; what is wrong has then been
 * reported with its place, so the caller goes on with the next field and all problems come out at once.
 */
export class Shape {
  readonly #yaml: YamlText;
  readonly #problems: ProblemList;

  constructor(yaml: YamlText, problems: ProblemList) {
    this.#yaml = yaml;
    this.#problems = problems;
  }

  report(code: string, path: YamlPath, message: string, part: 'key' | 'value' = 'value'): void {
    this.#problems.add(code, this.#yaml.locate(path, part), message);
  }

  placeOf(path: YamlPath, part: 'key' | 'value' = 'value'): Position {
    return this.#yaml.locate(path, part);
  }

  get file(): string {
    return this.#problems.file;
  }

  /** A problem with a piece of a text. */
  reportInside(code: string, path: YamlPath, offset: number, length: number, message: string): void {
    this.#problems.add(code, this.#yaml.locateInside(path, offset, length), message);
  }

  /** A mapping with these keys only; `required` keys must be there. */
  mapping(value: Json | undefined, path: YamlPath, noun: string, keys: readonly string[], required: readonly string[] = []): JsonObject | undefined {
    if (!isJsonObject(value)) {
      this.#wrongType(value, path, noun, `a mapping with the keys ${keys.join(', ')}`);
      return undefined;
    }
    for (const key of Object.keys(value)) {
      if (keys.includes(key)) continue;
      this.report('unknown-key', [...path, key], `${noun} has no key ${quoted(key)}.${familiarKey(noun, key) || didYouMean(key, keys) || ` Known keys: ${keys.join(', ')}.`}`, 'key');
    }
    for (const key of required) {
      if (value[key] === undefined) this.report('missing-key', path, `${noun} needs the key "${key}".`);
    }
    return value;
  }

  list(value: Json | undefined, path: YamlPath, noun: string): readonly Json[] | undefined {
    if (value === undefined) return undefined;
    if (Array.isArray(value)) return value as readonly Json[];
    this.#wrongType(value, path, noun, 'a list');
    return undefined;
  }

  text(value: Json | undefined, path: YamlPath, noun: string, maximum: number): string | undefined {
    if (value === undefined) return undefined;
    if (typeof value !== 'string') return this.#wrongType(value, path, noun, 'text');
    if (value.trim() === '') return this.#outOfRange(path, `${noun} is empty.`);
    if (Array.from(value).length > maximum) return this.#outOfRange(path, `${noun} has more than ${maximum} characters.`);
    return value;
  }

  id(value: Json | undefined, path: YamlPath, noun: string): string | undefined {
    if (value === undefined) return undefined;
    if (typeof value !== 'string') return this.#wrongType(value, path, noun, 'text in kebab-case');
    if (kebabCase.test(value) && value.length <= longestId) return value;
    this.report('bad-id', path, `${noun} ${quoted(value)} must be in kebab-case: letters a–z, digits and single hyphens, at most ${longestId} characters, like "build-api".${didYouMeanId(value)}`);
    return undefined;
  }

  integer(value: Json | undefined, path: YamlPath, noun: string, low: number, high: number): number | undefined {
    if (value === undefined) return undefined;
    if (typeof value !== 'number' || !Number.isInteger(value)) return this.#wrongType(value, path, noun, `a whole number from ${low} to ${high}`);
    if (value < low || value > high) return this.#outOfRange(path, `${noun} is ${value}; it must be from ${low} to ${high}.`);
    return value;
  }

  number(value: Json | undefined, path: YamlPath, noun: string, low: number, high: number): number | undefined {
    if (value === undefined) return undefined;
    if (typeof value !== 'number') return this.#wrongType(value, path, noun, `a number from ${low} to ${high}`);
    if (value < low || value > high) return this.#outOfRange(path, `${noun} is ${value}; it must be from ${low} to ${high}.`);
    return value;
  }

  /** A mapping with keys of the writer's choice. */
  anyMapping(value: Json | undefined, path: YamlPath, noun: string, of: string): JsonObject | undefined {
    if (value === undefined) return undefined;
    if (isJsonObject(value)) return value;
    this.#wrongType(value, path, noun, `a mapping of ${of}`);
    return undefined;
  }

  boolean(value: Json | undefined, path: YamlPath, noun: string): boolean | undefined {
    if (value === undefined || typeof value === 'boolean') return value;
    return this.#wrongType(value, path, noun, 'true or false');
  }

  oneOf<T extends string>(value: Json | undefined, path: YamlPath, noun: string, words: readonly T[]): T | undefined {
    if (value === undefined) return undefined;
    if (typeof value !== 'string') return this.#wrongType(value, path, noun, `one of ${words.join(', ')}`);
    const found = words.find((word) => word === value);
    if (found === undefined) this.report('unknown-word', path, `${noun} is ${quoted(value)}; it must be one of ${words.join(', ')}.${didYouMean(value, words)}`);
    return found;
  }

  #wrongType(value: Json | undefined, path: YamlPath, noun: string, expected: string): undefined {
    const found = value === null || value === undefined ? 'empty' : Array.isArray(value) ? 'a list' : typeof value === 'object' ? 'a mapping' : quoted(value);
    this.report('wrong-type', path, `${noun} is ${found}; it must be ${expected}.`);
  }

  #outOfRange(path: YamlPath, message: string): undefined {
    this.report('out-of-range', path, message);
  }
}
