import type { CheckFields } from '../../../src/forge/operations/checks.ts';
import { Problem } from '../../../src/forge/rest/problem.ts';
import type { Account, CheckRun, CheckSuite, Shape } from './records.ts';
import { checkRunEventShape, suiteShape } from './shapes.ts';
import type { World } from './world.ts';

function announce(world: World, run: CheckRun, sender: Account, action: string, extra: Shape = {}): void {
  world.tell('check_run', action, sender, { check_run: checkRunEventShape(world, run), ...extra });
}

/** The suite in which the App's runs of a commit are collected. */
function suiteOf(world: World, headSha: string): CheckSuite {
  const existing = world.suites.get(headSha);
  if (existing !== undefined) return existing;
  const headBranch = [...world.branches].find(([, sha]) => sha === headSha)?.[0] ?? null;
  const suite: CheckSuite = { id: world.nextId(), headSha, headBranch, createdAt: world.now(), runs: [] };
  world.suites.set(headSha, suite);
  return suite;
}

export function createCheckRun(world: World, headSha: string, name: string, fields: CheckFields): CheckRun {
  if (world.graph.known(headSha) === null) throw new Problem(422, `No commit found for SHA: ${headSha}`);
  const suite = suiteOf(world, headSha);
  const run: CheckRun = { id: world.nextId(), suite, headSha, name, externalId: '', status: 'queued', conclusion: null, startedAt: fields.startedAt ?? world.now(), completedAt: null, title: null, summary: null, text: null, annotations: [], actions: [] };
  apply(world, run, fields);
  world.checkRuns.set(run.id, run);
  suite.runs.push(run);
  announce(world, run, world.bot, 'created');
  if (run.status === 'completed') announce(world, run, world.bot, 'completed');
  return run;
}

export function updateCheckRun(world: World, run: CheckRun, fields: CheckFields): void {
  const before = run.conclusion;
  apply(world, run, fields);
  if (run.conclusion !== null && run.conclusion !== before) announce(world, run, world.bot, 'completed');
}

function apply(world: World, run: CheckRun, { name, externalId, status, conclusion, completedAt, output, actions }: CheckFields): void {
  run.name = name ?? run.name;
  run.externalId = externalId ?? run.externalId;
  run.actions = actions ?? run.actions;
  // A conclusion completes the run whatever status was sent with it.
  if (conclusion !== undefined) Object.assign(run, { status: 'completed', conclusion, completedAt: completedAt ?? world.now() });
  else if (status !== undefined && status !== 'completed') Object.assign(run, { status, conclusion: null, completedAt: null });
  if (output === undefined) return;
  run.title = output.title ?? run.title;
  run.summary = output.summary;
  run.text = output.text ?? run.text;
  run.annotations.push(...output.annotations);
}

/** A person presses one of the run's buttons. They exist only while the run is completed. */
export function pressButton(world: World, run: CheckRun, sender: Account, identifier: string): void {
  if (run.status !== 'completed' || !run.actions.some((action) => action.identifier === identifier)) throw new Problem(422, `This check run has no button "${identifier}" now.`);
  announce(world, run, sender, 'requested_action', { requested_action: { identifier } });
}

/** "Re-run" on one check: the App is asked again; the run itself is left as it is. */
export function rerequestRun(world: World, run: CheckRun, sender: Account): void {
  announce(world, run, sender, 'rerequested');
}

/** "Re-run all checks" of a commit. */
export function rerequestSuite(world: World, headSha: string, sender: Account): void {
  const suite = world.suites.get(headSha);
  if (suite === undefined) throw new Problem(404, 'Not Found');
  world.tell('check_suite', 'rerequested', sender, { check_suite: suiteShape(world, suite) });
}
