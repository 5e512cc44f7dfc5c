import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

import { readMissionFile } from '../../src/config/read-mission-file.ts';
import type { Definition, Problem } from '../../src/core/mission/definition.ts';
import { makePlan } from '../../src/core/mission/plan.ts';
import { isOver } from '../../src/core/mission/state.ts';
import { isJsonObject } from '../../src/kit/json.ts';
import type { Json } from '../../src/kit/json.ts';
import { sha256 } from '../../src/kit/hash.ts';
import { languageMissions } from '../simulation/language-missions.ts';
import { simulatedSteps as stepTypes } from '../simulation/simulated-steps.ts';
import * as fc from '../support/fast-check.ts';
import { scriptedWorld } from '../support/scripted-world.ts';

const templates = join(import.meta.dirname, '../../config/missions');
const files = new Map(languageMissions.flatMap(({ files: own }) => Object.entries(own ?? {})));
/** Valid missions that between them use every word of the language. */
const corpus: readonly string[] = [
  ...languageMissions.flatMap(({ body }) => /```yaml mission\n([^]*?)```/.exec(body)?.[1] ?? []),
  ...files.values(),
  ...readdirSync(templates).filter((name) => name.endsWith('.yml')).map((name) => readFileSync(join(templates, name), 'utf8')),
];

/** Keys and texts of the corpus: what is wrong in a likely way is built of what is right elsewhere. */
const words = [...new Set(corpus.flatMap((text) => text.match(/[\w.-]+/g) ?? []))];

const nasty: readonly Json[] = [
  null, true, false, 0, -1, 1.5, 1e308, 9_007_199_254_740_992, '', ' ', '\u0000', '\ud800', '💥'.repeat(300), 'ﬀ\u202E', '__proto__', 'constructor', 'x'.repeat(70_000),
  '${{', '${{ }}', '${{ inputs }}', '${{ tasks.a.outputs.n + }}', '${{ [1,2,3].map(x, [1,2,3].map(y, x + y)) }}', '${{ "a".matches("(a+)+$") }}', `\${{ ${'('.repeat(200)}1${')'.repeat(200)} }}`, `\${{ ${'!'.repeat(3000)}true }}`, 'always() && failure()', 'tasks.nothing.result == "success"', 'round / 0 > 1',
  [], {}, [[]], [null], { a: null }, ['a', 'a'], { matrix: { a: [1] } }, nested(90), nested(200),
];

function nested(depth: number): Json {
  let value: Json = 'deep';
  for (let level = 0; level < depth; level += 1) value = level % 2 === 0 ? [value] : { if: value };
  return value;
}

/** One change somewhere in a tree; `at` and `how` are drawn. */
interface Change {
  readonly at: number;
  readonly how: 'drop' | 'rename' | 'replace' | 'twice' | 'move' | 'bend';
  readonly word: number;
  readonly value: number;
}

const changes = fc.array(fc.record({ at: fc.nat(), how: fc.constantFrom('drop', 'rename', 'replace', 'twice', 'move', 'bend'), word: fc.nat(), value: fc.nat() }), { minLength: 1, maxLength: 4 }) as fc.Arbitrary<readonly Change[]>;

type Place = { readonly owner: Json[] | { [key: string]: Json }; readonly key: string | number };

function placesIn(tree: Json, found: Place[] = [], depth = 0): Place[] {
  // Trees made deep on purpose have one place like any other.
  if (depth > 12) return found;
  if (Array.isArray(tree)) {
    for (const [key, value] of (tree as Json[]).entries()) {
      found.push({ owner: tree as Json[], key });
      placesIn(value, found, depth + 1);
    }
  } else if (isJsonObject(tree)) {
    for (const [key, value] of Object.entries(tree)) {
      found.push({ owner: tree as { [name: string]: Json }, key });
      placesIn(value ?? null, found, depth + 1);
    }
  }
  return found;
}

