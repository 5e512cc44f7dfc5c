import { gateVerdict } from '../gate/gate-verdict.ts';
import type { PlannedTask } from '../mission/plan.ts';
import type { Mission } from '../mission/state.ts';
import { isMission } from '../mission/state.ts';
import { isoTime } from '../../kit/time.ts';
import { costsOf, spentOf } from './costs.ts';
import { waiversOf } from './decisions.ts';
import { documentsOf } from './documents.ts';
import type { CodePart, Dossier, GatePart, MissionPart, PhasePart, TaskPart } from './dossier.ts';
import { followLedger } from './follow.ts';
import type { Told } from './follow.ts';
import type { DossierInput } from './input.ts';
import { deploymentOf, rollbackOf } from './release.ts';
import { securityOf } from './security.ts';
import { signaturesOf } from './signatures.ts';
import { tasksInOrder, traceOf } from './trace.ts';

/**
 * The dossier of an exported mission; null when the ledger tells of no mission (a request that was refused). Pure: the same export
 * gives the same value. Throws what `evolve` throws on a ledger that no mission can have.
 */
export function buildDossier(input: DossierInput): Dossier | null {
  const told = followLedger(input.entries);
  const mission = told.state;
  if (!isMission(mission)) return null;
  const documents = documentsOf(mission, (digest) => input.artifact(digest));
  return {
    schema: 'schema.release.dossier.v1',
    at: told.at,
    mission: missionPart(mission, told),
    trace: traceOf(mission, told),
    documents,
    phases: mission.plan.phases.map(({ id }) => phasePart(mission, id)),
    tasks: tasksInOrder(mission).map((task) => taskPart(mission, task, told)),
    code: codePart(mission, told),
    gates: mission.plan.phases.filter(({ gate }) => gate !== null).map(({ id, title }) => gatePart(mission, id, title, told)),
    security: securityOf(mission, told, input),
    decisions: told.decisions,
    waivers: waiversOf(mission),
    costs: costsOf(mission),
    deployment: deploymentOf(mission, documents),
    rollback: rollbackOf(mission, told, documents),
    signatures: signaturesOf(input, told),
  };
}

function missionPart(mission: Mission, told: Told): MissionPart {
  const { source, plan } = mission;
  return {
    id: mission.missionId,
    name: plan.name,
    description: plan.description,
    status: mission.status,
    reason: mission.reason,
    repository: `${source.repository.owner}/${source.repository.name}`,
    issue: source.issue,
    definedIn: mission.definedIn,
    requestedBy: mission.requestedBy,
    planHash: plan.planHash,
    inputs: plan.inputs ?? {},
    outputs: mission.outputs ?? {},
    plannedAt: told.plannedAt ?? isoTime(mission.createdAt),
    startedAt: told.startedAt,
    finishedAt: timeOf(mission.finishedAt),
  };
}

function phasePart(mission: Mission, id: string): PhasePart {
  const planned = mission.index.phases.get(id);
  const state = mission.phases.get(id);
  const tasks = mission.index.tasksOfPhase.get(id) ?? [];
  return {
    id,
    title: planned?.title ?? id,
    status: state?.status ?? 'pending',
    needs: planned?.needs ?? [],
    startedAt: timeOf(state?.startedAt),
    finishedAt: timeOf(state?.finishedAt),
    tasks: tasks.length,
    done: tasks.filter((task) => mission.tasks.get(task)?.status === 'done').length,
  };
}

function taskPart(mission: Mission, { id, title, phase, uses, needs, scope, undoes }: PlannedTask, { attempts }: Told): TaskPart {
  const state = mission.tasks.get(id);
  return {
    id,
    title,
    phase,
    uses,
    status: state?.status ?? 'pending',
    needs,
    scope: scope ?? [],
    summary: state?.evidence?.summary ?? null,
    doneBy: state?.doneBy?.login ?? null,
    reason: state?.reason ?? null,
    commit: state?.commit ?? null,
    undoes: undoes ?? null,
    attempts: attempts.get(id) ?? [],
    artifacts: state?.evidence?.artifacts ?? [],
    spent: spentOf(state?.spent),
  };
}

function codePart({ source: { repository }, trunk, pull }: Mission, { commits, merged, rounds }: Told): CodePart {
  const latest = [...rounds.values()].flat().sort((a, b) => (a.at < b.at ? -1 : 1)).at(-1)?.metrics;
  return {
    repository: `${repository.owner}/${repository.name}`,
    defaultBranch: repository.defaultBranch,
    base: trunk.base,
    head: trunk.head,
    pull: pull === null ? null : { number: pull.number, state: pull.state },
    merged,
    diff: latest?.files_changed === undefined ? null : { files: latest.files_changed, additions: latest.lines_added ?? 0, deletions: latest.lines_deleted ?? 0 },
    commits,
    authors: trunk.authors,
  };
}

function gatePart(mission: Mission, id: string, title: string, told: Told): GatePart {
  const gate = mission.phases.get(id)?.gate;
  // Waivers came after the examination: its lines as they stand now say which of them are waived.
  const rounds = (told.rounds.get(id) ?? []).map((round) => (round.round === gate?.round && round.evidenceDigest === gate.evidenceDigest ? { ...round, lines: gate.lines } : round));
  return { phase: id, title, status: gate?.status ?? 'closed', verdict: gateVerdict(mission, id), rounds };
}

function timeOf(at: number | null | undefined): string | null {
  return at === null || at === undefined ? null : isoTime(at);
}
