import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';

import { verifyMission } from '../../core/ledger/verify.ts';
import { missionIdOf, trunkBranch } from '../../core/mission/source.ts';
import { exportMission } from '../../engine/export-mission.ts';
import type { Forge, RepositoryInspection } from '../../forge/forge.ts';
import { startForge } from '../../forge/start-forge.ts';
import { reasonOf } from '../../kit/reason-of.ts';
import { systemClock } from '../../kit/system-clock.ts';
import { dossierOfFolder } from '../dossier/dossier-of-folder.ts';
import { dossierFormats, writeDossier } from '../dossier/write-dossier.ts';
import { faultPointFrom } from '../fault.ts';
import { Lifecycle } from '../lifecycle.ts';
import { readMissionFiles, writeMissionFiles } from '../mission-files.ts';
import { serve } from '../serve.ts';
import { exportSigning } from '../signing.ts';
import { logFor, redactorFor, wire } from '../wire.ts';
import type { Product } from '../wire.ts';
import { cast, reviewerApproves, strangerTries } from './cast.ts';
import type { Stage } from './cast.ts';
import { demoIssue } from './demo-repository.ts';
import { followMission, placesOn } from './follow-mission.ts';
import { DemoUsageError, readIssueFile } from './mission-text.ts';
import { setStage } from './set-stage.ts';
import type { SetStage } from './set-stage.ts';

export interface DemoOptions {
  readonly repo?: string;
  readonly issue?: string;
  readonly out?: string;
  readonly keep?: boolean;
  readonly auto?: boolean;
  readonly port: string;
}

/** Without news for this long (and nobody waited for), the demo gives up. */
const patienceMs = 120_000;

/** `missiongate demo`: 0 when the mission completed and what remains of it verifies, 1 otherwise, 2 called wrongly. */
export async function runDemo(options: DemoOptions, version: string): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'missiongate-demo-'));
  const closing: (() => Promise<void> | void)[] = [() => rmSync(folder, { recursive: true, force: true })];
  const close = async () => {
    for (const end of closing.splice(0).toReversed()) await end();
  };
  const finished: { leave: (() => void) | null } = { leave: null };
  const onInterrupt = () => {
    // After the end Ctrl-C only takes the pages down; the exit code is the mission's.
    if (finished.leave) return finished.leave();
    console.log('\nStopping …');
    void close().finally(() => process.exit(130));
  };
  process.on('SIGINT', onInterrupt);
  process.on('SIGTERM', onInterrupt);
  try {
    const mission = checked(options);
    const forge = await startForge({ dataDir: join(folder, 'forge'), clock: systemClock, port: Number(options.port) });
    closing.push(() => forge.stop());
    const stage = await setStage(forge, join(folder, 'data'), options.repo);
    const redactor = redactorFor(stage.settings);
    const log = logFor(stage.settings, redactor);
    const lifecycle = new Lifecycle(log);
    closing.push(() => lifecycle.stop(5_000));
    const product = await wire({
      settings: stage.settings,
      redactor,
      log,
      faultPoint: faultPointFrom(process.env),
      version,
      onFailure: (error) => {
        console.error(`missiongate demo: the embedded database stopped: ${error.message}`);
        process.exit(1);
      },
    });
    const url = await serve(product, { withWorker: true, host: '127.0.0.1', port: stage.settings.port, webhookPath: stage.settings.webhookPath }, lifecycle, log);
    forge.setWebhook(stage.app.appId, { url: `${url}${stage.settings.webhookPath}`, secret: stage.settings.app.webhookSecret });
    forge.install(stage.app.appId, cast.owner, [stage.repository.fullName]);
    const code = await play(options, mission, forge, stage, product, folder);
    if (isInteractive(options)) {
      console.log('\nThe pages stay up until Ctrl-C.');
      await new Promise<void>((leave) => {
        finished.leave = leave;
      });
    }
    return code;
  } catch (error) {
    if (!(error instanceof DemoUsageError)) throw error;
    console.error(`missiongate demo: ${error.message}`);
    return 2;
  } finally {
    process.off('SIGINT', onInterrupt);
    process.off('SIGTERM', onInterrupt);
    await close();
  }
}

interface MissionText {
  readonly title: string;
  readonly body: string;
}

/** Everything that can be wrong with the options is said before anything starts. */
function checked(options: DemoOptions): MissionText {
  const port = Number(options.port);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new DemoUsageError(`--port: found "${options.port}", expected 0 to 65535`);
  if (options.repo !== undefined && options.issue === undefined) throw new DemoUsageError('--repo needs --issue <file.md>: the mission to carry out on your repository');
  if (options.out !== undefined && existsSync(options.out) && readdirSync(options.out).length > 0) throw new DemoUsageError(`--out: ${options.out} is not empty; name a new folder`);
  return options.issue === undefined ? demoIssue : readIssueFile(options.issue);
}

/** In a terminal, or when asked to, people decide at the gates. */
function isInteractive(options: DemoOptions): boolean {
  return options.auto !== true && (options.keep === true || (process.stdout.isTTY && process.stdin.isTTY));
}

