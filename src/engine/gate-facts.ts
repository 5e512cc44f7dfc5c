import { approversNamed, effectiveRule } from '../core/gate/approvals.ts';
import type { EffectiveRule, Ownership, Standing } from '../core/gate/approvals.ts';
import { codeownersPaths, maximumCodeownersBytes, ownerSets, readCodeowners } from '../core/gate/codeowners.ts';
import { policyPath } from '../core/gate/policy.ts';
import type { PolicyLook, RepositoryPolicy } from '../core/gate/policy.ts';
import type { Actor } from '../core/mission/actor.ts';
import type { Approver, Problem } from '../core/mission/definition.ts';
import type { SignalFacts } from '../core/mission/signal.ts';
import type { MissionSource } from '../core/mission/source.ts';
import type { Mission } from '../core/mission/state.ts';
import type { Result } from '../kit/result.ts';
import { HostError } from './ports/repository-host.ts';
import type { RepositoryHost } from './ports/repository-host.ts';

/** Where a gate's rules are looked up. */
export interface GateSources {
  readonly host: RepositoryHost;
  readonly reader: { readPolicy(text: string): Result<RepositoryPolicy, readonly Problem[]> };
}

/** More owner sets than this are not recorded; then nobody can be said to own everything. */
const mostOwnerSets = 200;
/** Most teams looked up for one decision: those that rules name, and those that own touched files. */
const mostTeams = 50;

/**
 * The repository's policy now. What GitHub refuses to tell, and a file that cannot be understood, is an unknown policy; throws
 * `HostError` only for what passes by itself.
 */
export async function lookUpPolicy({ host, reader }: GateSources, source: MissionSource): Promise<PolicyLook> {
  const look = await orUnknown(() => host.fileOf(source, policyPath), (reason) => ({ found: 'unreadable', reason }) as const);
  if (look.found === 'nothing') return { known: true, policy: { approvals: null, waivers: null } };
  if (look.found === 'unreadable') return { known: false, reason: `${policyPath} could not be read: ${look.reason}`, problems: [] };
  const read = reader.readPolicy(look.text);
  if (read.ok) return { known: true, policy: read.value };
  const [first] = read.error;
  const more = read.error.length > 1 ? ` (and ${read.error.length - 1} more)` : '';
  return { known: false, reason: first === undefined ? `${policyPath} could not be understood` : `${first.file}:${first.line}:${first.column}: ${first.message}${more}`, problems: read.error };
}

/** What the end of a gate's examination needs: the policy, and who owns the touched files if the rules ask. */
export async function factsOfEvaluation(sources: GateSources, mission: Mission, phase: string): Promise<Pick<SignalFacts, 'policy' | 'ownership'>> {
  const policy = await lookUpPolicy(sources, mission.source);
  const rules = rulesOf(mission, [phase], policy);
  const head = mission.phases.get(phase)?.gate.head ?? mission.trunk.head;
  return { policy, ...(asksOwners(rules) ? { ownership: await lookUpOwnership(sources.host, mission, head) } : {}) };
}

/** What a decision on a gate needs of the person who makes it. */
export async function factsOfDecision(sources: GateSources, mission: Mission, actor: Actor): Promise<Pick<SignalFacts, 'policy' | 'ownership' | 'standing'>> {
  const policy = await lookUpPolicy(sources, mission.source);
  const waiting = [...mission.phases.values()].filter(({ gate }) => gate.status === 'awaiting').map(({ id }) => id);
  return { policy, ...(await factsOfPerson(sources, mission, actor, rulesOf(mission, waiting, policy).flatMap(approversNamed))) };
}

/** What a decision on a waiver needs of the person who makes it. */
export async function factsOfWaiver(sources: GateSources, mission: Mission, actor: Actor): Promise<Pick<SignalFacts, 'policy' | 'ownership' | 'standing'>> {
  const policy = await lookUpPolicy(sources, mission.source);
  return { policy, ...(await factsOfPerson(sources, mission, actor, policy.known ? (policy.policy.waivers?.from ?? []) : [])) };
}

async function factsOfPerson(sources: GateSources, mission: Mission, actor: Actor, approvers: readonly Approver[]): Promise<Pick<SignalFacts, 'ownership' | 'standing'>> {
  const ownership = approvers.includes('codeowners') ? await lookUpOwnership(sources.host, mission, mission.trunk.head) : undefined;
  const teams = approvers.flatMap((approver) => (approver.startsWith('team:') ? [approver.slice('team:'.length)] : []));
  const standing = teams.length === 0 && ownership === undefined ? undefined : await lookUpStanding(sources.host, mission.source, actor, [...new Set(teams)], ownership);
  return { ...(ownership === undefined ? {} : { ownership }), ...(standing === undefined ? {} : { standing }) };
}

