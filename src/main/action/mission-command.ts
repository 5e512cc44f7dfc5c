import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { gateVerdict } from '../../core/gate/gate-verdict.ts';
import type { Mission } from '../../core/mission/state.ts';
import { beginMission, gatesOf, readyMission } from '../local/begin-mission.ts';
import type { Circumstances } from '../local/begin-mission.ts';
import { CannotRun, exitCodes } from '../local/exit-codes.ts';
import { listenForInterrupts } from '../local/interruption.ts';
import { lookAtRepository } from '../local/local-repository.ts';
import type { LocalRepository } from '../local/local-repository.ts';
import { readRecords } from '../local/mission-folder.ts';
import { checkBudget, checkMaxParallel, checkYesTo } from '../local/options.ts';
import { chosen, resumeMission } from '../local/resume-command.ts';
import { createActionReporter } from './action-reporter.ts';
import { bringBack, earlierKeys, keepForLater } from './keep-for-later.ts';
import { readMissionInputs } from './mission-inputs.ts';
import type { Outcome } from './outputs.ts';
import { refused } from './refused.ts';
import { exportedFindings, runSummary } from './run-summary.ts';
import { annotateFindings } from './summary.ts';
import type { Surroundings } from './surroundings.ts';
import { statusOf, waitingFor, whatNow } from './waiting-for.ts';

/** `command: run`: a mission in the repository that is checked out, with no server and nobody at a terminal. */
export async function runMission(surroundings: Surroundings): Promise<Outcome> {
  const { call, env } = surroundings;
  const inputs = readMissionInputs(call.written('inputs'));
  if (!inputs.ok) return refused(surroundings, inputs.error);
  const repository = await repositoryOf(env);
  const maxParallel = checkMaxParallel(call.text('max-parallel') || undefined);
  const ready = readyMission(repository, { file: call.text('mission'), inputs: inputs.value, yesTo: call.list('yes-to'), maxParallel });
  if (!ready.ok) return refused(surroundings, ready.problems);
  const out = call.text('folder') === '' ? freshFolder(env) : resolve(call.text('folder'));
  return carriedOut(surroundings, repository, (circumstances) => beginMission(repository, ready.mission, { ...circumstances, out }));
}

/** `command: resume`: goes on with a mission of this job, or of an earlier one whose folder was brought along. */
export async function resumeHere(surroundings: Surroundings): Promise<Outcome> {
  const { call, env } = surroundings;
  const repository = await repositoryOf(env);
  const budget = checkBudget(call.list('budget'));
  const folder = call.text('folder') === '' ? null : resolve(call.text('folder'));
  const record = folder === null ? chosen(readRecords(repository), undefined) : await bringBack(repository, folder);
  if (record === null) throw new CannotRun(`folder: ${call.text('folder')} holds no mission to go on with. Download the folder that the earlier job uploaded, and name it; in the same job leave folder out.`);
  if (record.status === 'completed' || record.status === 'cancelled') throw new CannotRun(`Mission ${record.number} (${record.name}) is ${record.status} already; nothing is left to resume.`);
  const yesTo = checkYesTo(call.list('yes-to'), gatesOf(record.definition));
  const ring = env.MISSIONGATE_SIGNING_KEYRING ? null : earlierKeys(repository, record);
  const known = ring === null ? env : { ...env, MISSIONGATE_SIGNING_KEYRING: ring };
  return carriedOut({ ...surroundings, env: known }, repository, (circumstances) => resumeMission(repository, record, { yesTo, budget, cancel: false }, circumstances));
}

/** The repository here; who set the workflow off is who decides in it. */
async function repositoryOf(env: NodeJS.ProcessEnv): Promise<LocalRepository> {
  const repository = await lookAtRepository('.', env);
  const actor = env.GITHUB_ACTOR;
  return { ...repository, via: 'workflow', ...(actor ? { user: { name: actor, login: actor } } : {}) };
}

