import { spawnSync } from 'node:child_process';

import { readAnchor } from '../../src/core/ledger/anchor.ts';
import type { Anchor } from '../../src/core/ledger/anchor.ts';
import { verifyMission } from '../../src/core/ledger/verify.ts';
import type { MissionEvent } from '../../src/core/mission/event.ts';
import { missionIdOf } from '../../src/core/mission/source.ts';
import { exportMission } from '../../src/engine/export-mission.ts';
import type { Store } from '../../src/engine/ports/store.ts';
import type { CheckRun, Comment } from '../../src/forge/model/records.ts';
import type { PublicKey } from '../../src/kit/ed25519.ts';
import { sha256 } from '../../src/kit/hash.ts';
import type { ProductWorld } from '../support/product-world.ts';
import { unsealedDecisions } from '../support/seals.ts';

/**
 * Everything that GitHub shows and the ledgers say after the missions, as lines that do not depend on times, ids, commits,
 * and the number of attempts: two runs of the same missions leave the same lines.
 */
export async function snapshotOf(world: ProductWorld, store: Store, key: PublicKey, issues: readonly number[]): Promise<readonly string[]> {
  const lines = [...visibleLines(world, issues), ...(await gitLines(world)), ...world.doubles().map((double) => `one object twice: ${double}`)];
  for (const issue of issues) lines.push(...(await ledgerLines(store, { key, anchors: anchorsOf(world, issue) }, missionIdOf(world.repository.id, issue), issue)));
  return lines.sort();
}

/** The part of it that people see on the pages. */
export function visibleLines(world: ProductWorld, issues: readonly number[]): readonly string[] {
  return [...issues.flatMap((issue) => [...issueLines(world, issue), ...checkLines(world, issue)]), ...pullLines(world), ...followUpLines(world), ...groupLines(world)];
}

function issueLines(world: ProductWorld, number: number): readonly string[] {
  const issue = world.repository.issue(number);
  const items = (issue.body ?? '').split('\n').filter((line) => /^- \[.\]/.test(line));
  return [
    `#${number} is ${issue.state} (${issue.stateReason ?? 'no reason'})`,
    `#${number} says ${/^\*\*[^*]+\*\*/m.exec(issue.body ?? '')?.[0] ?? 'nothing of its state'}`,
    ...issue.labels.map((label) => `#${number} label ${label.name}`),
    ...issue.assignees.map(({ login }) => `#${number} assigned to ${login}`),
    ...items.map((item) => `#${number} item ${item.replaceAll(/<!--.*?-->/g, '').trim()}`),
    ...commentLines(`#${number}`, world.repository.comments(number)),
  ];
}

/** 👀 is a courtesy that a death may swallow. */
function commentLines(where: string, comments: readonly Comment[]): readonly string[] {
  return comments.flatMap((comment) => {
    const text = `"${inOneLine(comment.body)}"`;
    return [`${where} comment by ${comment.user.login} ${text}`, ...comment.reactions.filter(({ content }) => content !== 'eyes').map((reaction) => `${where} reaction ${reaction.content} by ${reaction.user.login} on ${text}`)];
  });
}

/** The first line that says something, without numbers and commits. */
function inOneLine(text: string): string {
  return (text.split('\n').find((line) => line.trim() !== '') ?? '').replaceAll(/\b[0-9a-f]{7,40}\b/g, 'commit').replaceAll(/\d+/g, 'n').slice(0, 100);
}

function checksOf(world: ProductWorld, number: number): readonly CheckRun[] {
  return world.repository.checkRuns().filter(({ externalId }) => externalId.includes(`-i${number}:`));
}

/**
 * The newest check of each name with its annotations: which commits in between had checks depends on how events fell together. No commit
 * that was left may be green.
 */
function checkLines(world: ProductWorld, number: number): readonly string[] {
  const runs = checksOf(world, number);
  const newest = new Map(runs.map((run) => [run.name, run]));
  const green = new Set(runs.flatMap(({ name, conclusion, headSha }) => (name === 'missiongate' && conclusion === 'success' ? [headSha] : [])));
  return [
    ...[...newest.values()].flatMap(({ name, status, conclusion, annotations }) => [`#${number} check ${name} ${status} ${conclusion ?? ''}`, ...annotations.map(({ path, startLine, message }) => `#${number} annotation of ${name} at ${path}:${startLine}: ${message}`)]),
    `#${number} commits with a green check missiongate: ${green.size}`,
  ];
}

function groupLines(world: ProductWorld): readonly string[] {
  return world.repository.checkRuns().flatMap(({ externalId, conclusion, title }) => (externalId.startsWith('mg:group:') ? [`merge group: ${conclusion ?? 'not judged'} "${title ?? ''}"`] : []));
}

/** Where the ledger stood, as its gates' checks and its tag on GitHub say. */
function anchorsOf(world: ProductWorld, number: number): readonly Anchor[] {
  const tags = spawnSync('git', ['--git-dir', world.repository.gitDir, 'for-each-ref', '--format=%(contents)%00', `refs/tags/missiongate/${number}/`], { encoding: 'utf8' }).stdout.split('\0').filter((message) => message.trim() !== '');
  const checks = checksOf(world, number).filter(({ name, status }) => name.startsWith('gate/') && status === 'completed');
  const texts = [...tags.map((message) => ({ place: 'the tag', text: message })), ...checks.map(({ name, headSha, summary, text }) => ({ place: `${name} on ${headSha}`, text: `${summary ?? ''}\n${text ?? ''}` }))];
  return texts.map(({ place, text }) => {
    const anchor = readAnchor(place, text);
    if (anchor === null) throw new Error(`${place} of mission #${number} does not say where its ledger stands:\n${text}`);
    return anchor;
  });
}

