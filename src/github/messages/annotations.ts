import type { Finding } from '../../core/mission/event.ts';
import type { Ink } from './ink.ts';

/** A finding at its line, as GitHub takes it. */
export interface CheckAnnotation {
  readonly path: string;
  readonly start_line: number;
  readonly end_line: number;
  readonly start_column?: number;
  readonly end_column?: number;
  readonly annotation_level: 'failure' | 'warning' | 'notice';
  readonly message: string;
  readonly title: string;
}

/** GitHub's limit of `message` is 64 KB; longer ones are no help at a line. */
const messageBytes = 8_000;
/** In code points; GitHub takes 255 characters. */
const titlePoints = 120;
/** GitHub names no limit; Git's own tools stop here. */
const pathBytes = 4_095;

/** GitHub's limit for one call; further calls append. */
export const annotationsPerCall = 50;

/** Most annotations of one check run: each call is a write of its own. */
export const maximumAnnotations = 1_000;

const levels = { error: 'failure', warning: 'warning', note: 'notice' } as const;
const order: readonly Finding['level'][] = ['error', 'warning', 'note'];

/** What is shown at lines of files: errors first, everything once, at most 1,000. Findings without a file stand in the check's text. */
export function annotationsOf(ink: Ink, findings: readonly Finding[]): readonly CheckAnnotation[] {
  const seen = new Set<string>();
  const sorted = order.flatMap((level) => findings.filter((finding) => finding.level === level));
  const annotations: CheckAnnotation[] = [];
  for (const finding of sorted) {
    const annotation = annotationOf(ink, finding);
    if (annotation === null) continue;
    const key = JSON.stringify(annotation);
    if (seen.has(key)) continue;
    seen.add(key);
    annotations.push(annotation);
    if (annotations.length === maximumAnnotations) break;
  }
  return annotations;
}

function annotationOf(ink: Ink, { rule, level, message, path, line, endLine, column, endColumn }: Finding): CheckAnnotation | null {
  if (path === null || !isRepositoryPath(path)) return null;
  const start = line ?? 1;
  // An end before the beginning is a tool's mistake, and GitHub would refuse all fifty for it.
  const end = line !== null && endLine !== undefined && endLine > start ? endLine : start;
  const withinLine = line !== null && start === end && column !== undefined;
  return {
    path,
    start_line: start,
    end_line: end,
    ...(withinLine ? { start_column: column, end_column: endColumn !== undefined && endColumn >= column ? endColumn : column } : {}),
    annotation_level: levels[level],
    message: ink.text(message, messageBytes) || ink.text(rule, messageBytes) || 'No message.',
    title: ink.title(rule, titlePoints) || 'finding',
  };
}

/** A path inside the repository with `/`: nothing absolute, no way out of it, nothing that only looks like a path. */
export function isRepositoryPath(path: string): boolean {
  if (path === '' || Buffer.byteLength(path) > pathBytes || !path.isWellFormed()) return false;
  // oxlint-disable-next-line no-control-regex -- Git quotes such names, and GitHub has no page for them
  if (/[\u0000-\u001F\u007F\\]|^[A-Za-z]:|:\/\//.test(path)) return false;
  return path.split('/').every((part) => part !== '' && part !== '.' && part !== '..') && path !== '.git' && !path.startsWith('.git/');
}
