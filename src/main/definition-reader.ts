import type { GivenInputs } from '../config/inputs.ts';
import { templateFile } from '../config/mission-templates.ts';
import { readMissionFetching } from '../config/read-mission-file.ts';
import { readIfSourceFormat } from '../config/import/read-any-mission.ts';
import { readPolicy } from '../config/read-policy.ts';
import { readMissionIssue } from '../config/read-mission-issue.ts';
import type { Reading } from '../core/mission/signal.ts';
import type { DefinitionReader } from '../engine/facts.ts';
import { intentsFrom } from '../github/checklist-intents.ts';
import { didYouMean } from '../kit/nearest-word.ts';
import { systemClock } from '../kit/system-clock.ts';
import type { StepRegistry } from '../steps/registry.ts';
import { readTemplate, templateNames } from './template-files.ts';

/** Reads definitions from issues and the files they name. */
export function createDefinitionReader(registry: StepRegistry): DefinitionReader {
  const options = { stepTypes: registry };

  async function readText(file: string, text: string, inputs: GivenInputs, readFile: (path: string) => Promise<string | null>): Promise<Reading> {
    const definition = readIfSourceFormat({ file, text }, { ...options, now: new Date(systemClock.now()) }) ?? (await readMissionFetching({ file, text }, { ...options, inputs }, readFile));
    return definition.ok ? { ok: true, definition: definition.value, definedIn: file, items: null } : { ok: false, problems: definition.error };
  }

  return {
    async readIssue(issue, readFile): Promise<Reading> {
      const file = `issue #${issue.number}`;
      const missing = (message: string): Reading => ({ ok: false, problems: [{ code: 'file-missing', file, line: 0, column: 0, message }] });
      const read = readMissionIssue({ file, title: issue.title, body: issue.body }, options);
      if (!read.ok) return { ok: false, problems: read.error };
      const said = read.value;
      switch (said.kind) {
        case 'checklist':
          return { ok: true, definition: said.definition, definedIn: file, items: said.items };
        case 'inline':
          return { ok: true, definition: said.definition, definedIn: file, items: null };
        case 'template': {
          const text = readTemplate(said.name);
          if (text !== null) return readText(templateFile(said.name), text, said.inputs, readFile);
          const names = templateNames();
          return missing(`There is no template "${said.name}".${didYouMean(said.name, names) || ` There are: ${names.join(', ')}.`}`);
        }
        case 'file': {
          const text = await readFile(said.path);
          if (text !== null) return readText(said.path, text, said.inputs, readFile);
          return missing(`The issue names ${said.path}, but there is no such file on the default branch. Add it there, or correct the name in the issue.`);
        }
      }
    },
    intents: intentsFrom,
    readPolicy: (text) => readPolicy(text),
  };
}
