import { readFileSync } from 'node:fs';

import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';

import { evidenceDigest } from '../../../src/core/evidence/pack.ts';
import { lineageOf } from '../../../src/core/evidence/lineage.ts';
import { readPack } from '../../../src/core/evidence/read-pack.ts';
import type { Lineage } from '../../../src/core/evidence/lineage.ts';
import { definition, oneApproval, phase, task } from '../../support/definitions.ts';
import * as fc from '../../support/fast-check.ts';
import { diligent, evidence, PureWorld } from '../../support/pure-world.ts';
import type { Worker } from '../../support/pure-world.ts';

const schema = JSON.parse(readFileSync(new URL('../../../config/schemas/phase-evidence-pack.v1.schema.json', import.meta.url), 'utf8')) as object;
const follows = new Ajv2020({ strict: true, allowUnionTypes: true, strictRequired: false }).compile(schema);

const artifact = (name: string, letter: string) => ({ name, mediaType: 'text/plain', digest: letter.repeat(64), bytes: 3 });

/** Two phases: design; then build on it, test what was built, with a guard that leaves an artifact. */
function world(worker: Partial<Record<string, number>> = {}): PureWorld {
  const works: Worker = (subject, attempt, mission) => {
    const result = diligent(subject, attempt, mission);
    if (result.outcome === 'examined') {
      return { ...result, metrics: { tests_failed: worker['tests_failed'] ?? 0 }, reports: [{ guard: 'unit', uses: 'junit', passed: true, summary: '1 test', metrics: { tests: 1 }, artifacts: [artifact('findings.json', 'f')], findings: { errors: 1, warnings: 0, notes: 0, digest: 'f'.repeat(64) } }] };
    }
    if (result.outcome !== 'succeeded') return result;
    const left = { ...evidence, artifacts: subject === 'design' ? [artifact('design.md', 'a')] : [artifact('output', subject === 'build' ? 'b' : 'c')] };
    return { ...result, evidence: subject === 'build' ? { ...left, producer: 'agent', agent: { name: 'scripted', version: '1.0' }, usage: { tokens: 900, usd: 0.02 } } : left };
  };
  const made = new PureWorld(
    definition([
      phase('plan', [task('design')], { gate: null }),
      phase('make', [task('build', { needs: ['design'], uses: 'agent', with: { prompt: 'x' } }), task('check', { needs: ['build', 'design'] })], { needs: ['plan'], gate: { ...oneApproval, rubric: { tests_failed_max: 0 }, heal: { maxRounds: 2 } } }),
    ]),
    works,
  ).start();
  for (let steps = 0; made.todo.length > 0 && steps < 500; steps += 1) made.work();
  return made;
}

describe('an evidence pack', () => {
  it('follows its JSON Schema, which allows nothing else', () => {
    const [stored] = world().packs;
    expect(follows(JSON.parse(JSON.stringify(stored?.pack))), JSON.stringify(follows.errors)).toBe(true);
    expect(follows({ ...stored?.pack, more: 1 })).toBe(false);
    expect(follows({ ...stored?.pack, guardReports: [{ ...stored?.pack.guardReports[0], more: 1 }] })).toBe(false);
  });

  it('says of every task what did it, from what, and what it cost', () => {
    const [stored] = world().packs;
    const [build, check] = stored?.pack.tasks ?? [];
    expect(build?.provenance).toEqual({
      uses: 'agent',
      parameters: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
      agent: { name: 'scripted', version: '1.0' },
      inputs: { commit: expect.stringMatching(/^[0-9a-f]{40}$/) as string, needs: [{ task: 'design', commit: expect.any(String) as string, artifacts: ['a'.repeat(64)] }] },
      cost: { durationMs: 5, tokens: 900, usd: 0.02 },
    });
    expect(check?.provenance).toMatchObject({ agent: null, inputs: { needs: [{ task: 'build', artifacts: ['b'.repeat(64)] }, { task: 'design' }] }, cost: { durationMs: 5 } });
  });

  it('has the digest that the ledger names, also where the evaluation at once made tasks that repair what it found', () => {
    const made = world({ tests_failed: 2 });
    expect(made.packs.length).toBe(3);
    for (const { digest, pack } of made.packs) expect(evidenceDigest(pack)).toBe(digest);
    expect(made.packs.map(({ pack }) => pack.tasks.map(({ id }) => id))).toEqual([['build', 'check'], ['build', 'check', 'heal-make-1-1'], ['build', 'check', 'heal-make-1-1', 'heal-make-2-1']]);
  });
});