function freshFolder(env: NodeJS.ProcessEnv): string {
  const above = env.RUNNER_TEMP || tmpdir();
  mkdirSync(above, { recursive: true });
  return mkdtempSync(join(above, 'missiongate-'));
}

async function carriedOut(surroundings: Surroundings, repository: LocalRepository, carryOut: (circumstances: Circumstances) => Promise<unknown>): Promise<Outcome> {
  const { call, version, log, redact, ink } = surroundings;
  const env = withKeyless(call.text('keyless') === 'true', surroundings.env);
  const interruption = listenForInterrupts(() => log.close());
  const reporter = createActionReporter(log, redact);
  try {
    await carryOut({ env, version, watcher: { reporter, interruption, asking: () => null }, merge: false, programPath: env.PATH });
  } finally {
    interruption.dispose();
  }
  const ending = reporter.ending();
  if (ending === null) throw new Error('the mission ended without a word');
  const { record, end, mission } = ending;
  await keepForLater(repository, record);
  const waiting = waitingFor(mission);
  const status = statusOf(end);
  const now = whatNow(waiting, status);
  for (const sentence of [`Mission ${end.number}: ${status}. Evidence: ${record.out}`, ...now]) log.line(ink.text(sentence, 2_000));
  if (status === 'waiting') log.annotate({ level: 'warning', title: `Mission ${end.number} waits`, message: ink.text(now.join(' '), 2_000) });
  const findings = exportedFindings(record.out, mission);
  annotateFindings(log, ink, findings);
  const passes = end.exitCode === exitCodes.waiting && call.text('when-waiting') === 'pass';
  return {
    exitCode: passes ? exitCodes.completed : end.exitCode,
    outputs: {
      status,
      mission: String(end.number),
      'mission-id': mission.missionId,
      folder: record.out,
      gates: JSON.stringify(gatesAtEnd(mission)),
      'waiting-for': [...waiting.gates, ...waiting.questions].join(','),
      'ledger-head': end.ledgerHead === null ? '' : `${mission.seq}:${end.ledgerHead}`,
      branch: end.head === null ? '' : end.trunk,
      commit: end.head ?? end.base,
      base: end.base,
      results: JSON.stringify(mission.outputs ?? {}),
    },
    summary: runSummary(ink, { record, end, mission, status, now, findings, runUrl: runUrl(env) }),
  };
}

function gatesAtEnd(mission: Mission): readonly object[] {
  return mission.plan.phases.flatMap(({ id }) => {
    const verdict = gateVerdict(mission, id);
    const gate = mission.phases.get(id)?.gate;
    return verdict === null || gate === undefined ? [] : [{ phase: id, status: gate.status, verdict: verdict.state, reason: verdict.reason, head: gate.head, evidence: gate.evidenceDigest, approvedBy: gate.approvals.map(({ by }) => by.login), metrics: gate.metrics }];
  });
}

/** Signing through sigstore needs a token that a job gets only when its workflow allows it: said before anything is begun. */
function withKeyless(wanted: boolean, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  if (!wanted) return env;
  const hasToken = (env.ACTIONS_ID_TOKEN_REQUEST_URL && env.ACTIONS_ID_TOKEN_REQUEST_TOKEN) || env.SIGSTORE_ID_TOKEN;
  if (!hasToken) throw new CannotRun('keyless: the job has no OIDC token. Grant it one ("permissions: id-token: write" beside "contents: read"), or leave keyless out.');
  return { ...env, MISSIONGATE_KEYLESS: 'sigstore' };
}

function runUrl({ GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository, GITHUB_RUN_ID: run }: NodeJS.ProcessEnv): string | null {
  return server && repository && run && URL.canParse(server) && /^[\w.-]+\/[\w.-]+$/.test(repository) && /^\d+$/.test(run) ? `${server}/${repository}/actions/runs/${run}` : null;
}
