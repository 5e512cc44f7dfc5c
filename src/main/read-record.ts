import { isUtf8 } from 'node:buffer';
import { readFileSync, statSync } from 'node:fs';
import type { Stats } from 'node:fs';

/** Nothing that we write into a record is larger: a file that is cannot be what the ledger names. */
export const largestRecordBytes = 256 * 1024 * 1024;

/** What a file of a record holds, or why it cannot be one: a folder that somebody hands over may hold anything. */
export type RecordReading = { readonly text: string; readonly unreadable?: undefined } | { readonly text: ''; readonly unreadable: string };

/** Reads a file of a record. Never waits for a pipe, never reads without end, and takes no bytes for text that are none. */
export function readRecord(path: string): RecordReading {
  const refused = (unreadable: string): RecordReading => ({ text: '', unreadable });
  const problem = notARecord(path);
  if (problem !== null) return refused(problem);
  const bytes = readFileSync(path);
  return isUtf8(bytes) ? { text: bytes.toString('utf8') } : refused('it is no text: its bytes are no UTF-8');
}

/** Why there can be nothing to read at a path; null where there can. */
export function notARecord(path: string, largest: number = largestRecordBytes): string | null {
  const found = statOf(path);
  if (found === null) return 'it cannot be opened';
  if (!found.isFile()) return 'it is no regular file';
  return found.size > largest ? `it is larger than anything a record holds (${found.size} bytes, at most ${largest})` : null;
}

/** A link that leads nowhere, or in a circle, is no file. */
function statOf(path: string): Stats | null {
  try {
    return statSync(path);
  } catch {
    return null;
  }
}
