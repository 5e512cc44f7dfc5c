import { defaultExclusions, repositoryRoles, roleReaches } from '../mission/definition.ts';
import type { ApprovalRule, Approver, Exclusion, RepositoryRole } from '../mission/definition.ts';
import type { RepositoryPolicy } from './policy.ts';
import type { Verdict } from './verdict.ts';

/** What was looked up of a person when they decided; what could not be looked up is not there. */
export interface Standing {
  /** Teams they are an active member of, of those that were asked for: as the rule names them, `team:…` left out. */
  readonly teams: readonly string[];
  /** Owner sets (`OwnerSet.key`) they belong to. */
  readonly owns: readonly string[];
  /** Look-ups that failed, in words; each of them meant no. */
  readonly unknown?: readonly string[];
}

/** Touched files that have the same owners. */
export interface OwnerSet {
  /** The owners as CODEOWNERS names them, sorted, joined by spaces. */
  readonly key: string;
  readonly files: number;
  /** One of the files. */
  readonly example: string;
}

/** Who owns the files of the change, looked up on the base branch; a look-up that failed leaves nobody who could approve as an owner. */
export type Ownership =
  | { readonly known: true; readonly sets: readonly OwnerSet[] }
  | { readonly known: false; readonly reason: string };

/** An approval as far as it is judged here. */
export interface CountedApproval {
  readonly login: string;
  readonly role: string;
  readonly standing?: Standing;
}

/** Everything an approval rule is judged against. */
export interface ApprovalContext {
  readonly ownership: Ownership | null;
  /** Why a person's approval never counts; null: it does. */
  readonly excluded: (login: string) => string | null;
}

/** One condition: so many different persons of these. */
export interface Requirement {
  readonly name: string;
  readonly count: number;
  readonly from: readonly Approver[];
}

/** A gate's own rule and the repository's floor, side by side: all of `all` must hold, and one of `any` where there are some. */
export interface EffectiveRule {
  readonly all: readonly Requirement[];
  readonly any: readonly Requirement[];
  readonly exclude: readonly Exclusion[];
}

/** A definition may ask for more than the repository's policy, never for less. */
export function effectiveRule(rule: ApprovalRule, policy: RepositoryPolicy | null): EffectiveRule {
  const floor = policy?.approvals ?? null;
  const exclude = new Set<Exclusion>([...(rule.exclude ?? defaultExclusions), ...(rule.allowRequester ? [] : (['requester'] as const)), ...(floor?.exclude ?? [])]);
  return {
    all: [
      { name: 'approvals', count: rule.count, from: rule.from ?? [`role:${rule.minimumRole}`] },
      ...(rule.all ?? []).map((group) => ({ name: 'also', ...group })),
      ...(floor === null || floor.minimum === 0 ? [] : [{ name: 'repository policy', count: floor.minimum, from: floor.from }]),
    ],
    any: (rule.any ?? []).map((group) => ({ name: 'one of', ...group })),
    exclude: [...exclude].sort(),
  };
}

/** Every approver that a rule names, each once: what has to be looked up of somebody. */
export function approversNamed({ all, any }: EffectiveRule): readonly Approver[] {
  return [...new Set([...all, ...any].flatMap(({ from }) => from))];
}

/**
 * Judges approvals: which count for which requirement, what is missing and who can give it. A person counts once in each
 * requirement, however often they approved. Monotone: one more approval never makes a requirement fail. Names and states are
 * stable; `reason` and `measured` are words.
 */
export function judgeApprovals(rule: EffectiveRule, approvals: readonly CountedApproval[], context: ApprovalContext): Verdict {
  const counted = approvals.filter(({ login }) => context.excluded(login) === null);
  const without = approvals.flatMap(({ login }): readonly Verdict[] => {
    const reason = context.excluded(login);
    return reason === null ? [] : [leaf(`@${login}`, 'failed', null, 'does not count', reason)];
  });
  const every = rule.all.map((requirement) => judge(requirement, counted, context));
  const some = rule.any.map((requirement) => judge(requirement, counted, context));
  const alternatives = some.length === 0 ? [] : [oneOf(some)];
  const children = [...every, ...alternatives];
  const missing = children.filter(({ state }) => state !== 'passed');
  const persons = new Set(counted.map(({ login }) => login.toLowerCase())).size;
  return {
    name: 'approvals',
    state: missing.length === 0 ? 'passed' : 'waiting',
    expected: children.map(({ expected }) => expected).join(', and '),
    measured: String(persons),
    reason: missing.length === 0 ? null : missing.map(({ reason }) => reason).join('; and '),
    children: [...children, ...without],
  };
}

/** How many more persons a judged rule wants at least; 0 when it is complete. */
export function missingOf(verdict: Verdict): number {
  const own = verdict.children.filter(({ name, state }) => state !== 'passed' && !name.startsWith('@'));
  return Math.max(0, ...own.map(({ name, expected, measured, children }) => (name === 'any' ? Math.min(...children.map(lacking)) : lacking({ expected, measured }))));
}

/** At least one: an owner may be missing although there are enough persons. */
function lacking({ expected, measured }: Pick<Verdict, 'expected' | 'measured'>): number {
  return Math.max(1, Number.parseInt(expected ?? '1', 10) - Number.parseInt(measured ?? '0', 10));
}

