import type { Actor } from '../core/mission/actor.ts';
import type { Reading, Signal, SignalFacts } from '../core/mission/signal.ts';
import type { OutsideCommit } from '../core/mission/outside-commit.ts';
import type { MissionSource } from '../core/mission/source.ts';
import { peopleMeant } from '../core/mission/assignment.ts';
import { reaches, steeringRole } from '../core/mission/decide/authority.ts';
import { trunkBranch } from '../core/mission/source.ts';
import { isMission } from '../core/mission/state.ts';
import type { MissionState } from '../core/mission/state.ts';
import type { ChecklistIntent } from '../core/mission/request.ts';
import { phaseOfSubject } from '../core/mission/state.ts';
import { factsOfDecision, factsOfEvaluation, factsOfWaiver, lookUpPolicy } from './gate-facts.ts';
import type { GateSources } from './gate-facts.ts';
import { factsOfGroup } from './merge-facts.ts';
import type { CommitSources } from './missions-at.ts';
import { factsOfOutside } from './outside-facts.ts';
import type { RepositoryHost } from './ports/repository-host.ts';

/** Reads what people wrote; implemented by `config` and `core/checklist`. */
export interface DefinitionReader {
  /** The repository's policy file; every problem in it. */
  readPolicy: GateSources['reader']['readPolicy'];
  /** What an issue defines; a file it names is fetched through `readFile`. */
  readIssue(issue: { readonly number: number; readonly title: string; readonly body: string }, readFile: (path: string) => Promise<string | null>): Promise<Reading>;
  /** What a person changed between the body as we last wrote it and the body now. */
  intents(base: string, theirs: string): readonly ChecklistIntent[];
}

export interface FactSources extends CommitSources {
  readonly host: RepositoryHost;
  readonly reader: DefinitionReader;
  /** The issue body as last written by us, or null before the first time. */
  renderedBody(missionId: string): Promise<string | null>;
}

/** True when a signal can only be decided with facts from outside. */
export function needsFacts(signal: Signal): boolean {
  switch (signal.kind) {
    case 'attempt.finished':
      return phaseOfSubject(signal.subject) !== null && signal.result.outcome === 'examined';
    case 'attempt.started':
    case 'attempt.lost':
    case 'integration.finished':
    case 'timer.fired':
    case 'pull.opened':
    case 'pull.closed':
    case 'merge.refused':
    case 'issue.closed':
    case 'review.dismissed':
    case 'pull.retargeted':
    case 'merge-group.ended':
    case 'outside-pull.left':
      return false;
    default:
      return true;
  }
}

/**
 * Looks up what the signal is to be judged by, now. Throws `HostError` when GitHub cannot tell for the moment, and the signal
 * is looked at again later; an authority that GitHub refuses to tell is unknown, which means no.
 */
