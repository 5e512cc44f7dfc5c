import { packVerdict } from '../../core/gate/gate-verdict.ts';
import { guardLines, judgeRubric } from '../../core/gate/rubric.ts';
import { environmentOfPlanned } from '../../core/mission/context.ts';
import type { Finding } from '../../core/mission/evidence.ts';
import type { GuardReport } from '../../core/mission/event.ts';
import { readFindings } from '../../core/mission/read-findings.ts';
import { examine } from '../../engine/guards.ts';
import type { Examination } from '../../engine/guards.ts';
import { findingsBlock } from '../../github/messages/findings-words.ts';
import { details, page, paragraph, table } from '../../github/messages/page.ts';
import { verdictTree } from '../../github/messages/verdict-tree.ts';
import { count, short } from '../../github/messages/words.ts';
import { systemClock } from '../../kit/system-clock.ts';
import { builtInSteps, createStepRegistry } from '../../steps/registry.ts';
import { openCheckout } from '../../worker/local-repository/checkout.ts';
import { createPaint } from '../local/paint.ts';
import { CannotRun, exitCodes } from '../local/exit-codes.ts';
import { listenForInterrupts } from '../local/interruption.ts';
import { lookAtRepository } from '../local/local-repository.ts';
import type { LocalRepository } from '../local/local-repository.ts';
import { describeVerdict } from '../local/verdict-lines.ts';
import { comparedWith } from './compared-with.ts';
import { wantedGate } from './gate-definition.ts';
import type { WantedGate } from './gate-definition.ts';
import type { Outcome } from './outputs.ts';
import { refused } from './refused.ts';
import { annotateFindings, summaryBytes, verdictHeading } from './summary.ts';
import type { Surroundings } from './surroundings.ts';

/** One guard gets this long. */
const guardTimeoutMs = 30 * 60_000;

/** `command: gate`: the guards and the rubric of a gate over the checkout as it stands, without a mission. Approvals are not asked for. */
export async function gateCommand(surroundings: Surroundings): Promise<Outcome> {
  const { call, env, log, ink } = surroundings;
  const wanted = wantedGate(call);
  if (!wanted.ok) return refused(surroundings, wanted.error);
  const { phase } = wanted.value;
  const repository = await lookAtRepository('.', env);
  const base = await comparedWith({ git: repository.git, head: repository.head, asked: call.text('base'), env });
  log.group(`Gate ${phase.id}: ${phase.guards.map(({ id }) => id).join(', ') || 'no guards'}`);
  const { reports, metrics, contents } = await examined(surroundings, wanted.value, repository, base);
  for (const { guard, passed, summary } of reports) log.line(`${passed ? '✔' : '✖'} ${ink.text(`${guard}: ${summary}`, 2_000)}`);
  log.endGroup();
  const verdict = packVerdict({ phase: phase.id, rubric: [...judgeRubric(phase.gate?.rubric ?? {}, metrics), ...guardLines(reports)], guardReports: reports });
  const passed = verdict.state === 'passed';
  for (const part of verdict.children) for (const line of describeVerdict(part, createPaint(true))) log.line(line);
  const findings = findingsOf(reports, contents);
  annotateFindings(log, ink, findings);
  const reasons = verdict.children.flatMap(({ children }) => children.flatMap(({ state, reason, name }) => (state === 'passed' ? [] : [reason ?? name])));
  if (!passed) log.annotate({ level: 'failure', title: `Missiongate: gate ${phase.id}`, message: ink.text(`The gate is shut: ${reasons.join('; ')}`, 8_000) });
  return {
    exitCode: passed ? exitCodes.completed : exitCodes.failed,
    outputs: { status: passed ? 'passed' : 'failed', gates: JSON.stringify([{ phase: phase.id, status: passed ? 'passed' : 'failed', reasons, metrics }]), commit: repository.head, base },
    summary: page(
      [
        paragraph(verdictHeading(ink, verdict)),
        paragraph(`${ink.code(short(repository.head))} compared with ${ink.code(short(base))}. Approvals are given on missions, not here.`),
        verdictTree(ink, verdict),
        ...(findings.length === 0 ? [] : [findingsBlock(ink, findings)]),
        details(count(Object.keys(metrics).length, 'metric'), (budget) => table(['metric', 'value'], Object.entries(metrics).map(([name, value]) => [ink.code(name), String(value)]), (left) => `… and ${count(left, 'more metric')}.`).render(budget)),
      ],
      summaryBytes,
    ),
  };
}

async function examined({ env, redact }: Surroundings, { definition, phase }: WantedGate, repository: LocalRepository, base: string): Promise<Examination> {
  const environment = environmentOfPlanned(definition, phase);
  if (!environment.ok) throw new CannotRun(`${environment.error} Without a mission, the environment of guards may use inputs alone.`);
  const interruption = listenForInterrupts(() => undefined);
  const { signal } = interruption;
  const checkout = openCheckout({ root: repository.root, gitDir: repository.gitDir, head: repository.head, path: env.PATH ?? '/usr/bin:/bin', signal, redactor: { redact: (text) => ({ text: redact(text), count: 0 }) }, clock: systemClock });
  try {
    return await examine({
      missionId: 'checkout',
      phase: phase.id,
      attempt: 1,
      guards: phase.guards,
      rubric: phase.gate?.rubric ?? {},
      workspace: checkout,
      base,
      kept: [],
      env: environment.value,
      steps: createStepRegistry(builtInSteps),
      signal,
      timeoutMs: guardTimeoutMs,
      redact,
    });
  } finally {
    interruption.dispose();
    await checkout.dispose();
  }
}

function findingsOf(reports: readonly GuardReport[], contents: Examination['contents']): readonly Finding[] {
  return reports.flatMap(({ findings }) => readFindings(contents.find(({ digest }) => digest === findings?.digest)?.text ?? ''));
}
