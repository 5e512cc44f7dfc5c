import { describe, expect, it } from 'vitest';

import { examineWith } from './support/guard-world.ts';

const read = (...lines: string[]) => examineWith('lcov', { path: 'lcov.info' }, { files: { 'lcov.info': lines.join('\n') } });

describe('an LCOV report', () => {
  it('that tells of a file several times, once for each test, counts its lines once', async () => {
    const { metrics } = await read('TN:a', 'SF:x', 'DA:1,1', 'DA:2,0', 'BRDA:1,0,0,1', 'BRDA:1,0,1,-', 'FNDA:1,f', 'end_of_record', 'TN:b', 'SF:x', 'DA:1,0', 'DA:2,3', 'BRDA:1,0,1,2', 'FNDA:0,f', 'end_of_record');
    expect(metrics).toEqual({ lines_coverable: 2, lines_covered: 2, branches_coverable: 2, branches_covered: 2, functions_coverable: 1, functions_covered: 1 });
  });

  it('of version 2.2 tells functions by index, with names that may hold commas', async () => {
    expect((await read('SF:x', 'FNL:0,1,5', 'FNA:0,4,f(int, int)', 'FNL:1,7,9', 'FNA:1,0,g', 'DA:1,1', 'end_of_record')).metrics).toMatchObject({ functions_coverable: 2, functions_covered: 1 });
  });

  it('counts two functions of one name as two, also where the file is told again', async () => {
    const part = ['SF:x', 'DA:1,1', 'FNDA:1,constructor', 'FNDA:0,constructor', 'end_of_record'];
    expect((await read(...part, ...part)).metrics).toMatchObject({ functions_coverable: 2, functions_covered: 1 });
  });

  it('that leaves the lines out is believed its sums', async () => {
    expect((await read('SF:x', 'LF:10', 'LH:7', 'BRF:4', 'BRH:9', 'end_of_record')).metrics).toMatchObject({ lines_coverable: 10, lines_covered: 7, branches_coverable: 4, branches_covered: 4 });
  });

  it.each([
    ['TN:', 'lcov.info tells of no file: nothing ran.'],
    ['SF:x\nend_of_record', 'lcov.info tells of no line that can be covered: nothing ran.'],
    ['SF:x\nDA:1', 'lcov.info:2: DA is not followed by a line and its number of runs.'],
    ['SF:x\nDA:1,many', 'lcov.info:2: DA is not followed by a line and its number of runs.'],
    ['SF:x\nBRDA:1,0,0', 'lcov.info:2: BRDA is not followed by line, block, branch and number of times.'],
    ['DA:1,1', 'lcov.info:1: a line that belongs to a file stands outside of one (SF is missing).'],
    ['SF:x\nDA:1,1\nSF:y', 'lcov.info:3: a file begins before the one before it has ended'],
    ['SF:x\nDA:1,1', 'lcov.info:1: the file that begins here does not end (end_of_record is missing). The report is cut.'],
    ['end_of_record', 'lcov.info:1: a file ends that has not begun (SF is missing).'],
    ['mode: set\nx.go:1.1,2.2 1 1', 'lcov.info:1: the line is no LCOV'],
  ])('that is malformed names the line: %j', async (text, reason) => {
    expect(await read(text)).toMatchObject({ passed: false, metrics: {}, summary: expect.stringContaining(reason) as string });
  });
});
