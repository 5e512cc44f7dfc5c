import type { Definition, Problem } from '../../core/mission/definition.ts';
import { ok, type Result } from '../../kit/result.ts';
import { readMissionFile } from '../read-mission-file.ts';
import { readYaml } from '../read-yaml.ts';
import { looksLikeSourceFormat, readSourceFormat, type SourceFormatOptions } from './read-source-format.ts';

/** Reads a mission file of ours, or one in the source format, which runs as it is. */
export function readAnyMission(source: { readonly file: string; readonly text: string }, options: SourceFormatOptions): Result<Definition, readonly Problem[]> {
  // Most files are ours and are parsed once: only one that may be in the source format is looked at first.
  if (/(?:^|[{,])\s*["']?steps["']?\s*:/m.test(source.text)) {
    const yaml = readYaml(source.file, source.text);
    if (yaml.ok && looksLikeSourceFormat(yaml.value.value)) {
      const read = readSourceFormat(source, options);
      return read.ok ? ok(read.value.definition) : read;
    }
  }
  return readMissionFile(source, options);
}
