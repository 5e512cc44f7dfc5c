import { isJsonObject } from '../../kit/json.ts';
import type { JsonObject } from '../../kit/json.ts';
import type { Answer } from '../../core/mission/event.ts';

/** Reads the facts of an answer without trusting their shape: they may have been recorded by an older version. */
export interface Facts {
  text(name: string): string;
  number(name: string): number;
  list(name: string): readonly string[];
  /** What stands there as maps; anything else is left out. */
  records(name: string): readonly JsonObject[];
  yes(name: string): boolean;
}

export function factsOf(answer: Answer): Facts {
  const of = (name: string): unknown => (Object.hasOwn(answer.facts, name) ? answer.facts[name] : undefined);
  return {
    text: (name) => {
      const value = of(name);
      return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
    },
    number: (name) => {
      const value = of(name);
      return typeof value === 'number' ? value : 0;
    },
    list: (name) => {
      const value = of(name);
      return Array.isArray(value) ? value.filter((entry): entry is string => typeof entry === 'string') : [];
    },
    records: (name) => {
      const value = of(name);
      return (Array.isArray(value) ? (value as readonly unknown[]) : [value]).filter((entry): entry is JsonObject => isJsonObject(entry));
    },
    yes: (name) => of(name) === true,
  };
}
