import { readCommit } from '../git/commits.ts';
import type { Account, Annotation, App, CheckAction, CheckConclusion, CheckRun, CheckStatus, CheckSuite, Repository } from '../model/records.ts';
import type { World } from '../model/world.ts';
import { Problem } from '../rest/problem.ts';
import { serializeCheckRunEvent, serializeCheckSuite, suiteState } from '../serialize/checks.ts';

export interface CheckOutput {
  readonly title: string | null;
  readonly summary: string | null;
  readonly text: string | null | undefined;
  readonly annotations: readonly Annotation[];
}

export interface CheckFields {
  readonly name?: string | undefined;
  readonly externalId?: string | undefined;
  readonly detailsUrl?: string | undefined;
  readonly status?: CheckStatus | undefined;
  readonly conclusion?: CheckConclusion | undefined;
  readonly startedAt?: number | undefined;
  readonly completedAt?: number | undefined;
  readonly output?: CheckOutput | undefined;
  readonly actions?: readonly CheckAction[] | undefined;
}

/** The suite in which an App's runs of a commit are collected; made when the first one comes. */
export async function suiteFor(world: World, repository: Repository, app: App, headSha: string, more: { branch?: string; before?: string } = {}): Promise<{ suite: CheckSuite; created: boolean }> {
  for (const suite of repository.checkSuites.values()) {
    if (suite.app.id === app.id && suite.headSha === headSha) return { suite, created: false };
  }
  const branch = more.branch ?? (await repository.git.refs('refs/heads/')).find((ref) => ref.sha === headSha)?.ref.slice('refs/heads/'.length) ?? null;
  const now = world.clock.now();
  const suite: CheckSuite = {
    id: world.ids.next('checkSuite'),
    app,
    headSha,
    headBranch: branch,
    before: more.before ?? null,
    createdAt: now,
    updatedAt: now,
    runs: [],
  };
  repository.checkSuites.set(suite.id, suite);
  return { suite, created: true };
}

/** A branch was pushed: every App that may write checks gets a suite, and is asked to fill it. */
export async function openSuitesForPush(world: World, repository: Repository, sender: Account, headSha: string, branch: string, before: string): Promise<void> {
  for (const app of world.apps.values()) {
    const installation = world.installationFor(app, repository);
    if (installation?.permissions['checks'] !== 'write') continue;
    const { suite, created } = await suiteFor(world, repository, app, headSha, { branch, before });
    if (created) await announceSuite(world, repository, suite, sender, 'requested', app.id);
  }
}

export async function createCheckRun(world: World, repository: Repository, app: App, headSha: string, name: string, fields: CheckFields): Promise<CheckRun> {
  if ((await repository.git.objectType(headSha)) !== 'commit') throw new Problem(422, `No commit found for SHA: ${headSha}`);
  const { suite } = await suiteFor(world, repository, app, headSha);
  const run: CheckRun = {
    id: world.ids.next('checkRun'),
    suite,
    app,
    headSha,
    name,
    externalId: '',
    detailsUrl: app.externalUrl,
    status: 'queued',
    conclusion: null,
    startedAt: fields.startedAt ?? world.clock.now(),
    completedAt: null,
    title: null,
    summary: null,
    text: null,
    annotations: [],
    actions: [],
  };
  apply(world, run, fields);
  repository.checkRuns.set(run.id, run);
  suite.runs.push(run);
  announceRun(world, repository, run, app.bot, 'created');
  await afterChange(world, repository, run, app.bot, false);
  return run;
}

export async function updateCheckRun(world: World, repository: Repository, run: CheckRun, fields: CheckFields): Promise<void> {
  const before = run.status === 'completed' ? run.conclusion : null;
  apply(world, run, fields);
  await afterChange(world, repository, run, run.app.bot, before === run.conclusion && before !== null);
}

function apply(world: World, run: CheckRun, fields: CheckFields): void {
  if (fields.name !== undefined) run.name = fields.name;
  if (fields.externalId !== undefined) run.externalId = fields.externalId;
  if (fields.detailsUrl !== undefined) run.detailsUrl = fields.detailsUrl;
  if (fields.startedAt !== undefined) run.startedAt = fields.startedAt;
  if (fields.actions !== undefined) run.actions = fields.actions;
  if (fields.conclusion !== undefined || fields.completedAt !== undefined) {
    // A conclusion completes the run whatever status was sent with it.
    run.status = 'completed';
    run.conclusion = fields.conclusion ?? run.conclusion;
    run.completedAt = fields.completedAt ?? world.clock.now();
  } else if (fields.status !== undefined && fields.status !== 'completed') {
    run.status = fields.status;
    run.conclusion = null;
    run.completedAt = null;
  }
  if (fields.output !== undefined) {
    run.title = fields.output.title ?? run.title;
    run.summary = fields.output.summary;
    if (fields.output.text !== undefined) run.text = fields.output.text;
    run.annotations.push(...fields.output.annotations);
  }
}

async function afterChange(world: World, repository: Repository, run: CheckRun, sender: Account, unchanged: boolean): Promise<void> {
  run.suite.updatedAt = world.clock.now();
  if (run.status !== 'completed' || unchanged) return;
  announceRun(world, repository, run, sender, 'completed');
  await world.queueMoved(repository);
  if (suiteState(run.suite).status === 'completed') await announceSuite(world, repository, run.suite, sender, 'completed');
}

function announceRun(world: World, repository: Repository, run: CheckRun, sender: Account, action: string, extra: Readonly<Record<string, unknown>> = {}, onlyAppId?: number): void {
  world.emit({
    event: 'check_run',
    action,
    repository,
    sender,
    payload: { check_run: serializeCheckRunEvent(world, repository, run), ...extra },
    ...(onlyAppId === undefined ? {} : { onlyAppId }),
  });
}

async function announceSuite(world: World, repository: Repository, suite: CheckSuite, sender: Account, action: string, onlyAppId?: number): Promise<void> {
  const head = await readCommit(repository.git, suite.headSha);
  world.emit({
    event: 'check_suite',
    action,
    repository,
    sender,
    payload: { check_suite: serializeCheckSuite(world, repository, suite, head) },
    ...(onlyAppId === undefined ? {} : { onlyAppId }),
  });
}

/** "Re-run" on one check: the App that owns it is asked again; the run itself is left as it is. */
export function rerequestRun(world: World, repository: Repository, run: CheckRun, sender: Account): void {
  announceRun(world, repository, run, sender, 'rerequested', {}, run.app.id);
}

/** "Re-run all checks": the suite's App is asked again. */
export async function rerequestSuite(world: World, repository: Repository, suite: CheckSuite, sender: Account): Promise<void> {
  await announceSuite(world, repository, suite, sender, 'rerequested', suite.app.id);
}

/** A person pressed one of the run's buttons. They exist only while the run is completed. */
export function pressButton(world: World, repository: Repository, run: CheckRun, sender: Account, identifier: string): void {
  const action = run.actions.find((one) => one.identifier === identifier);
  if (run.status !== 'completed' || action === undefined) throw new Problem(422, `This check run has no button "${identifier}" now.`);
  announceRun(world, repository, run, sender, 'requested_action', { requested_action: { identifier } }, run.app.id);
}