function followUpLines(world: ProductWorld): readonly string[] {
  return world.repository.issues().flatMap((issue) => (issue.labels.some(({ name }) => name === 'waiver') ? [`follow-up "${inOneLine(issue.title)}" is ${issue.state} (${issue.stateReason ?? 'no reason'})`] : []));
}

function pullLines(world: ProductWorld): readonly string[] {
  return world.repository.pulls().flatMap(({ pull, issue }) => [
    `pull request of ${pull.headRef}: ${issue.state}${pull.draft ? ' draft' : ''}${pull.mergedAt === null ? '' : ' merged'} "${issue.title}"`,
    ...pull.requestedReviewers.map(({ login }) => `pull request of ${pull.headRef} waits for ${login}`),
    ...commentLines(`pull request of ${pull.headRef}`, world.repository.comments(issue.number)),
  ]);
}

async function gitLines(world: ProductWorld): Promise<readonly string[]> {
  const lines: string[] = [];
  for (const { ref, sha } of await world.repository.refs()) {
    const name = ref.replace(/^refs\/(heads|pull)\//, '');
    // Named after the head of a ledger, which is another one in every run.
    if (ref.startsWith('refs/tags/')) lines.push(`tag ${ref.slice('refs/tags/'.length).replace(/\/[0-9a-f]{12}$/, '')}`);
    if (!ref.startsWith('refs/heads/')) continue;
    lines.push(`ref ${name}`, ...(await linesOfCommit(world, sha)).map((line) => `${name} ${line}`));
  }
  return lines;
}

/** By hash: what a commit holds never changes, so that a run that is looked at again and again asks Git once. */
const commitsRead = new Map<string, Promise<readonly string[]>>();

function linesOfCommit({ repository }: ProductWorld, sha: string): Promise<readonly string[]> {
  const read = async () => {
    const [commits, files] = [await repository.commits(sha), await repository.filesAt(sha)];
    return [...commits.map(({ message }) => `commit "${inOneLine(message)}"`), ...[...files].map(([path, content]) => `file ${path} ${sha256(content).slice(0, 8)}`)];
  };
  const known = commitsRead.get(sha) ?? read();
  commitsRead.set(sha, known);
  return known;
}

/** With the public key, and held to what was shown of it on GitHub. */
async function ledgerLines(store: Store, { key, anchors }: { readonly key: PublicKey; readonly anchors: readonly Anchor[] }, missionId: string, issue: number): Promise<readonly string[]> {
  const files = new Map<string, string>();
  for await (const { path, text } of exportMission(store, missionId)) files.set(path, (files.get(path) ?? '') + text);
  const below = (folder: string) => [...files].filter(([path]) => path.startsWith(`${folder}/`));
  const report = verifyMission({
    ledger: (files.get('ledger.jsonl') ?? '').split('\n'),
    packs: below('evidence').map(([file, text]) => ({ file, text })),
    artifacts: below('artifacts').map(([file, text]) => ({ file, digest: file.replace(/^artifacts\/|\.txt$/g, ''), text })),
    expectedHead: null,
    anchors,
    keys: [{ ...key, state: 'active' }],
    keysAreGiven: true,
  });
  const events = await store.events(missionId, 0, 10_000);
  const facts = [...events.flatMap((event) => factOf(event) ?? []), ...unsealedDecisions(events).map((type) => `${type} is not sealed`)];
  return [`#${issue} ledger is ${report.valid ? 'valid' : `invalid: ${report.faults.join('; ')}`}, mission ${report.status ?? 'unknown'}`, ...facts.map((fact) => `#${issue} ledger: ${fact}`)];
}

/** What must be recorded once for each thing that happened; null for what depends on how many attempts were needed. */
function factOf({ body }: MissionEvent): string | null {
  switch (body.type) {
    case 'task.completed':
      return `${body.type} ${body.task}`;
    case 'phase.started':
    case 'phase.completed':
      return `${body.type} ${body.phase}`;
    case 'gate.evaluated':
    case 'gate.opened':
    case 'gate.approvals-voided':
      return `${body.type} ${body.phase} round ${body.round}`;
    case 'gate.approved':
      return `${body.type} ${body.phase} round ${body.round} by ${body.by.login} via ${body.via}`;
    case 'trunk.moved':
      return `${body.type} by ${body.cause}`;
    case 'answer.given':
      return `${body.type} ${body.answer.code} to ${body.to.login}`;
    case 'label.consumed':
      return `${body.type} ${body.label}`;
    case 'mission.planned':
    case 'mission.refused':
    case 'mission.queued':
    case 'mission.cancelled':
    case 'mission.failed':
    case 'mission.completed':
    case 'pull.opened':
    case 'pull.merged':
    case 'task.retried':
      return body.type;
    default:
      return null;
  }
}