function judge({ name, count, from }: Requirement, approvals: readonly CountedApproval[], { ownership }: ApprovalContext): Verdict {
  const expected = `${count} of ${from.map(approverWords).join(' or ')}`;
  const seen = new Set<string>();
  const children = approvals.flatMap((approval): readonly Verdict[] => {
    const login = approval.login.toLowerCase();
    if (seen.has(login)) return [];
    const because = from.find((approver) => counts(approver, approval, ownership));
    if (because === undefined) return [];
    seen.add(login);
    return [leaf(`@${approval.login}`, 'passed', null, because === 'codeowners' ? ownerWords(approval) : approverWords(because), null)];
  });
  const unowned = count > 0 && from.includes('codeowners') ? withoutOwner(from, approvals, ownership) : [];
  const enough = seen.size >= count;
  const reason = enough && unowned.length === 0 ? null : missingWords(count - seen.size, from, unowned, ownership);
  return { name, state: reason === null ? 'passed' : 'waiting', expected, measured: String(seen.size), reason, children };
}

function oneOf(some: readonly Verdict[]): Verdict {
  const passed = some.some(({ state }) => state === 'passed');
  return {
    name: 'any',
    state: passed ? 'passed' : 'waiting',
    expected: some.map(({ expected }) => expected).join(' or '),
    measured: passed ? 'one holds' : 'none holds',
    reason: passed ? null : some.map(({ reason }) => reason).join(', or '),
    children: some,
  };
}

/** True when an approval is one of these people's. Where no touched file has an owner, whoever may write stands for them. */
export function counts(approver: Approver, { login, role, standing }: CountedApproval, ownership: Ownership | null): boolean {
  if (approver === 'codeowners') {
    if (ownership?.known !== true || !reaches(role, 'write')) return false;
    return ownership.sets.length === 0 || ownership.sets.some(({ key }) => standing?.owns.includes(key) === true);
  }
  const name = approver.slice(approver.indexOf(':') + 1);
  if (approver.startsWith('role:')) return reaches(role, name as RepositoryRole);
  if (approver.startsWith('user:')) return login.toLowerCase() === name.toLowerCase();
  return standing?.teams.some((team) => team.toLowerCase() === name.toLowerCase()) === true;
}

function reaches(role: string, minimum: RepositoryRole): boolean {
  const known = repositoryRoles.find((one) => one === role);
  return known !== undefined && roleReaches(known, minimum);
}

/** Owner sets that no approval covers yet; somebody who counts by another way of the same requirement stands for all owners. */
function withoutOwner(from: readonly Approver[], approvals: readonly CountedApproval[], ownership: Ownership | null): readonly OwnerSet[] {
  if (ownership?.known !== true) return [];
  const others = from.filter((approver) => approver !== 'codeowners');
  if (approvals.some((approval) => others.some((approver) => counts(approver, approval, ownership)))) return [];
  return ownership.sets.filter(({ key }) => !approvals.some((approval) => reaches(approval.role, 'write') && approval.standing?.owns.includes(key) === true));
}

function missingWords(missing: number, from: readonly Approver[], unowned: readonly OwnerSet[], ownership: Ownership | null): string {
  const who = from.filter((approver) => approver !== 'codeowners').map(approverWords);
  if (from.includes('codeowners')) who.push(...ownersMissing(unowned, ownership));
  return `${Math.max(1, missing)} more of ${who.join(' or ')}`;
}

/** Sets of owners named in a reason. */
const shownSets = 3;

function ownersMissing(unowned: readonly OwnerSet[], ownership: Ownership | null): readonly string[] {
  if (ownership === null) return ['the code owners, who are not looked up yet'];
  if (!ownership.known) return [`the code owners, who are not known: ${ownership.reason}`];
  if (ownership.sets.length === 0) return ['people with write access (no touched file has an owner)'];
  if (unowned.length === 0) return ['the code owners'];
  const shown = unowned.slice(0, shownSets).map(({ key, files, example }) => `${key.split(' ').join(' or ')} for ${example}${files > 1 ? ` and ${files - 1} more` : ''}`);
  return [`the code owners: ${shown.join('; ')}${unowned.length > shownSets ? `; and ${unowned.length - shownSets} more` : ''}`];
}

/** `write access or more`, `team security`, `@octocat`, `code owners`. */
export function approverWords(approver: Approver): string {
  if (approver === 'codeowners') return 'code owners';
  const name = approver.slice(approver.indexOf(':') + 1);
  if (approver.startsWith('role:')) return `people with ${name} access or more`;
  return approver.startsWith('team:') ? `team ${name}` : `@${name}`;
}

function ownerWords({ standing }: CountedApproval): string {
  return standing === undefined || standing.owns.length === 0 ? 'write access (no touched file has an owner)' : `code owner (${standing.owns.slice(0, shownSets).join('; ')})`;
}

function leaf(name: string, state: Verdict['state'], expected: string | null, measured: string | null, reason: string | null): Verdict {
  return { name, state, expected, measured, reason, children: [] };
}
