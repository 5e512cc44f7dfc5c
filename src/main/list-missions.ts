import { existsSync } from 'node:fs';

import MiniSearch from 'minisearch';

import { readMission } from './read-mission.ts';
import { givenInputs } from '../config/inputs.ts';
import { readYaml } from '../config/read-yaml.ts';
import { builtInSteps, createStepRegistry } from '../steps/registry.ts';
import { missionSources } from './mission-sources.ts';
import type { MissionText } from './mission-sources.ts';
import { templateNames } from './template-files.ts';

const folder = '.github/missions';
const formats = ['text', 'json'] as const;
/** More suggestions than this are no help. */
const mostSuggestions = 3;

/** A mission that could be run, in short. */
interface MissionInShort {
  /** As `missiongate plan`, `run` and an issue's line `Mission:` take it. */
  readonly mission: string;
  readonly name: string;
  readonly description: string;
  readonly inputs: readonly { readonly name: string; readonly required: boolean; readonly description: string }[];
  readonly phases: number;
  readonly tasks: number;
  /** False: `missiongate validate` says what is wrong. */
  readonly valid: boolean;
}

/** `missiongate list`: the missions of this repository and the templates. 0, or 2 when it was called wrongly. */
export function listMissions(options: { readonly format: string }): number {
  const format = formats.find((known) => known === options.format);
  if (format === undefined) return usage('list', options.format);
  show(format, missionsHere());
  return 0;
}

/** `missiongate suggest`: missions that fit a goal in words, best first. 0, 1 when none fits, 2 when it was called wrongly. */
export function suggestMissions(words: readonly string[], options: { readonly format: string }): number {
  const format = formats.find((known) => known === options.format);
  if (format === undefined) return usage('suggest', options.format);
  const suggested = suggestionsFor(words.join(' '), missionsHere());
  if (suggested.length === 0 && format === 'text') {
    console.error('No mission here fits these words. `missiongate list` shows all of them; docs/use/write-a-mission.md shows how to write one.');
    return 1;
  }
  show(format, suggested);
  return suggested.length === 0 ? 1 : 0;
}

/** Missions whose name, description or tasks speak of the goal; whole words and their beginnings, one letter wrong in six. */
export function suggestionsFor<M extends Pick<MissionInShort, 'mission' | 'name' | 'description'>>(goal: string, missions: readonly (M & { readonly words?: string })[]): readonly M[] {
  const search = new MiniSearch<M & { id: number; words?: string }>({ fields: ['mission', 'name', 'description', 'words'], searchOptions: { boost: { mission: 3, name: 2, description: 2 }, prefix: (term) => term.length > 3, fuzzy: (term) => (term.length > 5 ? 0.17 : 0) } });
  search.addAll(missions.map((mission, id) => ({ ...mission, id })));
  const found = search.search(goal).slice(0, mostSuggestions);
  // What fits half as well as the best is noise.
  return found.filter(({ score }) => score >= (found[0]?.score ?? 0) / 2).flatMap(({ id }) => missions[id as number] ?? []);
}

function missionsHere(): readonly (MissionInShort & { readonly words: string })[] {
  const own = existsSync(folder) ? missionSources([folder]) : null;
  const shipped = missionSources(templateNames().map((name) => `template:${name}`));
  return [...(own?.ok ? own.value.map((source) => inShort(source, source.file)) : []), ...(shipped.ok ? shipped.value.map((source, index) => inShort(source, `template:${templateNames()[index] ?? ''}`)) : [])];
}

function inShort(source: MissionText, mission: string): MissionInShort & { readonly words: string } {
  const yaml = readYaml(source.file, source.text);
  const written = yaml.ok && isRecord(yaml.value.value) ? yaml.value.value : {};
  const declared = isRecord(written['inputs']) ? written['inputs'] : {};
  const inputs = Object.entries(declared).map(([name, input]) => ({ name, required: isRecord(input) && input['required'] === true, description: textOf(isRecord(input) ? input['description'] : '') }));
  // Whatever is required is given, so that what is read is the mission itself.
  const values = Object.fromEntries(Object.entries(declared).flatMap(([name, input]) => (isRecord(input) && input['required'] === true ? [[name, exampleOf(input)]] : [])));
  const read = readMission(source, { stepTypes: createStepRegistry(builtInSteps), readFile: (path) => source.readFile(path), inputs: givenInputs('an example', values) });
  const phases = read.ok ? read.value.definition.phases : [];
  const tasks = phases.flatMap((phase) => phase.tasks);
  return {
    mission,
    // People read `<bug>` where the mission will have what they give.
    name: textOf(written['name']).replaceAll(/\$\{\{\s*inputs\.([\w-]+)\s*\}\}/g, '<$1>').replaceAll(/\$\{\{.*?\}\}/g, '…'),
    description: textOf(written['description']).trim(),
    inputs,
    phases: phases.length,
    tasks: tasks.length,
    valid: read.ok,
    words: [...phases.map(({ title }) => title), ...tasks.map(({ title }) => title)].join(' '),
  };
}

function exampleOf(input: Readonly<Record<string, unknown>>): string {
  const { type, options } = input as { readonly type?: string; readonly options?: readonly unknown[] };
  if (Array.isArray(options) && options.length > 0) return String(options[0]);
  return { number: '1', boolean: 'true', list: '[]', map: '{}' }[type ?? 'string'] ?? 'x';
}

function show(format: (typeof formats)[number], missions: readonly (MissionInShort & { readonly words: string })[]): void {
  if (format === 'json') {
    console.log(JSON.stringify(missions.map(({ words: _words, ...mission }) => mission), null, 2));
    return;
  }
  console.log(missions.map(described).join('\n\n'));
}

function described({ mission, name, description, inputs, phases, tasks, valid }: MissionInShort): string {
  const size = valid ? `${phases} ${phases === 1 ? 'phase' : 'phases'}, ${tasks} ${tasks === 1 ? 'task' : 'tasks'}` : 'has problems: missiongate validate tells them';
  const asked = inputs.map((input) => `  --input ${input.name}=…${input.required ? '' : '  (may be left out)'}  ${input.description}`.trimEnd());
  return [`${mission}  (${size})`, `  ${name}${description === '' ? '' : `: ${description.replaceAll(/\s+/g, ' ')}`}`, ...asked].join('\n');
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function usage(command: string, found: string): number {
  console.error(`missiongate ${command}: --format: found "${found}", expected ${formats.join(', ')}`);
  return 2;
}
