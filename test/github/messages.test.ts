import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

import type { GuardReport } from '../../src/core/mission/event.ts';
import type { Mission } from '../../src/core/mission/state.ts';
import { viewMission } from '../../src/core/mission/view.ts';
import { evidencePack } from '../../src/core/evidence/pack.ts';
import { decidedCommands } from '../../src/core/mission/decide/commands.ts';
import { accessTo } from '../../src/core/command/command-spec.ts';
import { commandsPage } from '../../src/github/commands/reference-page.ts';
import { answerComment, answeredCodes } from '../../src/github/messages/answer-comment.ts';
import { refusalComment } from '../../src/github/messages/definition-problem.ts';
import { gateCheck } from '../../src/github/messages/gate-check.ts';
import { createInk, plainInk } from '../../src/github/messages/ink.ts';
import { issueStatus } from '../../src/github/messages/issue-status.ts';
import { missionCheck } from '../../src/github/messages/mission-check.ts';
import { pageBytes } from '../../src/github/messages/page.ts';
import { planComment } from '../../src/github/messages/plan-comment.ts';
import { pullBody, pullTitle } from '../../src/github/messages/pull-request.ts';
import { summaryComment } from '../../src/github/messages/summary-comment.ts';
import { taskCheck } from '../../src/github/messages/task-check.ts';
import { taskNote, taskNoteSolved } from '../../src/github/messages/task-note.ts';
import { definition, phase, task } from '../support/definitions.ts';
import * as fc from '../support/fast-check.ts';
import { person, PureWorld, source } from '../support/pure-world.ts';
import { dangersIn } from './support/markdown-oracle.ts';

const root = resolve(import.meta.dirname, '..', '..');

/** Pieces that have broken bots before, and plain noise between them. */
const hostile = fc
  .array(
    fc.constantFrom(
      '@octocat', '@org/team', 'Closes #12', 'fixes GH-3', 'octo/shop#9', 'https://evil.example/x', 'www.evil.example', 'a@b.example', '<img src=x onerror=y>', '</details>', '<details>', '<!--', '-->', '<!-- mg:end -->',
      '![x](https://evil.example/x.png)', '[x](javascript:y)', '[x]: https://evil.example', '```', '````', '~~~', '`', '``', '|', '\\', '\\|', '\n', '\n\n', '\r\n', '    code', '# head', '> quote', '- item', '1. one', '---', '***',
      '&#64;octocat', '&lt;b&gt;', '\u202E', '\u2066', '\u200B', '\u{E0041}', '\u001B[31m', '\u0000', '\uD800', '🏳️‍🌈', '👩‍🔬', 'שלום', '$x$', '$$', ':tada:', '[^1]', '| a | b |', '| --- |', '== ', 'end', 'word', ' ',
    ),
    { maxLength: 14 },
  )
  .map((parts) => parts.join(''));

interface Words {
  readonly name: string;
  readonly title: string;
  readonly phase: string;
  readonly summary: string;
  readonly artifact: string;
  readonly reason: string;
}

const words = fc.record({ name: hostile, title: hostile, phase: hostile, summary: hostile, artifact: hostile, reason: hostile });

/** A mission at a waiting gate, one failed task behind it, every word of it given. */
function missionOf(given: Words, options: { readonly fail?: boolean } = {}): PureWorld {
  const guard = { id: 'tests', uses: 'command', with: {} };
  const world = new PureWorld(
    { ...definition([phase('build', [task('api', { title: given.title }), task('page', { title: given.title, needs: ['api'] })], { title: given.phase, guards: [guard] })]), name: given.name },
    (subject, _attempt, mission) => {
      const artifact = { name: given.artifact, mediaType: 'text/plain', digest: 'd'.repeat(64), bytes: 10 };
      const evidence = { summary: given.summary, artifacts: [artifact], diff: null, durationMs: 10, producer: given.artifact };
      if (subject.startsWith('gate/')) {
        const reports: GuardReport[] = [{ guard: 'tests', uses: 'command', passed: true, summary: given.summary, metrics: { failed: 0 }, artifacts: [artifact] }];
        return { outcome: 'examined', head: mission.trunk.head, reports, metrics: { failed: 0 }, durationMs: 1 };
      }
      if (options.fail === true) return { outcome: 'failed', failure: 'work', reason: given.reason, evidence };
      return { outcome: 'succeeded', commit: subject.repeat(20).slice(0, 40).padEnd(40, '0'), branch: `mission/7/${subject}`, evidence, outputs: {} };
    },
  );
  world.start().settle();
  return world;
}

