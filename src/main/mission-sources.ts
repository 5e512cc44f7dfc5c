import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';

import { templateFile, templateName } from '../config/mission-templates.ts';
import { didYouMean } from '../kit/nearest-word.ts';
import { err, ok } from '../kit/result.ts';
import type { Result } from '../kit/result.ts';
import { yamlLimits } from '../config/read-yaml.ts';
import { readTemplate, templateNames } from './template-files.ts';

/** A mission that is to be read on this machine. */
export interface MissionText {
  /** As it is shown, and as included missions find their way from it. */
  readonly file: string;
  readonly text: string;
  /** Text of a file named by an included mission; null when there is none. */
  readFile(path: string): string | null;
}

/** Files of the words given to a command: files, folders with `*.yml` in them, templates. An error is a sentence. */
export function missionSources(words: readonly string[]): Result<readonly MissionText[], string> {
  const found: MissionText[] = [];
  for (const word of words) {
    const sources = word.startsWith('template:') ? fromTemplate(word) : fromPath(word);
    if (!sources.ok) return sources;
    found.push(...sources.value);
  }
  return ok(found);
}

function fromTemplate(word: string): Result<readonly MissionText[], string> {
  const name = templateName(word);
  const text = name === null ? null : readTemplate(name);
  if (name === null || text === null) {
    const names = templateNames();
    return err(`there is no template ${JSON.stringify(word.slice('template:'.length))}.${didYouMean(word.slice('template:'.length), names)} There are: ${names.join(', ')}`);
  }
  return ok([{ file: templateFile(name), text, readFile: () => null }]);
}

function fromPath(word: string): Result<readonly MissionText[], string> {
  if (!existsSync(word)) return err(`there is no file or folder ${JSON.stringify(word)}`);
  if (!statSync(word).isDirectory()) return readOne(word);
  const names = readdirSync(word).filter((name) => /\.ya?ml$/i.test(name)).sort();
  if (names.length === 0) return err(`the folder ${JSON.stringify(word)} holds no mission file (*.yml)`);
  const sources: MissionText[] = [];
  for (const name of names) {
    const read = readOne(join(word, name));
    if (!read.ok) return read;
    sources.push(...read.value);
  }
  return ok(sources);
}

function readOne(path: string): Result<readonly MissionText[], string> {
  const shown = relative(process.cwd(), resolve(path));
  const outside = shown.startsWith('..') || isAbsolute(shown);
  // Included missions stay below the folder the command is called in, or below the file's own.
  const root = outside ? dirname(resolve(path)) : process.cwd();
  const text = readText(path);
  if (text === null) return err(`${JSON.stringify(path)} cannot be read`);
  return ok([{ file: (outside ? basename(path) : shown).split(sep).join('/'), text, readFile: (name) => readText(join(root, name)) }]);
}

function readText(path: string): string | null {
  try {
    // One byte more than is allowed is enough to be refused for its size.
    return statSync(path).size > yamlLimits.bytes ? ' '.repeat(yamlLimits.bytes + 1) : readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
