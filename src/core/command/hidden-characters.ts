/*
 * Characters a reader does not see but a program would read. Two classes:
 * - direction controls (U+202A–202E, U+2066–2069) make a line look like another one ("Trojan Source", CVE-2021-42574);
 * - invisible letters: zero-width spaces and marks, soft hyphen, word joiner, BOM, the tag block U+E0000–E007F.
 * Zero-width joiner, non-joiner and variation selectors belong to emoji and to Persian, Hindi and other scripts; the direction marks
 * U+200E, U+200F, U+061C to right-to-left text. They stay in prose and are refused in commands and ids.
 */

const deceiving = /[\u202A-\u202E\u2066-\u2069\u00AD\u200B\u2060-\u2064\u206A-\u206F\uFEFF\u{E0000}-\u{E007F}]/gu;
// oxlint-disable-next-line no-control-regex, no-misleading-character-class -- the class is a list of single invisible characters
const anyInvisible = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u00AD\u034F\u061C\u115F\u1160\u17B4\u17B5\u180B-\u180F\u200B-\u200F\u2028-\u202E\u2060-\u206F\u3164\uFE00-\uFE0F\uFEFF\uFFA0\u{E0000}-\u{E0FFF}]/u;

/** Prose as a reader sees it: without direction controls and invisible letters, NUL and half characters replaced. */
export function visibleText(text: string): string {
  return text.replace(deceiving, '').replace(/[\0\p{Surrogate}]/gu, '\uFFFD');
}

/** Offset of the first character that must not stand in a command, or -1. */
export function firstInvisible(text: string): number {
  return text.search(anyInvisible);
}

/** `U+200B`: how an invisible character is named in a message. */
export function codePointName(text: string, offset: number): string {
  return `U+${(text.codePointAt(offset) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}
