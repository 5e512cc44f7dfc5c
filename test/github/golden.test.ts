import { join, resolve } from 'node:path';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { gfmFromMarkdown } from 'mdast-util-gfm';
import { gfm } from 'micromark-extension-gfm';
import { describe, expect, it } from 'vitest';

import type { Finding } from '../../src/core/mission/event.ts';
import { answerComment } from '../../src/github/messages/answer-comment.ts';
import { plainInk } from '../../src/github/messages/ink.ts';
import { issueStatus } from '../../src/github/messages/issue-status.ts';
import { missionCheck } from '../../src/github/messages/mission-check.ts';
import { outsideCheck } from '../../src/github/messages/outside-pull-check.ts';
import { planComment } from '../../src/github/messages/plan-comment.ts';
import { pullBody } from '../../src/github/messages/pull-request.ts';
import { summaryComment } from '../../src/github/messages/summary-comment.ts';
import { commitId } from '../support/pure-world.ts';
import type { PureWorld } from '../support/pure-world.ts';
import { asFile, checkOf, sceneOf, tests } from './golden.ts';
import type { Scene } from './golden.ts';

/** `vitest -u` writes these files anew; they are read by people before they are committed. */
const folder = resolve(import.meta.dirname, '..', 'fixtures', 'golden');
const golden = (name: string) => join(folder, `${name}.md`);

const approve = (...logins: readonly string[]) => (world: PureWorld): void => {
  for (const login of logins) world.say(login, 'approve-gate', 'build');
};
const waive = (world: PureWorld): void => {
  world.say('author', 'waive', 'build', 'tests_failed_max', '7d', 'the two tests are wrong, see #12', 'checked by hand');
};
const findings: readonly Finding[] = [
  { rule: 'no-unused-vars', level: 'warning', message: "'slug' is assigned a value but never used.", path: 'src/slugs.ts', line: 14, column: 7 },
  { rule: 'CVE-2024-21538', level: 'error', message: 'cross-spawn 7.0.3: regular expression denial of service; fixed in 7.0.5', path: 'package-lock.json', line: 210 },
  { rule: 'licence', level: 'error', message: 'left-pad has no licence', path: null, line: null },
];
const failing = { coverage: 0.91, tests_failed: 2 };

const scenes: Readonly<Record<string, Scene>> = {
  'gate-examining': { examining: true },
  'gate-awaiting-none-of-2': {},
  'gate-awaiting-one-of-2': { then: approve('reviewer') },
  'gate-awaiting-with-page': { page: true },
  'gate-awaiting-after-push': {
    then: (world) => {
      approve('reviewer')(world);
      world.trunk = { head: commitId('pushed'), authors: ['author'] };
      world.deliver('push', { kind: 'trunk.pushed', source: world.mission.source, head: commitId('pushed'), actor: { kind: 'person', login: 'author' } });
      world.settle();
    },
  },
  'gate-open': { then: approve('reviewer', 'admin') },
  'gate-open-by-rubric': { gate: { approvals: { count: 0, minimumRole: 'write', allowRequester: true } } },
  'gate-failed-rubric': { metrics: failing },
  'gate-failed-guard': { reports: [{ ...tests, passed: false, summary: '2 of 412 tests failed: slugs are unique; slugs are stable' }] },
  'gate-failed-unmeasured': { metrics: { coverag: 0.91, tests_failed: 0 } },
  'gate-findings': { findings },
  'gate-rejected': { then: (world) => void world.say('reviewer', 'reject-gate', 'build', 'the error path has no test') },
  'gate-cancelled': { then: (world) => void world.say('author', 'cancel') },
  'gate-200-lines': {
    metrics: Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`metric_${String(index).padStart(3, '0')}`, index % 40 === 7 ? 3 : 0])),
    gate: { rubric: Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`metric_${String(index).padStart(3, '0')}_max`, 0])) },
  },
  'gate-waiver-asked': { metrics: failing, then: waive },
  'gate-waived': {
    metrics: failing,
    then: (world) => {
      waive(world);
      world.say('maintainer', 'approve-waiver', 'build', 'tests_failed_max');
    },
  },
  'gate-open-waived': {
    metrics: failing,
    then: (world) => {
      waive(world);
      world.say('maintainer', 'approve-waiver', 'build', 'tests_failed_max');
      approve('reviewer', 'admin')(world);
    },
  },
  'gate-healing': { metrics: failing, examining: true, gate: { heal: { maxRounds: 3 } }, then: (world) => world.work() },
};

