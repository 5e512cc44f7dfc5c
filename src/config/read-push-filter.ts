import { patternProblems } from '../core/schedule/push-filter.ts';
import type { PushFilter } from '../core/schedule/push-filter.ts';
import type { Json } from '../kit/json.ts';
import { quoted } from './problems.ts';
import type { Shape } from './shape.ts';

const mostPatterns = 50;
const longestPattern = 200;
const path = ['on', 'push'];

/** Reads `on.push`, which may be empty: every push. */
export function readPushFilter(shape: Shape, value: Json | undefined): PushFilter | null {
  if (value === undefined) return null;
  const found = value === null ? {} : shape.mapping(value, path, 'push', ['branches', 'branches-ignore', 'tags', 'tags-ignore', 'paths', 'paths-ignore']);
  if (!found) return null;
  for (const what of ['branches', 'tags', 'paths']) {
    if (found[what] !== undefined && found[`${what}-ignore`] !== undefined) shape.report('contradiction', [...path, `${what}-ignore`], `push has both ${what} and ${what}-ignore. Say it in ${what} alone, with "!" before what is left out.`, 'key');
  }
  const patterns = (key: string) => readPatterns(shape, found[key], key);
  return { branches: patterns('branches'), branchesIgnore: patterns('branches-ignore'), tags: patterns('tags'), tagsIgnore: patterns('tags-ignore'), paths: patterns('paths'), pathsIgnore: patterns('paths-ignore') };
}

function readPatterns(shape: Shape, value: Json | undefined, key: string): readonly string[] | null {
  const at = [...path, key];
  const listed = shape.list(value, at, key);
  if (listed === undefined) return null;
  if (listed.length === 0 || listed.length > mostPatterns) shape.report('out-of-range', at, `${key} has ${listed.length} patterns; it must have 1 to ${mostPatterns}.`);
  const patterns = listed.map((item, index) => shape.text(item, [...at, index], `A pattern of ${key}`, longestPattern) ?? null);
  const texts = patterns.filter((pattern) => pattern !== null);
  // Indexes are those of the file only when every pattern is a text.
  if (texts.length !== patterns.length || texts.length === 0) return texts;
  for (const { index, reason } of patternProblems(texts)) shape.report('bad-pattern', index === null ? at : [...at, index], index === null ? `${key} takes nothing: ${reason}.` : `${quoted(texts[index])} ${reason}.`);
  return texts;
}
