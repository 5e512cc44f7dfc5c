import type { Json } from '../kit/json.ts';
import { rubricProblems } from '../core/gate/rubric.ts';
import type { ApprovalGroup, ApprovalRule, GateDefinition, Rubric, StructureCheck } from '../core/mission/definition.ts';
import { defaultExclusions, definitionDefaults, structureChecks } from '../core/mission/definition.ts';
import { didYouMean } from '../kit/nearest-word.ts';
import { quoted } from './problems.ts';
import { lowestNamedRole, readApprovers, readExclusions } from './read-approvers.ts';
import type { YamlPath } from './read-yaml.ts';
import type { Shape } from './shape.ts';

/** Further rules of one gate. */
const mostGroups = 10;

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
  const found = shape.mapping(value, path, 'A gate', ['rubric', 'approvals', 'criteria', 'structure', 'heal']);
  if (!found) return defaultGate;
  const criteria = readCriteria(shape, found.criteria, [...path, 'criteria']);
  const structure = readStructure(shape, found.structure, [...path, 'structure']);
  return {
    rubric: readRubric(shape, found.rubric, [...path, 'rubric']),
    approvals: readApprovals(shape, found.approvals, [...path, 'approvals']),
    ...(criteria.length === 0 ? {} : { criteria }),
    ...(structure.length === 0 ? {} : { structure }),
  };
}

/** More than this nobody confirms one by one. */
const mostCriteria = 20;
const longestCriterion = 200;

/** Sentences of which none stands within another one: words are looked for in them. */
function readCriteria(shape: Shape, value: Json | undefined, path: YamlPath): readonly string[] {
  const list = shape.list(value, path, 'The list of criteria') ?? [];
  if (list.length > mostCriteria) shape.report('out-of-range', path, `A gate has at most ${mostCriteria} criteria; this one has ${list.length}.`);
  const criteria = list.flatMap((one, index) => shape.text(one, [...path, index], 'A criterion', longestCriterion)?.trim() ?? []);
  for (const [index, one] of criteria.entries()) {
    const within = criteria.find((other, at) => at !== index && other.toLowerCase().includes(one.toLowerCase()));
    if (within !== undefined) shape.report('duplicate-id', [...path, index], `The words of this criterion stand in another one as well (${quoted(within)}), so that nobody could name it. Word it otherwise.`);
  }
  return criteria;
}

function readStructure(shape: Shape, value: Json | undefined, path: YamlPath): readonly StructureCheck[] {
  const list = shape.list(value, path, 'The list of structure') ?? [];
  return [...new Set(list.flatMap((one, index) => shape.oneOf(one, [...path, index], 'An entry of structure', structureChecks) ?? []))];
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
  const found = value === undefined ? undefined : shape.mapping(value, path, 'approvals', ['count', 'from', 'all', 'any', 'exclude', 'allow-requester']);
  if (!found) return definitionDefaults.approvals;
  const count = shape.integer(found.count, [...path, 'count'], 'count', 0, 10);
  const allowRequester = shape.boolean(found['allow-requester'], [...path, 'allow-requester'], 'allow-requester');
  const exclude = readExclusions(shape, found.exclude, [...path, 'exclude']);
  if (allowRequester === true && exclude?.includes('requester')) shape.report('contradiction', [...path, 'allow-requester'], 'exclude names the requester, and allow-requester lets them. Leave one of the two out.', 'key');
  return approvalRule({
    count,
    from: readApprovers(shape, found.from, [...path, 'from']),
    all: readGroups(shape, found.all, [...path, 'all'], 'all'),
    any: readGroups(shape, found.any, [...path, 'any'], 'any'),
    exclude,
    allowRequester,
  });
}

function readGroups(shape: Shape, value: Json | undefined, path: YamlPath, noun: string): readonly ApprovalGroup[] | undefined {
  const list = shape.list(value, path, noun);
  if (list === undefined) return undefined;
  if (list.length === 0) shape.report('empty', path, `${noun} has no rule in it. Name one, like { count: 1, from: [codeowners] }, or leave it out.`);
  if (list.length > mostGroups) shape.report('out-of-range', path, `${noun} has ${list.length} rules; at most ${mostGroups} are possible.`);
  return list.map((one, index) => {
    const at = [...path, index];
    const found = shape.mapping(one, at, `A rule of ${noun}`, ['count', 'from'], ['from']) ?? {};
    return { count: shape.integer(found.count, [...at, 'count'], 'count', 1, 10) ?? 1, from: readApprovers(shape, found.from, [...at, 'from']) ?? [] };
  });
}

/** A rule in its one form: what says no more than the defaults is left out, so that equal rules have equal digests. */
export function approvalRule(said: { readonly [part in keyof ApprovalRule]?: ApprovalRule[part] | undefined }): ApprovalRule {
  const defaults = definitionDefaults.approvals;
  const { count = defaults.count, from, all, any, exclude, allowRequester = defaults.allowRequester } = said;
  const only = from?.length === 1 ? lowestNamedRole(from) : null;
  const others = exclude?.filter((one) => one !== 'requester');
  return {
    count,
    minimumRole: (from === undefined ? said.minimumRole : lowestNamedRole(from)) ?? defaults.minimumRole,
    allowRequester: allowRequester && exclude?.includes('requester') !== true,
    ...(from === undefined || from.length === 0 || only !== null ? {} : { from }),
    ...(all === undefined || all.length === 0 ? {} : { all }),
    ...(any === undefined || any.length === 0 ? {} : { any }),
    ...(others === undefined || others.length === defaultExclusions.length ? {} : { exclude: others }),
  };
}
