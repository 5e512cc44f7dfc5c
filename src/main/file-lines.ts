import { isUtf8 } from 'node:buffer';
import { closeSync, openSync, readSync } from 'node:fs';

const chunkBytes = 1 << 20;
const lineBreak = 10;

/**
 * The lines of a file, one after the other, without holding it as a whole. A line that is no UTF-8 comes out as a text that is nothing
 * else either: decoded with replacement characters it could look like another line.
 */
export function* fileLines(path: string): Generator<string> {
  const file = openSync(path, 'r');
  try {
    const chunk = Buffer.alloc(chunkBytes);
    let rest: Buffer = Buffer.alloc(0);
    for (let read = readSync(file, chunk); read > 0; read = readSync(file, chunk)) {
      const bytes = rest.length === 0 ? chunk.subarray(0, read) : Buffer.concat([rest, chunk.subarray(0, read)]);
      const end = bytes.lastIndexOf(lineBreak);
      // The chunk is written over by the next reading.
      rest = Buffer.from(bytes.subarray(end + 1));
      if (end >= 0) yield* linesOf(bytes.subarray(0, end));
    }
    if (rest.length > 0) yield* linesOf(rest);
  } finally {
    closeSync(file);
  }
}

/** The lines of these bytes. */
export function* linesOf(bytes: Buffer): Generator<string> {
  if (isUtf8(bytes)) {
    yield* bytes.toString('utf8').split('\n');
    return;
  }
  for (let start = 0; start <= bytes.length; ) {
    const found = bytes.indexOf(lineBreak, start);
    const end = found < 0 ? bytes.length : found;
    const line = bytes.subarray(start, end);
    yield isUtf8(line) ? line.toString('utf8') : '\uFFFD (no UTF-8)';
    start = end + 1;
  }
}
