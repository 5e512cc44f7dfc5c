import { isJsonObject } from '../../kit/json.ts';
import type { Json, JsonObject } from '../../kit/json.ts';
import type { Finding } from './evidence.ts';
import { maximumFindings } from './evidence.ts';

/** Findings as they were kept in an artifact; whatever is none is left out, and a text that is no list gives none. Never throws. */
export function readFindings(text: string): readonly Finding[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return [];
  }
  if (!Array.isArray(value)) return [];
  return (value as readonly Json[]).slice(0, maximumFindings).flatMap((one) => (isJsonObject(one) ? (findingOf(one) ?? []) : []));
}

function findingOf(record: JsonObject): Finding | null {
  const { rule, level, message, path } = record;
  if (typeof rule !== 'string' || typeof message !== 'string' || !isLevel(level)) return null;
  const line = position(record.line);
  const endLine = position(record.endLine);
  const column = position(record.column);
  const endColumn = position(record.endColumn);
  return {
    rule,
    level,
    message,
    path: typeof path === 'string' && path !== '' ? path : null,
    line,
    ...(endLine === null ? {} : { endLine }),
    ...(column === null ? {} : { column }),
    ...(endColumn === null ? {} : { endColumn }),
  };
}

function isLevel(value: Json | undefined): value is Finding['level'] {
  return value === 'error' || value === 'warning' || value === 'note';
}

/** GitHub counts lines and columns from 1, in 32 bits. */
function position(value: Json | undefined): number | null {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 2_147_483_647 ? value : null;
}
