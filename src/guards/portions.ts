import { inNumbers } from './numbers.ts';

/** What is larger is not even looked at to see whether it is text. */
const longest = 64 * 1024 * 1024;
const longestTogether = 512 * 1024 * 1024;
/** Read at once. */
const portion = 8 * 1024 * 1024;

/** Contents that are read together. What would be too much is named in `refused` and left out. */
export function* portions<Sized extends { readonly bytes: number }>(contents: readonly Sized[], nameOf: (content: Sized) => string, refused: string[]): Generator<readonly Sized[]> {
  let group: Sized[] = [];
  let size = 0;
  let left = longestTogether;
  for (const content of contents) {
    if (content.bytes > longest || content.bytes > left) {
      refused.push(`${nameOf(content)} (${inNumbers(content.bytes)} bytes)`);
      continue;
    }
    left -= content.bytes;
    if (size + content.bytes > portion && group.length > 0) {
      yield group;
      group = [];
      size = 0;
    }
    group.push(content);
    size += content.bytes;
  }
  if (group.length > 0) yield group;
}
