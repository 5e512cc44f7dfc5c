import type { Problem } from '../../core/mission/definition.ts';
import { err, ok, type Result } from '../../kit/result.ts';
import { ProblemList } from '../problems.ts';
import { readMissionFile } from '../read-mission-file.ts';
import { readMissionIssue } from '../read-mission-issue.ts';
import { readYaml } from '../read-yaml.ts';
import { documentOf, renderMissionDocument, type MissionDocument } from './mission-document.ts';
import { looksLikeSourceFormat, readSourceFormat, type SourceFormatOptions } from './read-source-format.ts';
import { looksLikeSpecKit, readSpecKit } from './read-spec-kit.ts';

export const importFormats = ['steps', 'speckit', 'checklist'] as const;
export type ImportFormat = (typeof importFormats)[number];

export interface Imported {
  readonly format: ImportFormat;
  readonly document: MissionDocument;
  /** The mission file. */
  readonly yaml: string;
}

type Source = { readonly file: string; readonly text: string };

/** Turns somebody else's file into a mission file of ours, or tells every problem in it. What comes out has been read once, as a mission file is. */
export function importMission(source: Source, format: ImportFormat | 'auto', options: SourceFormatOptions): Result<Imported, readonly Problem[]> {
  const chosen = format === 'auto' ? detect(source) : ok(format);
  if (!chosen.ok) return chosen;
  const read = readDocument(source, chosen.value, options);
  if (!read.ok) return read;
  const yaml = renderMissionDocument(read.value, `Imported from ${source.file.replace(/[\r\n]/g, ' ')} (${chosen.value}).`);
  const again = readMissionFile({ file: source.file, text: yaml }, options);
  return again.ok ? ok({ format: chosen.value, document: read.value, yaml }) : again;
}

function readDocument(source: Source, format: ImportFormat, options: SourceFormatOptions): Result<MissionDocument, readonly Problem[]> {
  switch (format) {
    case 'speckit': return readSpecKit(source);
    case 'steps': {
      const read = readSourceFormat(source, options);
      return read.ok ? ok(read.value.document) : read;
    }
    case 'checklist': return readChecklist(source, options);
  }
}

function readChecklist(source: Source, options: SourceFormatOptions): Result<MissionDocument, readonly Problem[]> {
  const title = /^#\s+(.+)$/m.exec(source.text)?.[1]?.trim() ?? source.file.replace(/^.*\//, '').replace(/\.[^.]*$/, '');
  const read = readMissionIssue({ file: source.file, title, body: source.text }, options);
  if (!read.ok) return read;
  if ('definition' in read.value) return ok(documentOf(read.value.definition));
  const problems = new ProblemList(source.file);
  problems.add('names-a-file', { line: 1, column: 1 }, `The text only names the mission ${read.value.kind === 'file' ? `file ${read.value.path}` : `template ${read.value.name}`}; there is nothing to import.`);
  return err(problems.list());
}

function detect(source: Source): Result<ImportFormat, readonly Problem[]> {
  if (/\.(?:ya?ml|json)$/i.test(source.file)) {
    const yaml = readYaml(source.file, source.text);
    if (!yaml.ok) return yaml;
    if (looksLikeSourceFormat(yaml.value.value)) return ok('steps');
    const problems = new ProblemList(source.file);
    problems.add('unknown-format', { line: 1, column: 1 }, 'The file has no list "steps", so it is not in the source format. A mission file of ours needs no import.');
    return err(problems.list());
  }
  return ok(looksLikeSpecKit(source.text) ? 'speckit' : 'checklist');
}
