import type { Json } from '../kit/json.ts';
import { exclusions } from '../core/mission/definition.ts';
import type { Approver, Exclusion, RepositoryRole } from '../core/mission/definition.ts';
import { didYouMean } from '../kit/nearest-word.ts';
import { quoted } from './problems.ts';
import type { YamlPath } from './read-yaml.ts';
import type { Shape } from './shape.ts';

/** Roles an approval may ask for: those below `read` cannot see the mission. */
export const approvalRoles = ['read', 'triage', 'write', 'maintain', 'admin'] as const satisfies readonly RepositoryRole[];

/** Everybody from a role on, in the order of the roles. */
const roleWords = approvalRoles.map((role) => `role:${role}` as const);
const forms = [...roleWords, 'team:', 'user:', 'codeowners'] as const;
/** More look-ups than this for one decision would take GitHub's patience. */
export const mostApprovers = 20;

const login = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})(?:_[A-Za-z0-9]{1,20})?$/;
const team = /^(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})\/)?[A-Za-z0-9_][A-Za-z0-9._-]{0,99}$/;

/** `role:maintain`, `team:security`, `team:acme/security`, `user:octocat`, `codeowners`: the approver, or what is wrong with the word. */
export function approverOf(word: string): { readonly ok: true; readonly approver: Approver } | { readonly ok: false; readonly message: string } {
  const role = roleWords.find((known) => known === word);
  if (role !== undefined) return { ok: true, approver: role };
  if (word === 'codeowners') return { ok: true, approver: word };
  if (word.startsWith('team:')) {
    const name = word.slice('team:'.length).replace(/^@/, '');
    return team.test(name) ? { ok: true, approver: `team:${name.toLowerCase()}` } : { ok: false, message: `${quoted(word)} names no team: expected team:<slug> or team:<organisation>/<slug>.` };
  }
  if (word.startsWith('user:') || word.startsWith('@')) {
    const name = word.replace(/^(?:user:)?@?/, '');
    return login.test(name) ? { ok: true, approver: `user:${name.toLowerCase()}` } : { ok: false, message: `${quoted(word)} names no person: expected user:<login>.` };
  }
  return { ok: false, message: `${quoted(word)} says not who: expected ${forms.slice(0, -1).map((form) => (form.endsWith(':') ? `${form}<name>` : form)).join(', ')} or codeowners.${didYouMean(word, forms)}` };
}

/** A list of who may, each once. */
export function readApprovers(shape: Shape, value: Json | undefined, path: YamlPath): readonly Approver[] | undefined {
  const list = shape.list(value, path, 'from');
  if (list === undefined) return undefined;
  if (list.length === 0) shape.report('empty', path, 'from names nobody, so nobody could approve. Name somebody, like [role:write], or leave it out.');
  if (list.length > mostApprovers) shape.report('out-of-range', path, `from has ${list.length} entries; at most ${mostApprovers} are looked up. Name a team instead.`);
  const found = list.flatMap((one, index): readonly Approver[] => {
    const word = shape.text(one, [...path, index], 'An entry of from', 200);
    if (word === undefined) return [];
    const read = approverOf(word.trim());
    if (read.ok) return [read.approver];
    shape.report('unknown-word', [...path, index], read.message);
    return [];
  });
  return [...new Set(found)];
}

/** A list of who never counts, in a fixed order. */
export function readExclusions(shape: Shape, value: Json | undefined, path: YamlPath): readonly Exclusion[] | undefined {
  const list = shape.list(value, path, 'exclude');
  if (list === undefined) return undefined;
  const found = new Set(list.flatMap((one, index) => shape.oneOf(one, [...path, index], 'An entry of exclude', exclusions) ?? []));
  return exclusions.filter((known) => found.has(known));
}

/** The lowest role named; null where none is. */
export function lowestNamedRole(from: readonly Approver[]): RepositoryRole | null {
  return approvalRoles.find((role) => from.includes(`role:${role}`)) ?? null;
}
