import { readdirSync } from 'node:fs';
import { join, sep } from 'node:path';

import { defineConfig } from 'vitest/config';

import { LongestFirst } from './test/support/longest-first.ts';

/** Rooms whose suites need neither servers, processes nor git: the fast loop. */
const fastRooms = /^test\/(core|config|engine|guards|telemetry|agents|bench)\/|^test\/architecture\./;
/** Suites of theirs that take seconds, because they do a thing a thousand times: `npm test` runs them, the fast loop does not. */
const patient = [
  'test/config/mission-fuzz.test.ts',
  'test/core/ledger/tampering.test.ts',
  'test/engine/host-trouble.test.ts',
  'test/engine/resume-after-kill.test.ts',
  'test/engine/timers.test.ts',
  'test/guards/hostile.test.ts',
];
const suites = readdirSync(join(import.meta.dirname, 'test'), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.test.ts'))
  .map((path) => `test/${path.split(sep).join('/')}`);
const fast = suites.filter((path) => fastRooms.test(path) && !patient.includes(path));

export default defineConfig({
  test: {
    // More than there are processors: whoever waits for processes and timers leaves them to others.
    maxWorkers: 3,
    passWithNoTests: false,
    sequence: { sequencer: LongestFirst },
    coverage: { provider: 'v8', include: ['src/core/**/*.ts', 'src/engine/**/*.ts', 'src/guards/**/*.ts', 'src/steps/**/*.ts'], reporter: ['text-summary', 'json-summary'], thresholds: { lines: 85 } },
    projects: [
      { test: { name: 'unit', include: fast, isolate: false, testTimeout: 30_000 } },
      {
        test: {
          name: 'whole',
          include: suites.filter((path) => !fast.includes(path)),
          // Each suite in a process of its own: one that has grown starts programs several times slower, and these start thousands.
          pool: 'forks',
          globalSetup: ['test/support/global-setup.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