async function play(options: DemoOptions, text: MissionText, forge: Forge, { repository }: SetStage, product: Product, folder: string): Promise<number> {
  const startedAt = systemClock.now();
  const interactive = isInteractive(options);
  const timeline: string[] = [];
  const print = (line: string, coloured = line) => {
    timeline.push(line);
    console.log(process.stdout.isTTY ? coloured : line);
  };
  print(`The sandbox GitHub is up: ${forge.url}/${repository.fullName}`);
  print(`Cast: @${cast.author} (write), @${cast.reviewer} (maintain), @${cast.stranger} (read). Agents are scripted; no model is called.\n`);

  const author = forge.as(cast.author);
  const issue = await author.openIssue(repository.fullName, text);
  const missionId = missionIdOf(repository.id, issue.number);
  await author.addLabel(repository.fullName, issue.number, 'mission');
  await author.addLabel(repository.fullName, issue.number, 'mission:queue');

  const stage: Stage = { forge, repository: repository.fullName, issue: issue.number };
  const state = await followMission({
    store: product.store,
    missionId,
    places: placesOn(forge, repository, issue.number),
    print,
    patienceMs,
    waitsForPeople: interactive,
    onWaiting: (phase) => (interactive ? askPerson(stage, repository, phase, print) : castDecides(stage, repository, phase)),
    onReady: async () => {
      const pull = await eventually(() => repository.pulls().find((one) => one.pull.headRef === trunkBranch(issue.number) && !one.pull.draft));
      if (pull && !interactive) await forge.as(cast.reviewer).merge(repository.fullName, pull.issue.number, { method: 'merge' });
      else if (pull) print(`${' '.repeat(12)}The definition leaves the merge to people: ${forge.url}/${repository.fullName}/pull/${pull.issue.number}`);
    },
  });
  await shownOnGitHub(product, missionId);

  const out = options.out === undefined ? join(folder, 'out') : resolve(options.out);
  mkdirSync(out, { recursive: true });
  await writeMissionFiles(out, exportMission(product.store, missionId, exportSigning(product.settings)));
  cpSync(repository.gitDir, join(out, 'repository.git'), { recursive: true });
  const report = verifyMission(readMissionFiles(out));
  if (options.out !== undefined) await leaveDossier(out, product);
  const completed = state.status === 'completed';
  print('');
  if (completed) print(`Mission completed in ${((systemClock.now() - startedAt) / 1000).toFixed(1)} s: ${report.entries} ledger entries, ${report.packs} evidence packs, ${report.artifacts} artifacts.`);
  else print(`The mission did not complete: it is ${state.status}. The issue says why: ${forge.url}/${repository.fullName}/issues/${issue.number}`);
  for (const gate of report.gates) print(`  gate ${gate.phase}: opened by ${gate.approvedBy.map((login) => `@${login}`).join(', ') || 'its rubric'} on evidence ${gate.evidence.slice(0, 16)}…`);
  print(report.valid ? `Ledger verified, head ${report.head}` : `The ledger does NOT verify: ${report.faults.join('; ')}`);
  if (options.out === undefined) print('To keep what remains and check it yourself: npm run demo -- --out mission-out && node dist/main/cli.js verify mission-out');
  else print(`Everything is in ${out}${existsSync(join(out, 'dossier.html')) ? ', with a release dossier for an auditor (dossier.html, dossier.pdf)' : ''}. Check it yourself: node dist/main/cli.js verify ${options.out} --head ${report.head.slice(0, 16)}`);
  writeFileSync(join(out, 'timeline.txt'), `${timeline.join('\n')}\n`);
  return completed && report.valid ? 0 : 1;
}

/** What an auditor would be handed. It is made of what is there already: without it the rest is as good. */
async function leaveDossier(out: string, product: Product): Promise<void> {
  try {
    const outcome = dossierOfFolder(out);
    if (outcome.ok) await writeDossier(out, outcome.dossier, dossierFormats, exportSigning(product.settings)?.signer ?? null);
  } catch (error) {
    console.error(`missiongate demo: the dossier could not be written: ${reasonOf(error)}`);
  }
}

let strangerHasTried = false;

async function castDecides(stage: Stage, repository: RepositoryInspection, phase: string): Promise<void> {
  const first = !strangerHasTried;
  strangerHasTried = true;
  if (first) await strangerTries(stage, phase);
  const check = await gateCheck(repository, phase);
  await reviewerApproves(stage, phase, first ? null : check);
}

/** The gate's check run with its buttons, once it is on the pull request. */
async function gateCheck(repository: RepositoryInspection, phase: string): Promise<number | null> {
  const run = await eventually(() => repository.checkRuns().findLast((check) => check.name === `gate/${phase}` && check.conclusion === 'action_required'));
  return run?.id ?? null;
}

/** What the forge will show in a moment; undefined when it does not within ten seconds. */
async function eventually<T>(look: () => T | undefined): Promise<T | undefined> {
  for (let tries = 0; tries < 200; tries += 1) {
    const found = look();
    if (found !== undefined) return found;
    await systemClock.sleep(50);
  }
  return undefined;
}

async function askPerson(stage: Stage, repository: RepositoryInspection, phase: string, print: (line: string) => void): Promise<void> {
  print(`\n${' '.repeat(12)}Gate ${phase} waits for you. Open ${stage.forge.url}/${stage.repository}/issues/${stage.issue}`);
  print(`${' '.repeat(12)}choose to act as @${cast.reviewer} and comment:  /approve-gate ${phase}`);
  if (!process.stdin.isTTY) return;
  print(`${' '.repeat(12)}(or press Enter here, and the cast does it)\n`);
  // Not raw: Ctrl-C stays a signal.
  const lines = createInterface({ input: process.stdin, terminal: false });
  lines.once('line', () => {
    lines.close();
    castDecides(stage, repository, phase).catch(() => undefined);
  });
}

/** Resolves when everything that happened is shown on the forge. */
async function shownOnGitHub(product: Product, missionId: string): Promise<void> {
  for (let quiet = 0; quiet < 3; ) {
    const { waiting, active } = await product.queue.counts('sync-github');
    const rows = await product.store.outboxOf(missionId);
    quiet = waiting + active + rows.length === 0 ? quiet + 1 : 0;
    await systemClock.sleep(100);
  }
}
