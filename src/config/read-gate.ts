import type { Json } from '../kit/json.ts';
import { rubricProblems } from '../core/gate/rubric.ts';
import type { ApprovalRule, GateDefinition, RepositoryRole, Rubric } from '../core/mission/definition.ts';
import { definitionDefaults } from '../core/mission/definition.ts';
import { didYouMean } from '../kit/nearest-word.ts';
import { quoted } from './problems.ts';
import type { YamlPath } from './read-yaml.ts';
import type { Shape } from './shape.ts';

/** Roles an approval may ask for: those below `read` cannot see the mission. */
export const approvalRoles = ['read', 'triage', 'write', 'maintain', 'admin'] as const satisfies readonly RepositoryRole[];

/** What a phase has that says nothing about its gate: one approval by somebody who may write. */
export const defaultGate: GateDefinition = { rubric: {}, approvals: definitionDefaults.approvals };

/** `gate:` of a phase. `none` is no gate; absent is `defaultGate`. */
export function readGate(shape: Shape, value: Json | undefined, path: YamlPath): GateDefinition | null {
  if (value === undefined) return defaultGate;
  if (value === 'none') return null;
  if (typeof value === 'string') {
    shape.report('unknown-word', path, `A gate is \`none\` or a mapping with rubric and approvals, not ${quoted(value)}.${didYouMean(value, ['none'])}`);
    return defaultGate;
  }
  const found = shape.mapping(value, path, 'A gate', ['rubric', 'approvals']);
  if (!found) return defaultGate;
  return { rubric: readRubric(shape, found.rubric, [...path, 'rubric']), approvals: readApprovals(shape, found.approvals, [...path, 'approvals']) };
}

function readRubric(shape: Shape, value: Json | undefined, path: YamlPath): Rubric {
  if (value === undefined) return {};
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    shape.report('wrong-type', path, 'rubric must be a mapping of thresholds, like `tests_failed_max: 0`.');
    return {};
  }
  const rubric = value as Rubric;
  for (const wrong of rubricProblems(rubric)) shape.report('rubric', [...path, wrong.key], `${quoted(wrong.key)} is not understood: ${wrong.message}.`, 'key');
  return rubric;
}

function readApprovals(shape: Shape, value: Json | undefined, path: YamlPath): ApprovalRule {
  const defaults = definitionDefaults.approvals;
  const found = value === undefined ? undefined : shape.mapping(value, path, 'approvals', ['count', 'from', 'allow-requester']);
  if (!found) return defaults;
  const from = shape.list(found.from, [...path, 'from'], 'from') ?? [];
  if (found.from !== undefined && Array.isArray(found.from) && from.length !== 1) shape.report('out-of-range', [...path, 'from'], 'from holds exactly one entry, like [role:write].');
  const words = approvalRoles.map((role) => `role:${role}` as const);
  const role = shape.oneOf(from[0], [...path, 'from', 0], 'An entry of from', words);
  return {
    count: shape.integer(found.count, [...path, 'count'], 'count', 0, 10) ?? defaults.count,
    minimumRole: role === undefined ? defaults.minimumRole : (role.slice('role:'.length) as RepositoryRole),
    allowRequester: shape.boolean(found['allow-requester'], [...path, 'allow-requester'], 'allow-requester') ?? defaults.allowRequester,
  };
}
