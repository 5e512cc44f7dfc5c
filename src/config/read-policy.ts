import { noPolicy, outsideMissions, policyPath } from '../core/gate/policy.ts';
import type { ApprovalFloor, OutsideMissions, RepositoryPolicy, WaiverFloor } from '../core/gate/policy.ts';
import { defaultExclusions } from '../core/mission/definition.ts';
import type { Problem } from '../core/mission/definition.ts';
import type { Json } from '../kit/json.ts';
import { err, ok } from '../kit/result.ts';
import type { Result } from '../kit/result.ts';
import { ProblemList, quoted } from './problems.ts';
import { readApprovers, readExclusions } from './read-approvers.ts';
import { readYaml } from './read-yaml.ts';
import type { YamlPath } from './read-yaml.ts';
import { Shape } from './shape.ts';

/** Far above what people write; what is larger is not read. */
const limits = { bytes: 256 * 1024, pieces: 50_000, depth: 20 };
/** Longest time any waiver may last, in days. */
export const longestWaiverDays = 30;

/** A part of the policy file: a key at its top, and what reads it. A new part is a reader and a line here. */
const parts = ['gates', 'pull-requests'] as const;

/**
 * Reads a repository's policy file (`config/schemas/policy.v1.schema.json` says the same in JSON Schema): the policy, every part
 * that is not there set to "nothing is said", or every problem with its place. An empty file says nothing.
 */
export function readPolicy(text: string, file: string = policyPath): Result<RepositoryPolicy, readonly Problem[]> {
  const yaml = readYaml(file, text, { limits });
  if (!yaml.ok) return /^[ \t\r\n]*(?:#[^\n]*[ \t\r\n]*)*$/.test(text.replace(/^\uFEFF/, '')) ? ok(noPolicy) : yaml;
  const problems = new ProblemList(file);
  const shape = new Shape(yaml.value, problems);
  const { value } = yaml.value;
  const policy = value === null ? noPolicy : read(shape, value);
  return problems.isEmpty ? ok(policy) : err(problems.list());
}

function read(shape: Shape, value: Json): RepositoryPolicy {
  const root = shape.mapping(value, [], 'The policy', ['$schema', 'version', ...parts]) ?? {};
  shape.text(root.$schema, ['$schema'], 'The schema address', 2048);
  if (root.version !== undefined && root.version !== 1) shape.report('version', ['version'], `The version is ${quoted(root.version)}; this program reads version 1.`);
  const gates = root.gates === undefined ? {} : (shape.mapping(root.gates, ['gates'], 'gates', ['approvals', 'waivers']) ?? {});
  const outside = readOutsideMissions(shape, root['pull-requests'], ['pull-requests']);
  return { approvals: readApprovalFloor(shape, gates.approvals, ['gates', 'approvals']), waivers: readWaiverFloor(shape, gates.waivers, ['gates', 'waivers']), ...(outside === undefined ? {} : { outsideMissions: outside }) };
}

function readOutsideMissions(shape: Shape, value: Json | undefined, path: YamlPath): OutsideMissions | undefined {
  const found = value === undefined ? undefined : shape.mapping(value, path, 'pull-requests', ['outside-missions']);
  return found && shape.oneOf(found['outside-missions'], [...path, 'outside-missions'], 'outside-missions', outsideMissions);
}

function readApprovalFloor(shape: Shape, value: Json | undefined, path: YamlPath): ApprovalFloor | null {
  const found = value === undefined ? undefined : shape.mapping(value, path, 'approvals', ['minimum', 'from', 'exclude', 'allow-requester']);
  if (!found) return null;
  const exclude = readExclusions(shape, found.exclude, [...path, 'exclude']) ?? defaultExclusions;
  const allowRequester = shape.boolean(found['allow-requester'], [...path, 'allow-requester'], 'allow-requester');
  if (allowRequester === true && exclude.includes('requester')) shape.report('contradiction', [...path, 'allow-requester'], 'exclude names the requester, and allow-requester lets them. Leave one of the two out.', 'key');
  return {
    minimum: shape.integer(found.minimum, [...path, 'minimum'], 'minimum', 0, 10) ?? 1,
    from: readApprovers(shape, found.from, [...path, 'from']) ?? ['role:write'],
    exclude: allowRequester === false && !exclude.includes('requester') ? [...exclude, 'requester'] : exclude,
  };
}

function readWaiverFloor(shape: Shape, value: Json | undefined, path: YamlPath): WaiverFloor | null {
  const found = value === undefined ? undefined : shape.mapping(value, path, 'waivers', ['max-days', 'from']);
  if (!found) return null;
  return {
    maxDays: shape.integer(found['max-days'], [...path, 'max-days'], 'max-days', 0, longestWaiverDays) ?? null,
    from: readApprovers(shape, found.from, [...path, 'from']) ?? null,
  };
}
