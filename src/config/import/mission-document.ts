import { stringify } from 'yaml';

import type { ApprovalRule, Definition, TaskDefinition } from '../../core/mission/definition.ts';
import { defaultExclusions, definitionDefaults } from '../../core/mission/definition.ts';
import { longestTitle, usualLimit } from '../read-task.ts';
import type { JsonObject } from '../../kit/json.ts';
import { literal } from './source-variables.ts';

/** A mission file as data: what importers make, and what is written as YAML. */
export interface MissionDocument {
  readonly version: 1;
  readonly name: string;
  readonly description?: string;
  readonly settings?: JsonObject;
  readonly 'timeout-seconds'?: number;
  readonly phases: readonly PhaseDocument[];
}

export interface PhaseDocument {
  readonly id: string;
  readonly title?: string;
  readonly gate?: 'none' | JsonObject;
  readonly guards?: readonly JsonObject[];
  readonly tasks: readonly TaskDocument[];
}

export interface TaskDocument {
  readonly id: string;
  readonly title?: string;
  readonly uses: string;
  readonly with?: JsonObject;
  readonly needs?: readonly string[];
  readonly 'continue-on-error'?: boolean;
  readonly retry?: { readonly 'max-attempts': number };
  readonly 'timeout-seconds'?: number;
}

/** The document as YAML, in the order people write it. */
export function renderMissionDocument(document: MissionDocument, comment: string): string {
  const { version, name, description, settings, phases, 'timeout-seconds': time } = document;
  const ordered = { version, name, ...(description === undefined || description === '' ? {} : { description }), ...(settings && Object.keys(settings).length > 0 ? { settings } : {}), ...(time === undefined ? {} : { 'timeout-seconds': time }), phases };
  return `# ${comment}\n${stringify(ordered, { lineWidth: 0, aliasDuplicateObjects: false, blockQuote: 'literal' })}`;
}

/** A definition that was read from an issue's checklist as a document; defaults are left out. Its words hold no templates, its parameters were read as such. */
export function documentOf(definition: Definition): MissionDocument {
  const { settings } = definition;
  const defaults = definitionDefaults.settings;
  return {
    version: 1,
    name: literal(definition.name, longestTitle),
    description: literal(definition.description),
    settings: {
      ...(settings.maxParallel === defaults.maxParallel ? {} : { 'max-parallel': settings.maxParallel }),
      ...(settings.failFast === defaults.failFast ? {} : { 'fail-fast': settings.failFast }),
      ...(settings.merge === defaults.merge ? {} : { merge: settings.merge }),
    },
    ...(settings.timeoutSeconds === undefined ? {} : { 'timeout-seconds': settings.timeoutSeconds }),
    phases: definition.phases.map((phase) => ({
      id: phase.id,
      ...(phase.title === phase.id ? {} : { title: literal(phase.title, longestTitle) }),
      ...(phase.guards.length > 0 ? { guards: phase.guards.map((guard) => ({ id: guard.id, uses: guard.uses, ...(Object.keys(guard.with).length > 0 ? { with: guard.with } : {}) })) } : {}),
      gate: phase.gate === null ? 'none' as const : {
        ...(Object.keys(phase.gate.rubric).length > 0 ? { rubric: phase.gate.rubric } : {}),
        approvals: approvalsDocument(phase.gate.approvals),
      },
      tasks: phase.tasks.map(taskDocument),
    })),
  };
}

function approvalsDocument({ count, minimumRole, allowRequester, from, all, any, exclude }: ApprovalRule): JsonObject {
  const groups = (list: ApprovalRule['all']) => list?.map((group) => ({ count: group.count, from: group.from }));
  const others = exclude ?? defaultExclusions;
  return {
    count,
    from: from ?? [`role:${minimumRole}`],
    ...(all === undefined ? {} : { all: groups(all) }),
    ...(any === undefined ? {} : { any: groups(any) }),
    ...(exclude === undefined ? {} : { exclude: others }),
    ...(allowRequester ? {} : { 'allow-requester': false }),
  };
}

function taskDocument(task: TaskDefinition): TaskDocument {
  return {
    id: task.id,
    ...(task.title === task.id ? {} : { title: literal(task.title, longestTitle) }),
    uses: task.uses,
    ...(Object.keys(task.with).length > 0 ? { with: task.with } : {}),
    ...(task.needs.length > 0 ? { needs: task.needs } : {}),
    ...(task.continueOnError ? { 'continue-on-error': true } : {}),
    ...(task.maxAttempts === definitionDefaults.maxAttempts ? {} : { retry: { 'max-attempts': task.maxAttempts } }),
    ...(task.timeoutSeconds === usualLimit(task.waits) ? {} : { 'timeout-seconds': task.timeoutSeconds }),
  };
}