function rulesOf(mission: Mission, phases: readonly string[], policy: PolicyLook): readonly EffectiveRule[] {
  return phases.flatMap((id) => {
    const rule = mission.index.phases.get(id)?.gate;
    return rule ? [effectiveRule(rule.approvals, policy.known ? policy.policy : null)] : [];
  });
}

function asksOwners(rules: readonly EffectiveRule[]): boolean {
  return rules.some((rule) => approversNamed(rule).includes('codeowners'));
}

/** Who owns what the change touches, by the CODEOWNERS of the base branch: never by one that the change brings along. */
async function lookUpOwnership(host: RepositoryHost, mission: Mission, head: string): Promise<Ownership> {
  const { source } = mission;
  const unknown = (reason: string) => ({ known: false, reason }) as const;
  return orUnknown<Ownership>(async () => {
    let text: string | null = null;
    for (const path of codeownersPaths) {
      const look = await host.fileOf(source, path);
      if (look.found === 'unreadable') return unknown(`${path} could not be read: ${look.reason}`);
      if (look.found === 'nothing') continue;
      if (Buffer.byteLength(look.text) > maximumCodeownersBytes) return unknown(`${path} is larger than GitHub reads`);
      ({ text } = look);
      break;
    }
    if (text === null) return { known: true, sets: [] };
    const touched = await host.touchedFiles(source, head, mission.pull?.number ?? null);
    if (!touched.known) return unknown(touched.reason);
    const sets = ownerSets(readCodeowners(text), touched.paths);
    return sets.length > mostOwnerSets ? unknown(`the touched files have more than ${mostOwnerSets} different sets of owners`) : { known: true, sets };
  }, unknown);
}

/** Looks up a person's teams one after the other; each that cannot be told is no membership, and is named. */
async function lookUpStanding(host: RepositoryHost, source: MissionSource, actor: Actor, named: readonly string[], ownership: Ownership | undefined): Promise<Standing> {
  const owners = ownership?.known === true ? [...new Set(ownership.sets.flatMap(({ key }) => key.split(' ')))] : [];
  const login = `@${actor.login.toLowerCase()}`;
  const fullName = (team: string): string => (team.includes('/') ? team : `${source.repository.owner.toLowerCase()}/${team}`);
  const wanted = [...new Set([...named.map(fullName), ...owners.flatMap((one) => (one.startsWith('@') && one.includes('/') ? [one.slice(1)] : []))])];
  const member = new Set<string>();
  const unknown: string[] = wanted.length > mostTeams ? [`more than ${mostTeams} teams would have to be looked up`] : [];
  for (const team of wanted.slice(0, mostTeams)) {
    const membership = await orUnknown(() => host.membershipOf(source, team, actor.login), (reason) => ({ known: false, reason }) as const);
    if (!membership.known) unknown.push(`whether you are in ${team}: ${membership.reason}`);
    else if (membership.member) member.add(team);
  }
  // One look at one profile tells, however many addresses the file names: nobody is searched for by an address.
  const shown = owners.some((one) => !one.startsWith('@')) ? await orUnknown<string | null | { readonly unknown: string }>(() => host.emailOf(source, actor.login), (reason) => ({ unknown: reason })) : null;
  if (typeof shown === 'object' && shown !== null) unknown.push(`whether an address in CODEOWNERS is yours: ${shown.unknown}`);
  const address = typeof shown === 'string' && shown !== '' ? shown.toLowerCase() : null;
  const isOwner = (one: string): boolean => one === login || one === address || (one.startsWith('@') && member.has(one.slice(1)));
  return {
    teams: named.filter((team) => member.has(fullName(team))),
    owns: ownership?.known === true ? ownership.sets.map(({ key }) => key).filter((key) => key.split(' ').some(isOwner)) : [],
    ...(unknown.length === 0 ? {} : { unknown }),
  };
}

/** Trouble that passes by itself is waited out; any other refusal of the host is an answer: nobody knows. */
export async function orUnknown<T>(look: () => Promise<T>, unknown: (reason: string) => T): Promise<T> {
  try {
    return await look();
  } catch (error) {
    if (!(error instanceof HostError) || error.failure === 'network' || error.failure === 'rate-limit') throw error;
    return unknown(error.failure === 'permission' ? 'the App may not look it up' : 'GitHub gave no usable answer');
  }
}