/** Everything the bot would write about a mission, with what may be live in it. */
function pagesOf(mission: Mission, given: Words): Readonly<Record<string, string>> {
  const excerpts = new Map([['d'.repeat(64), given.artifact]]);
  const pages: Record<string, string> = { plan: planComment(plainInk, mission), status: issueStatus(plainInk, mission), summary: summaryComment(plainInk, mission), pull: pullBody(plainInk, mission) };
  for (const check of viewMission(mission).checks) {
    if (check.subject.kind === 'task') {
      const output = taskCheck(plainInk, mission, check.subject.task, excerpts);
      pages['task summary'] = output.summary;
      pages['task text'] = output.text;
      pages['task title'] = output.title.replaceAll(/[\\`*_[\]<>!|#&~:=+-]/g, ' ');
    } else if (check.subject.kind === 'gate') {
      const { phase: of } = check.subject;
      const head = of.gate.head ?? '';
      const pack = evidencePack(mission, of.id, { ...of.gate, head });
      const output = gateCheck(plainInk, { mission, phase: of, pack, excerpts, ledgerHead: 'l'.repeat(64) });
      pages['gate summary'] = output.summary;
      pages['gate text'] = output.text;
    } else {
      pages['mission summary'] = missionCheck(plainInk, mission).summary;
    }
  }
  for (const { task: failed } of viewMission(mission).notes) {
    pages.note = taskNote(plainInk, mission, failed, excerpts);
    pages['note solved'] = taskNoteSolved(plainInk, mission, failed);
  }
  return pages;
}

describe('the oracle of these tests', () => {
  it.each(['@octocat', 'see #12', 'GH-3', 'https://evil.example', '<b>x</b>', '![x](y)', '[x](y)', '> quoted', 'x\n\n---\n\ny', '\u202Ex', '<details><summary>&#64;octocat</summary>'])('finds %j', (text) => {
    expect(dangersIn(text)).not.toEqual([]);
  });

  it('lets code be code', () => {
    expect(dangersIn('`@octocat #12`\n\n```text\n<b> https://x @octocat\n```\n')).toEqual([]);
  });
});

describe('every page of the bot', () => {
  const calm: Words = { name: 'Add slugs', title: 'Do it', phase: 'Build', summary: 'done', artifact: 'log', reason: 'broken' };

  it.each([false, true])('holds hostile words without becoming live (a task fails: %s)', (fail) => {
    fc.assert(
      fc.property(words, (given) => {
        const world = missionOf(given, { fail });
        for (const [name, text] of Object.entries(pagesOf(world.mission, given))) {
          expect(dangersIn(text, { mentions: ['author'], references: [7] }), `${name}\n${text}`).toEqual([]);
          expect(Buffer.byteLength(text)).toBeLessThanOrEqual(pageBytes);
        }
      }),
      { numRuns: 80 },
    );
  });

  it('keeps its blocks whatever the words are', () => {
    const kinds = (text: string) => text.split('\n').filter((line) => line.startsWith('| ')).length;
    const reference = pagesOf(missionOf(calm).mission, calm);
    fc.assert(
      fc.property(words, (given) => {
        const pages = pagesOf(missionOf(given).mission, given);
        for (const name of ['plan', 'gate summary']) expect(kinds(pages[name] ?? ''), name).toBe(kinds(reference[name] ?? ''));
      }),
      { numRuns: 60 },
    );
  });

  it('stays within GitHub\'s limits for texts of any size, cutting no character, fence or table', () => {
    const long = { ...calm, summary: '🧪'.repeat(30_000), artifact: `${'`'.repeat(2000)}\n${'日本語\n'.repeat(40_000)}`, title: 'é'.repeat(5000) };
    const pages = pagesOf(missionOf(long).mission, long);
    for (const [name, text] of Object.entries(pages)) {
      expect(Buffer.byteLength(text), name).toBeLessThanOrEqual(pageBytes);
      expect(text, name).not.toContain('\uFFFD');
      expect(dangersIn(text, { mentions: ['author'], references: [7] }), name).toEqual([]);
    }
    expect(pages['gate text']).toContain('</details>');
  });

  it('shows a large mission by its phases, and its table cut with a count', () => {
    const many = Array.from({ length: 5000 }, (_, index) => task(`t${index}`, { title: `Task number ${index} @octocat` }));
    const world = new PureWorld(definition([phase('build', many), phase('ship', [task('last')], { needs: ['build'] })]));
    world.label('mission');
    const plan = planComment(plainInk, world.mission);
    expect(Buffer.byteLength(plan)).toBeLessThanOrEqual(pageBytes);
    expect(plan).toContain('build: 5000 tasks');
    expect(plan).toMatch(/… and 4\d{3} more tasks/);
    expect(dangersIn(plan, { mentions: ['author'] })).toEqual([]);
  });

  it('redacts words before it shortens them, so that no half of a secret stays', () => {
    const ink = createInk((text) => text.replaceAll('secret-token-0123456789', '[redacted]'));
    const given = { ...calm, summary: `${'x'.repeat(150)} secret-token-0123456789` };
    const mission = missionOf(given).mission;
    const [check] = viewMission(mission).checks.filter(({ subject }) => subject.kind === 'task');
    const { summary } = taskCheck(ink, mission, check?.subject.kind === 'task' ? check.subject.task : ({} as never), new Map());
    expect(summary).toContain('&#91;redacted&#93;');
    expect(summary).not.toContain('secret-token');
  });
});

describe('a waiting gate', () => {
  const world = missionOf({ name: 'Add slugs', title: 'Do it', phase: 'Build', summary: 'done', artifact: 'log', reason: '' });
  world.trunk = { ...world.trunk, authors: ['ada'] };
  const { mission } = world;
  const of = mission.phases.get('build');

  it('says what is missing, who can unblock it and what to type', () => {
    if (!of) throw new Error('no phase');
    const { title, summary } = gateCheck(plainInk, { mission: { ...mission, trunk: { ...mission.trunk, authors: ['ada'] } }, phase: of, pack: null, excerpts: new Map(), ledgerHead: 'feed' });
    expect(title).toBe('Waits for 1 approval: /approve-gate build');
    expect(summary).toContain('1 approval missing');
    expect(summary).toContain(`\`/approve-gate build ${of.gate.head?.slice(0, 12)}\``);
    expect(summary).toContain('**write access** or more who wrote none of the change (that excludes `ada`)');
    for (const digest of [of.gate.head, of.gate.evidenceDigest, of.gate.policyDigest, 'feed']) expect(summary).toContain(`\`${digest}\``);
  });
});

describe('answers', () => {
  const folder = join(root, 'src', 'core');
  const decide = readdirSync(join(folder, 'mission', 'decide')).map((name) => readFileSync(join(folder, 'mission', 'decide', name), 'utf8')).join('\n');

  it('exist for every code that the core uses', () => {
    const codes = new Set([...decide.matchAll(/(?:refuse|accept)\(draft, entry, [\w.]+, (?:[^,'()]*\? )?'([a-z-]+)'(?: : '([a-z-]+)')?/g)].flatMap(([, first = '', second]) => (second === undefined ? [first] : [first, second])));
    const direct = [...decide.matchAll(/\b(?:refuse|accept)\(/g)].length;
    expect(codes.size).toBeGreaterThan(20);
    expect(direct).toBeGreaterThanOrEqual(codes.size);
    expect([...codes].filter((code) => !answeredCodes.includes(code))).toEqual([]);
  });

  it('exist for every fault of the command parser', () => {
    const faults = readFileSync(join(folder, 'command', 'command-error.ts'), 'utf8');
    const codes = [...faults.matchAll(/readonly code: '([A-Za-z]+)'/g)].map(([, code = '']) => code.replaceAll(/(?<=[a-z])(?=[A-Z])/g, '-').toLowerCase());
    expect(codes.length).toBeGreaterThan(8);
    expect(codes.filter((code) => !answeredCodes.includes(code))).toEqual([]);
  });

  it('greet the person who asked, say something, and stay inert with any facts', () => {
    const { mission } = missionOf({ name: 'n', title: 't', phase: 'p', summary: 's', artifact: 'a', reason: 'r' });
    const facts = fc.dictionary(
      fc.constantFrom('phase', 'gate', 'task', 'message', 'name', 'reason', 'reasons', 'status', 'head', 'seen', 'waiting', 'gates', 'known', 'failed', 'role', 'minimum', 'by', 'command'),
      fc.oneof(hostile, fc.array(hostile, { maxLength: 4 }), fc.integer(), fc.constant(null)),
    );
    fc.assert(
      fc.property(fc.constantFrom(...answeredCodes, 'a-code-of-tomorrow'), facts, (code, given) => {
        const text = answerComment(plainInk, { type: 'answer.given', key: 'k', to: person('asker'), where: { conversation: 7, commentId: 1, reply: true }, accepted: false, answer: { code, facts: given } }, mission);
        expect(text).toMatch(/^@asker \S/);
        expect(dangersIn(text, { mentions: ['asker'] }), text).toEqual([]);
      }),
      { numRuns: 600 },
    );
  });

  it('name the nearest task for one that does not exist', () => {
    const world = missionOf({ name: 'n', title: 't', phase: 'p', summary: 's', artifact: 'a', reason: 'r' });
    world.say('author', 'retry', 'apu');
    const last = world.events.findLast(({ body }) => body.type === 'answer.given')?.body;
    if (last?.type !== 'answer.given') throw new Error('no answer');
    expect(answerComment(plainInk, last, world.mission)).toContain('Did you mean `/retry api`?');
  });
});

describe('who may use a command', () => {
  it.each(decidedCommands)('/%s is said as it is decided', (name) => {
    const world = missionOf({ name: 'n', title: 't', phase: 'p', summary: 's', artifact: 'a', reason: 'r' });
    const events = world.say('stranger', name, ...(name === 'retry' ? ['api'] : name.endsWith('-gate') ? ['build', 'why'] : []));
    const denied = events.some(({ body }) => body.type === 'answer.given' && body.answer.code === 'permission-denied');
    expect(denied).toBe(accessTo(name).minimum !== 'none');
  });

  it('stands in the documentation', async () => {
    await expect(commandsPage()).toMatchFileSnapshot(join(root, 'docs', 'use', 'commands.md'));
  });
});

describe('the definition problem', () => {
  it('shows each problem with its line and column', () => {
    const problems = [
      { code: 'yaml', file: '.github/missions/x.yml', line: 3, column: 7, message: 'found `tsks`, expected tasks @octocat' },
      { code: 'empty', file: 'issue #7', line: 0, column: 0, message: 'there is no checklist' },
    ];
    const text = refusalComment(plainInk, { type: 'mission.refused', source, requestedBy: person('author'), problems, code: 'problems', reason: '' });
    expect(text).toContain('| `.github/missions/x.yml` | 3:7 |');
    expect(text).toContain('2 problems to solve');
    expect(dangersIn(text, { mentions: ['author'] })).toEqual([]);
  });

  it('says what permission is missing', () => {
    const text = refusalComment(plainInk, { type: 'mission.refused', source, requestedBy: person('stranger'), problems: [], code: 'permission', reason: 'role read' });
    expect(text).toMatch(/@stranger, starting a mission needs \*\*write access\*\*.*role read/);
  });
});

describe('ink', () => {
  it('mentions managed accounts, whose names end with an underscore and a short name', () => {
    expect([plainInk.mention('ada_acme'), plainInk.mention('ada-l'), plainInk.mention('_ada'), plainInk.mention('a/b')]).toEqual(['@ada_acme', '@ada-l', '`_ada`', '`a/b`']);
  });

  it('keeps labels from being lists, which Mermaid refuses to draw', () => {
    expect(['1. First', '12. x', '- item', '+ item', '2.5 times'].map((text) => plainInk.label(text))).toEqual(['1 First', '12 x', 'item', 'item', '2.5 times']);
  });
});

describe('the evidence of a gate', () => {
  it('shows a text once, even if a guard and a task left the same', () => {
    const { mission } = missionOf({ name: 'n', title: 't', phase: 'p', summary: 's', artifact: 'log', reason: '' });
    const of = mission.phases.get('build');
    if (!of) throw new Error('no phase');
    const pack = evidencePack(mission, of.id, { ...of.gate, head: of.gate.head ?? '' });
    const { text } = gateCheck(plainInk, { mission, phase: of, pack, excerpts: new Map([['d'.repeat(64), 'the only text']]), ledgerHead: 'feed' });
    expect(text.split('the only text')).toHaveLength(2);
  });
});

describe('a title', () => {
  it('is one line without mentions, references or hidden characters', () => {
    fc.assert(
      fc.property(hostile, (name) => {
        const title = pullTitle(plainInk, { ...missionOf({ name: 'n', title: 't', phase: 'p', summary: 's', artifact: 'a', reason: 'r' }).mission, plan: { name } } as Mission);
        expect(title).not.toMatch(/[\n\r\u202E\u2066]|@[a-z0-9]|#\d|gh-\d/i);
        expect(title.length).toBeGreaterThan(0);
      }),
      { numRuns: 60 },
    );
  });
});
