import { readAnyMission } from '../config/import/read-any-mission.ts';
import { readMissionIssue } from '../config/read-mission-issue.ts';
import type { Reading } from '../core/mission/signal.ts';
import type { DefinitionReader } from '../engine/facts.ts';
import { intentsFrom } from '../github/checklist-intents.ts';
import { systemClock } from '../kit/system-clock.ts';
import type { StepRegistry } from '../steps/registry.ts';

/** Reads definitions from issues and the files they name. */
export function createDefinitionReader(registry: StepRegistry): DefinitionReader {
  const options = { stepTypes: registry };
  return {
    async readIssue(issue, readFile): Promise<Reading> {
      const file = `issue #${issue.number}`;
      const read = readMissionIssue({ file, title: issue.title, body: issue.body }, options);
      if (!read.ok) return { ok: false, problems: read.error };
      if (read.value.kind === 'checklist') return { ok: true, definition: read.value.definition, definedIn: file, items: read.value.items };
      if (read.value.kind === 'inline') return { ok: true, definition: read.value.definition, definedIn: file, items: null };
      const { path } = read.value;
      const text = await readFile(path);
      if (text === null) {
        const message = `The issue names ${path}, but there is no such file on the default branch. Add it there, or correct the name in the issue.`;
        return { ok: false, problems: [{ code: 'file-missing', file, line: 0, column: 0, message }] };
      }
      const definition = readAnyMission({ file: path, text }, { ...options, now: new Date(systemClock.now()) });
      return definition.ok ? { ok: true, definition: definition.value, definedIn: path, items: null } : { ok: false, problems: definition.error };
    },
    intents: intentsFrom,
  };
}
