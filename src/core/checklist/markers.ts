/** Markers of the managed region. Each stands alone on its line, spaces around it allowed. */
export const regionBegin = '<!-- mg:begin -->';
export const regionEnd = '<!-- mg:end -->';
export const statusBegin = '<!-- mg:status -->';
export const statusEnd = '<!-- /mg:status -->';

/** The same lines, those of our status blocks emptied, so that places stay what they are. An unclosed block is left alone. */
export function withoutStatus(lines: readonly string[]): readonly string[] {
  const kept = [...lines];
  let start = -1;
  for (const [index, line] of lines.entries()) {
    const text = line.trim();
    if (text === statusBegin) start = index;
    else if (text === statusEnd && start >= 0) {
      kept.fill('', start, index + 1);
      start = -1;
    }
  }
  return kept;
}

/** Finished items that are not listed, in one line; only in checklists we wrote ourselves. */
export const moreBegin = '<!-- mg:more -->';

export function moreLine(count: number): string {
  return `${moreBegin}${count} finished ${count === 1 ? 'task is' : 'tasks are'} not listed here.`;
}

/** At the end of a phase heading that we wrote: finds the phase again when its title has been edited. */
export function phaseMarker(id: string): string {
  return ` <!-- mg:phase ${id} -->`;
}

export const phaseMarkerPattern = /<!-- mg:phase ([a-z0-9][a-z0-9._-]{0,62}) -->/;

/** A title as one line of Markdown that cannot open or close a comment. */
export function oneLine(title: string): string {
  return title.replace(/[\s\0]+/g, ' ').replaceAll('<!--', '&lt;!--').replaceAll('-->', '--&gt;').trim() || '…';
}