export async function gatherFacts(sources: FactSources, missionId: string, state: MissionState | null, signal: Signal): Promise<SignalFacts> {
  const { host } = sources;
  switch (signal.kind) {
    case 'mission.requested':
      return request(sources, signal, state);
    case 'issue.edited': {
      if (state === null || state.status === 'none') return {};
      if (state.status === 'refused') return request(sources, signal, state);
      // What the person saw when they edited, as GitHub tells; else what we last wrote.
      const base = signal.previousBody ?? (await sources.renderedBody(missionId));
      const intents = base === null ? [] : sources.reader.intents(base, signal.body);
      return intents.length === 0 ? { intents } : { intents, authority: await authorityOf(host, signal.source, signal.actor) };
    }
    case 'mission.queue-requested':
    case 'mission.pause-requested':
    case 'mission.resume-requested': {
      const [authority, labels] = await Promise.all([authorityOf(host, signal.source, signal.actor), host.labelsOf(signal.source)]);
      return { authority, labels };
    }
    case 'command.given': {
      const authority = await authorityOf(host, signal.source, signal.actor);
      if (state === null || state.status === 'none' || state.status === 'refused') return { authority, labels: await host.labelsOf(signal.source) };
      switch (signal.command.name) {
        case 'approve-gate':
          return { authority, trunk: await trunk(host, signal.source, state), ...(await factsOfDecision(sources, state, signal.actor)) };
        case 'waive':
        case 'withdraw-waiver':
          return { authority, ...(await factsOfWaiver(sources, state, signal.actor)) };
        case 'approve-waiver':
          return { authority, trunk: await trunk(host, signal.source, state), ...(await factsOfWaiver(sources, state, signal.actor)) };
        case 'assign':
        case 'unassign':
          // Whoever may not ask for it causes no look-ups.
          return reaches(authority, steeringRole) ? { authority, assignment: await host.assignmentOf(signal.source, signal.command.name === 'assign' ? peopleMeant(signal.actor.login, signal.command.arguments) : []) } : { authority };
        case 'reject-gate':
          return { authority, ...(await factsOfDecision(sources, state, signal.actor)) };
        default:
          return { authority };
      }
    }
    case 'review.submitted':
    case 'button.pressed': {
      const authority = await authorityOf(host, signal.source, signal.actor);
      const decision = isMission(state) && decidesGate(signal) ? await factsOfDecision(sources, state, signal.actor) : {};
      return { authority, trunk: await trunk(host, signal.source, state), ...decision };
    }
    case 'attempt.finished': {
      const phase = phaseOfSubject(signal.subject);
      return isMission(state) && phase !== null ? factsOfEvaluation(sources, state, phase) : {};
    }
    case 'merge-group.requested':
      return { group: await factsOfGroup(sources, signal.source, signal.group) };
    case 'outside-pull.offered':
      return { outside: await factsOfOutside(sources, signal.source, signal.commit, [...(outsideOf(state)?.pulls ?? []), signal.pull]) };
    case 'policy.changed':
      if (outsideOf(state) !== null) return factsAgain(sources, state);
      // What is decided for good needs no look at the file, however many missions the repository has.
      return isMission(state) && state.pull?.state !== 'merged' && [...state.phases.values()].some(({ gate }) => gate.policyDigest !== null) ? { policy: await lookUpPolicy(sources, state.source) } : {};
    case 'recheck.requested':
      if (outsideOf(state) !== null) return factsAgain(sources, state);
      return { authority: await authorityOf(host, signal.source, signal.actor) };
    case 'trunk.pushed':
      return { trunk: await trunk(host, signal.source, state) };
    default:
      return {};
  }
}

function outsideOf(state: MissionState | null): OutsideCommit | null {
  return state?.status === 'none' ? (state.outside ?? null) : null;
}

/** For a commit that was judged before; where no pull request is open on it, nobody asks. */
async function factsAgain(sources: FactSources, state: MissionState | null): Promise<SignalFacts> {
  const outside = outsideOf(state);
  return state === null || outside === null || outside.pulls.length === 0 ? {} : { outside: await factsOfOutside(sources, state.source, outside.commit, outside.pulls) };
}

/** Re-running a check looks at nobody's right to approve. */
function decidesGate(signal: Extract<Signal, { kind: 'review.submitted' | 'button.pressed' }>): boolean {
  return signal.kind === 'review.submitted' || signal.action !== 'examine';
}

async function request(sources: FactSources, signal: Extract<Signal, { kind: 'mission.requested' | 'issue.edited' }>, state: MissionState | null): Promise<SignalFacts> {
  const { host, reader } = sources;
  const { source } = signal;
  if (isMission(state)) {
    if (state.unlabelled !== true || signal.kind !== 'mission.requested') return {};
    const [authority, labels] = await Promise.all([authorityOf(host, source, signal.actor), host.labelsOf(source)]);
    return { authority, labels };
  }
  const [authority, labels] = await Promise.all([authorityOf(host, source, signal.actor), host.labelsOf(source)]);
  if (!labels.includes('mission') || !authority.known) return { authority, labels };
  const reading = await reader.readIssue({ number: source.issue.number, title: signal.title, body: signal.body }, (path) => host.readFile(source, path));
  return { authority, labels, reading, trunk: await trunk(host, source, null), policy: await lookUpPolicy(sources, source) };
}

function trunk(host: RepositoryHost, source: MissionSource, state: MissionState | null) {
  const base = state !== null && 'trunk' in state ? state.trunk.base : null;
  return host.trunk(source, trunkBranch(source.issue.number), base);
}

async function authorityOf(host: RepositoryHost, source: MissionSource, actor: Actor) {
  if (actor.kind === 'bot') return { known: false, reason: 'bots may not steer missions' } as const;
  return host.authorityOf(source, actor.login);
}