function change(tree: Json, { at, how, word, value }: Change): void {
  const places = placesIn(tree);
  const place = places[at % Math.max(1, places.length)];
  if (!place) return;
  const { owner, key } = place;
  const now = (owner as { [name: string]: Json })[key] ?? null;
  const put = (next: Json) => void ((owner as { [name: string]: Json })[key] = next);
  const remove = () => void (Array.isArray(owner) ? owner.splice(Number(key), 1) : delete owner[key]);
  const name = words[word % words.length] ?? 'x';
  if (how === 'drop') remove();
  else if (how === 'rename' && !Array.isArray(owner)) {
    remove();
    owner[name] = now;
  } else if (how === 'replace') put(structuredClone(nasty[value % nasty.length] ?? null));
  else if (how === 'twice' && Array.isArray(owner)) owner.push(structuredClone(now));
  else if (how === 'move') put(structuredClone((places[value % places.length]?.owner as { [name: string]: Json } | undefined)?.[places[value % places.length]?.key ?? ''] ?? null));
  else if (typeof now === 'string') put(bend(now, value, name));
  else if (typeof now === 'number') put([now * 1e9, -now, now + 0.5, String(now)][value % 4] ?? 0);
}

/** A text with something taken out, put in or cut off. */
function bend(text: string, at: number, word: string): string {
  const cut = at % (text.length + 1);
  return [text.slice(0, cut), text.slice(0, cut) + word + text.slice(cut), text.slice(0, cut) + text.slice(cut + 3), `\${{ ${text}`, text.replace(/[.()]/, ' '), `${text} && ${word}`][at % 6] ?? '';
}

function read(text: string) {
  return readMissionFile({ file: 'm.yml', text }, { stepTypes, readFile: (path) => files.get(path) ?? files.get(`.github/missions/${path}`) ?? null });
}

/** Every problem says something, and names a place that is there. */
function expectPlaces(problems: readonly Problem[], text: string): void {
  expect(problems.length).toBeGreaterThan(0);
  const lines = text.split('\n');
  for (const { file, line, column, message, code } of problems) {
    expect(code).not.toBe('');
    expect(message.trim().length).toBeGreaterThan(3);
    expect(message.length).toBeLessThan(5_000);
    if (file !== 'm.yml') continue;
    expect(line, message).toBeGreaterThanOrEqual(0);
    expect(line, message).toBeLessThanOrEqual(lines.length);
    expect(column, message).toBeGreaterThanOrEqual(line === 0 ? 0 : 1);
    expect(column, message).toBeLessThanOrEqual((lines[line - 1]?.length ?? 0) + 1);
  }
}

/** Has workers that succeed, fail and use things up as their names have it, and people who answer, until nothing more happens. */
function expectEnd(definition: Definition): void {
  expect(makePlan(definition)).toMatchObject({ ok: true });
  const tasks = definition.phases.reduce((sum, phase) => sum + phase.tasks.length, 0);
  if (tasks > 200) return;
  const world = scriptedWorld(definition, (subject, attempt) => {
    const luck = Number.parseInt(sha256(`${subject} ${attempt}`).slice(0, 4), 16) % 8;
    return { outputs: { n: luck, list: [1, 2], text: '{}' }, usage: { tokens: luck * 1000 }, ...(luck === 0 ? { fails: 'work' } : luck === 1 ? { fails: 'lost' } : {}) };
  }).start();
  for (let answers = 0; answers < 500; answers += 1) {
    world.settle();
    const { mission } = world;
    const scope = mission.pausedFor;
    const waiting = [...mission.phases.values()].find(({ gate }) => gate.status === 'awaiting');
    if (isOver(mission)) break;
    if (scope !== undefined) world.say('author', 'budget', scope === 'mission' ? '' : scope.slice(scope.indexOf('/') + 1), '1000000000000', '10000000', '10000000');
    else if (waiting) world.say(['reviewer', 'admin', 'author'][answers % 3] ?? 'admin', 'approve-gate', waiting.id);
    else break;
    for (const login of ['second', 'third', 'fourth']) world.roles.set(login, 'admin');
    if (waiting) for (const login of ['second', 'third', 'fourth']) world.say(login, 'approve-gate', waiting.id);
  }
  const { mission } = world;
  // A gate that nobody could open is an end too: it is for people to say what now.
  const atGate = [...mission.phases.values()].some(({ status }) => status === 'gate');
  const waitsForMerge = mission.plan.settings.merge !== 'none' && [...mission.phases.values()].every(({ status }) => status === 'complete' || status === 'skipped');
  expect(isOver(mission) || atGate || waitsForMerge, JSON.stringify({ status: mission.status, counts: mission.counts, definition })).toBe(true);
}

function check(text: string): boolean {
  const result = read(text);
  if (result.ok) expectEnd(result.value);
  else expectPlaces(result.error, text);
  return result.ok;
}

