import { isUtf8 } from 'node:buffer';
import { closeSync, openSync, readSync } from 'node:fs';

const chunkBytes = 1 << 20;
const lineBreak = 10;

/** No line of ours is longer; what is would only fill the memory. */
const longestLineBytes = 256 * 1024 * 1024;

/**
 * The lines of a file, one after the other, without holding it as a whole. A line that is no UTF-8, or longer than any of ours, comes
 * out as a text that is nothing else either: decoded with replacement characters, or cut, it could look like another line.
 */
export function* fileLines(path: string): Generator<string> {
  const file = openSync(path, 'r');
  try {
    let parts: Buffer[] = [];
    let length = 0;
    for (;;) {
      const chunk = Buffer.allocUnsafe(chunkBytes);
      const read = readSync(file, chunk);
      if (read === 0) break;
      const end = chunk.subarray(0, read).lastIndexOf(lineBreak);
      if (end >= 0) yield* linesOf(Buffer.concat([...parts, chunk.subarray(0, end)]));
      if (end >= 0) [parts, length] = [[], 0];
      const rest = chunk.subarray(end + 1, read);
      length += rest.length;
      if (length > longestLineBytes) {
        yield '\uFFFD (longer than any line)';
        return;
      }
      if (rest.length > 0) parts.push(rest);
    }
    if (length > 0) yield* linesOf(Buffer.concat(parts));
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