describe('lineage', () => {
  const packs = world().packs.map(({ pack }) => pack);

  it('leads from a task back through everything it was made from, each told once', () => {
    const answer = lineageOf(packs, 'check');
    const shape = (one: Lineage): unknown => [one.task, one.again, one.inputs.map(shape)];
    expect(answer.of === 'task' && shape(answer.lineage)).toEqual(['check', false, [['build', false, []]]]);
    expect(answer).toMatchObject({ lineage: { phase: 'make', base: expect.any(String) as string, inputs: [{ by: 'scripted 1.0', uses: 'agent', cost: { tokens: 900 }, artifacts: [{ name: 'output', digest: 'b'.repeat(64) }] }] } });
  });

  it('is found by the beginning of a digest, for what tasks and guards left', () => {
    expect(lineageOf(packs, 'bbbbbb')).toMatchObject({ of: 'artifact', name: 'output', madeBy: [{ task: 'build' }] });
    expect(lineageOf(packs, 'f'.repeat(64))).toMatchObject({ of: 'guard', guard: 'unit', uses: 'junit', phase: 'make', madeFrom: [{ task: 'build' }, { task: 'check', inputs: [{ task: 'build', again: true }] }] });
  });

  it('names nothing for what is unknown, too short or not unique', () => {
    const [pack] = packs;
    if (!pack) throw new Error('there is no pack');
    const alike = { ...pack, guardReports: [{ ...pack.guardReports[0]!, artifacts: [artifact('x', 'b')].map((one) => ({ ...one, digest: `bbbbbbb${'c'.repeat(57)}` })) }] };
    expect(lineageOf([alike], 'bbbbbb')).toEqual({ of: 'nothing', candidates: ['b'.repeat(64), `bbbbbbb${'c'.repeat(57)}`] });
    expect(lineageOf(packs, 'bb')).toEqual({ of: 'nothing', candidates: [] });
    expect(lineageOf(packs, '../secrets')).toEqual({ of: 'nothing', candidates: [] });
  });

  it('is read from exported files, also where they are not as they should be', () => {
    const [pack] = packs;
    expect(readPack(JSON.stringify(pack))).toEqual(pack);
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom('tasks', 'guardReports', 'provenance', 'inputs', 'needs', 'artifacts', 'phase'), (value, where) => {
        const text = JSON.stringify(pack, (key, one: unknown) => (key === where ? value : one));
        const read = readPack(text);
        if (read) expect(lineageOf([read], 'check').of).toMatch(/task|nothing/);
      }),
    );
    expect(readPack('{')).toBeNull();
    expect(readPack('[]')).toBeNull();
  });

  it('of packs of earlier versions tells the task without what it came from', () => {
    const old = packs.map(({ tasks, clarifications: _c, knowledge: _k, ...pack }) => ({ ...pack, tasks: tasks.map(({ provenance: _p, ...one }) => one) }));
    expect(lineageOf(old, 'check')).toMatchObject({ of: 'task', lineage: { task: 'check', uses: 'noop', inputs: [], cost: null } });
  });

  it('ends also where packs were forged to lead in a circle', () => {
    const circle = packs.map((pack) => ({ ...pack, tasks: pack.tasks.map((one) => (one.id === 'build' && one.provenance ? { ...one, provenance: { ...one.provenance, inputs: { commit: null, needs: [{ task: 'check', commit: null, artifacts: [] }] } } } : one)) }));
    expect(lineageOf(circle, 'check')).toMatchObject({ lineage: { task: 'check', inputs: [{ task: 'build', inputs: [{ task: 'check', again: true, inputs: [] }] }] } });
  });
});