describe('a mission file', () => {
  it('of the corpus is accepted and comes to an end', () => {
    expect(corpus.length).toBeGreaterThan(20);
    expect(corpus.map(check)).toEqual(corpus.map(() => true));
  });

  it('with keys and values dropped, renamed, doubled, swapped or replaced by anything at all is refused with places or runs to an end', () => {
    let accepted = 0;
    let runs = 0;
    fc.assert(
      fc.property(fc.nat(corpus.length - 1), changes, fc.boolean(), (which, several, indented) => {
        const tree = parse(corpus[which] ?? '') as Json;
        for (const one of several) change(tree, one);
        runs += 1;
        // JSON is YAML; on one line or on many.
        accepted += Number(check(JSON.stringify(tree, null, indented ? 1 : 0)));
      }),
      { numRuns: 500 },
    );
    // Neither everything nor nothing: both ways are looked at.
    expect(accepted).toBeGreaterThan(runs * 0.1);
    expect(accepted).toBeLessThan(runs * 0.9);
  });

  it('with a very long text at any one place is refused in messages that people read', () => {
    const tried = new Set<string>();
    for (const text of corpus) {
      const tree = parse(text) as Json;
      for (const { owner, key } of placesIn(tree)) {
        // Places between equal neighbours are alike.
        const alike = `${String(key)} of ${JSON.stringify(Object.entries(owner).map(([name, value]) => (name === 'uses' ? value : name)))}`;
        if (tried.has(alike)) continue;
        tried.add(alike);
        const before = (owner as { [name: string]: Json })[key] ?? null;
        (owner as { [name: string]: Json })[key] = 'x'.repeat(5_500);
        const written = JSON.stringify(tree);
        (owner as { [name: string]: Json })[key] = before;
        const result = read(written);
        if (!result.ok) expectPlaces(result.error, written);
      }
    }
    expect(tried.size).toBeGreaterThan(300);
  });

  it('with its text cut, doubled or overwritten somewhere is refused with places or runs to an end', () => {
    const piece = fc.oneof(fc.string({ unit: 'binary', maxLength: 8 }), fc.constantFrom(...words), fc.constantFrom('\t', '\n', '\r\n', ': ', '- ', '{', '}', '[', ']', '&a ', '*a', '!!str ', '"', "'", '|', '>', '#', '? ', '---\n', '...', '%', '${{', '}}', '<<: '));
    fc.assert(
      fc.property(fc.nat(corpus.length - 1), fc.array(fc.record({ at: fc.nat(), takes: fc.nat(30), gives: piece }), { minLength: 1, maxLength: 3 }), (which, edits) => {
        let text = corpus[which] ?? '';
        for (const { at, takes, gives } of edits) {
          const from = at % (text.length + 1);
          text = text.slice(0, from) + gives + text.slice(from + takes);
        }
        check(text);
      }),
      { numRuns: 500 },
    );
  });

  it('of huge numbers, lists and depths is read with bounded work', () => {
    const task = 'version: 1\nname: m\nphases:\n  - id: a\n    tasks:\n      - { id: t, uses: noop';
    for (const text of [
      `${task}, strategy: { matrix: { a: [${'1, '.repeat(20_000)}1] } } }\n`,
      `${task}, strategy: { matrix: { ${Array.from({ length: 12 }, (_, axis) => `a${axis}: [1, 2, 3, 4, 5, 6, 7, 8, 9]`).join(', ')} } } }\n`,
      `${task}, strategy: { for-each: "${'[['.repeat(400)}" } }\n`,
      `${task}, timeout-minutes: ${'9'.repeat(400)} }\n`,
      `${task}, if: "${'tasks.t.result == 1 || '.repeat(300)}true" }\n`,
      `${task}, with: ${'{a: '.repeat(500)}1${'}'.repeat(500)} }\n`,
      `${task}, needs: [${Array.from({ length: 5_000 }, (_, n) => `n${n}`).join(', ')}] }\n`,
      `${task} }\n${Array.from({ length: 3_000 }, (_, n) => `      - { id: t${n}, uses: noop, needs: [t${n - 1}, t${n + 1}], if: tasks.t${n + 7}.result == 'x' }`).join('\n')}\n`,
    ]) {
      const result = read(text);
      expect(result.ok).toBe(false);
      if (!result.ok) expectPlaces(result.error, text);
    }
  });
});
