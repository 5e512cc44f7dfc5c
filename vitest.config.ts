import { defineConfig } from 'vitest/config';

/** Suites that need neither servers, processes nor git: the fast loop. */
const unit = ['test/architecture.test.ts', 'test/core/**/*.test.ts', 'test/config/**/*.test.ts', 'test/engine/**/*.test.ts', 'test/guards/**/*.test.ts', 'test/telemetry/**/*.test.ts', 'test/agents/**/*.test.ts', 'test/bench/*.test.ts'];
/** Those of them that run thousands of steps: too slow for a loop. */
const slow = ['test/engine/resume-after-kill.test.ts', 'test/config/mission-fuzz.test.ts'];

export default defineConfig({
  test: {
    maxWorkers: 2,
    passWithNoTests: false,
    coverage: { provider: 'v8', include: ['src/core/**/*.ts', 'src/engine/**/*.ts', 'src/guards/**/*.ts', 'src/steps/**/*.ts'], reporter: ['text-summary', 'json-summary'], thresholds: { lines: 85 } },
    projects: [
      { test: { name: 'unit', include: unit, exclude: slow, isolate: false, testTimeout: 30_000 } },
      {
        test: {
          name: 'whole',
          include: ['test/**/*.test.ts'],
          exclude: [...unit.filter((path) => !slow.includes(path)), 'test/bench/**'],
          pool: 'forks',
          globalSetup: ['test/support/global-setup.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
