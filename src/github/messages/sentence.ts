import type { Ink } from './ink.ts';

/** Words with more marks than this are no sentence, and are cut as a whole. */
const maximumParts = 25;

/**
 * A sentence of the core's, in which ids and commands stand in back-ticks and words of somebody else may stand anywhere:
 * what is in back-ticks becomes a code span, everything else literal words.
 */
export function sentence(ink: Ink, text: string, maximumPoints = 600): string {
  const parts = text.slice(0, 4000).split(/(`[^`\n]{1,120}`)/);
  if (parts.length > maximumParts) return ink.plain(text, maximumPoints);
  return parts
    .map((part, index) => {
      if (index % 2 === 1) return ink.code(part.slice(1, -1));
      const words = ink.plain(part, maximumPoints);
      if (words === '') return /\s/.test(part) ? ' ' : '';
      return `${/^\s/.test(part) ? ' ' : ''}${words}${/\s$/.test(part) ? ' ' : ''}`;
    })
    .join('')
    .trim();
}
