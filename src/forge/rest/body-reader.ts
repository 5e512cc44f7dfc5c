import { isJsonObject } from '../../kit/json.ts';
import type { JsonObject } from '../../kit/json.ts';
import { invalidRequest } from './problem.ts';

/** Reads typed fields from a request body and refuses wrong types with GitHub's "Invalid request." 422. */
export class BodyReader {
  readonly value: JsonObject;

  constructor(value: JsonObject) {
    this.value = value;
  }

  has(name: string): boolean {
    return this.value[name] !== undefined;
  }

  /** A text, or undefined when absent. Null counts as absent. */
  text(name: string): string | undefined {
    const value = this.value[name] ?? undefined;
    if (value === undefined) return undefined;
    if (typeof value !== 'string') throw wrongType(name, value, 'a string');
    return value;
  }

  requiredText(name: string): string {
    const value = this.text(name);
    if (value === undefined) throw missing(name);
    return value;
  }

  flag(name: string): boolean | undefined {
    const value = this.value[name] ?? undefined;
    if (value === undefined) return undefined;
    if (typeof value !== 'boolean') throw wrongType(name, value, 'a boolean');
    return value;
  }

  integer(name: string): number | undefined {
    const value = this.value[name] ?? undefined;
    if (value === undefined) return undefined;
    if (typeof value !== 'number' || !Number.isInteger(value)) throw wrongType(name, value, 'an integer');
    return value;
  }

  requiredInteger(name: string): number {
    const value = this.integer(name);
    if (value === undefined) throw missing(name);
    return value;
  }

  oneOf<T extends string>(name: string, allowed: readonly T[]): T | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const found = allowed.find((one) => one === value);
    if (found === undefined) throw invalidRequest(`${JSON.stringify(value)} is not a member of ${JSON.stringify(allowed)}.`);
    return found;
  }

  list(name: string): readonly unknown[] | undefined {
    const value = this.value[name] ?? undefined;
    if (value === undefined) return undefined;
    if (!Array.isArray(value)) throw wrongType(name, value, 'an array');
    return value as readonly unknown[];
  }

  texts(name: string): string[] | undefined {
    return this.list(name)?.map((item) => {
      if (typeof item !== 'string') throw wrongType(name, item, 'a string');
      return item;
    });
  }

  integers(name: string): number[] | undefined {
    return this.list(name)?.map((item) => {
      if (typeof item !== 'number' || !Number.isInteger(item)) throw wrongType(name, item, 'an integer');
      return item;
    });
  }

  objects(name: string): BodyReader[] | undefined {
    return this.list(name)?.map((item) => {
      if (!isJsonObject(item)) throw wrongType(name, item, 'an object');
      return new BodyReader(item);
    });
  }

  object(name: string): BodyReader | undefined {
    const value = this.value[name] ?? undefined;
    if (value === undefined) return undefined;
    if (!isJsonObject(value)) throw wrongType(name, value, 'an object');
    return new BodyReader(value);
  }
}

function missing(name: string): Error {
  return invalidRequest(`"${name}" wasn't supplied.`);
}

function wrongType(name: string, value: unknown, expected: string): Error {
  const shown = JSON.stringify(value) ?? 'undefined';
  return invalidRequest(`For 'properties/${name}', ${shown.length > 80 ? `${shown.slice(0, 80)}…` : shown} is not ${expected}.`);
}