describe('the check of a gate', () => {
  it.each(Object.entries(scenes))('reads as in %s.md', async (name, scene) => {
    const world = sceneOf(scene);
    await expect(asFile(checkOf(world, scene))).toMatchFileSnapshot(golden(name));
  });
});

describe('what else is written', () => {
  const offered = { commit: commitId('offered'), pulls: [{ number: 12, branch: 'ordinary', isOurs: true }] };
  const waiting = sceneOf({ findings, then: approve('reviewer') });
  const failed = sceneOf({ metrics: failing });
  const done = sceneOf({ then: approve('reviewer', 'admin') });
  const reply = (world: PureWorld, login: string, ...words: readonly [string, ...string[]]): string => {
    const given = world.say(login, ...words).find(({ body }) => body.type === 'answer.given')?.body;
    if (given?.type !== 'answer.given') throw new Error(`no answer to ${words.join(' ')}`);
    return answerComment(plainInk, given, world.mission);
  };

  it.each([
    ['mission-check-waiting', () => asFile(missionCheck(plainInk, waiting.mission))],
    ['mission-check-failed', () => asFile(missionCheck(plainInk, failed.mission))],
    ['mission-check-open', () => asFile(missionCheck(plainInk, done.mission))],
    ['issue-status-waiting', () => issueStatus(plainInk, waiting.mission)],
    ['issue-status-failed', () => issueStatus(plainInk, failed.mission)],
    ['outside-pull-passed', () => asFile(outsideCheck(plainInk, { ...offered, answer: { say: 'success' } }))],
    ['outside-pull-refused', () => asFile(outsideCheck(plainInk, { ...offered, answer: { say: 'failure', because: 'refused' } }))],
    ['outside-pull-mission-work', () => asFile(outsideCheck(plainInk, { ...offered, answer: { say: 'failure', because: 'mission-work', issue: 7 } }))],
    ['outside-pull-mission-over', () => asFile(outsideCheck(plainInk, { ...offered, answer: { say: 'failure', because: 'mission-over', issue: 7 } }))],
    ['outside-pull-no-such-mission', () => asFile(outsideCheck(plainInk, { ...offered, answer: { say: 'failure', because: 'no-such-mission', issue: 7 } }))],
    ['outside-pull-unknown', () => asFile(outsideCheck(plainInk, { ...offered, answer: { say: 'failure', because: 'unknown', reason: 'the repository’s policy cannot be used: .github/missiongate.yml:2:21: outside-missions is "@octocat"' } }))],
    ['plan', () => planComment(plainInk, waiting.mission)],
    ['pull-request', () => pullBody(plainInk, waiting.mission)],
    ['summary', () => summaryComment(plainInk, done.mission)],
    ['reply-status', () => reply(sceneOf({ metrics: failing }), 'stranger', 'status')],
    ['reply-plan', () => reply(sceneOf({}), 'stranger', 'plan')],
    ['reply-help-reviewer', () => reply(sceneOf({}), 'reviewer', 'help')],
    ['reply-help-requester', () => reply(sceneOf({}), 'author', 'help')],
    ['reply-help-stranger', () => reply(sceneOf({}), 'stranger', 'help')],
    ['reply-help-command', () => reply(sceneOf({}), 'reviewer', 'help', 'approve-gate')],
    ['reply-refused', () => reply(sceneOf({}), 'stranger', 'approve-gate', 'build')],
    ['reply-skip', () => reply(sceneOf({}), 'author', 'skip', 'api', 'not needed')],
  ] as const)('reads as in %s.md', async (name, text) => {
    await expect(`${text()}\n`).toMatchFileSnapshot(golden(name));
  });
});

describe('a golden file', () => {
  it('has tables with as many cells in every row as in its head', () => {
    const pages = Object.values(scenes).flatMap((scene) => {
      const { summary, text } = checkOf(sceneOf(scene), scene);
      return [summary, text];
    });
    const tables = pages.flatMap((page) => fromMarkdown(page, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] }).children.flatMap((node) => (node.type === 'table' ? [node.children] : [])));
    expect(tables.length).toBeGreaterThan(10);
    expect(tables.filter((rows) => new Set(rows.map(({ children }) => children.length)).size !== 1)).toEqual([]);
  });
});
