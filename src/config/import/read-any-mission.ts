import type { Definition, Problem } from '../../core/mission/definition.ts';
import { ok, type Result } from '../../kit/result.ts';
import { readMissionFile } from '../read-mission-file.ts';
import { readYaml } from '../read-yaml.ts';
import { looksLikeSourceFormat, readSourceFormat, type SourceFormatOptions } from './read-source-format.ts';

/** Reads a file in the source format, which runs as it is; null for a file that is in no such format. */
export function readIfSourceFormat(source: { readonly file: string; readonly text: string }, options: SourceFormatOptions): Result<Definition, readonly Problem[]> | null {
  // Most files are ours and are parsed once: only one that may be in the source format is looked at first.
  if (!/(?:^|[{,])\s*["']?steps["']?\s*:/m.test(source.text)) return null;
  const yaml = readYaml(source.file, source.text);
  if (!yaml.ok || !looksLikeSourceFormat(yaml.value.value)) return null;
  const read = readSourceFormat(source, options);
  return read.ok ? ok(read.value.definition) : read;
}

/** Reads a mission file of ours, or one in the source format. */
export function readAnyMission(source: { readonly file: string; readonly text: string }, options: SourceFormatOptions): Result<Definition, readonly Problem[]> {
  return readIfSourceFormat(source, options) ?? readMissionFile(source, options);
}
