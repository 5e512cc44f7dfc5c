import { relative } from 'node:path';

import { BaseSequencer } from 'vitest/node';
import type { TestSpecification } from 'vitest/node';

/** The suites that take longest, the longest first: started late, one of them would be left running alone at the end. */
const longest = [
  'test/scenarios/local-interrupted.test.ts',
  'test/scenarios/local-run.test.ts',
  'test/chaos/crash-matrix.test.ts',
  'test/chaos/chaos.test.ts',
  'test/simulation/simulation.test.ts',
  'test/scenarios/operations.test.ts',
  'test/scenarios/reconciliation.test.ts',
  'test/github/annotations.test.ts',
  'test/github/projector.test.ts',
  'test/engine/resume-after-kill.test.ts',
  'test/worker/hostile-program.test.ts',
  'test/scenarios/conversation.test.ts',
  'test/scenarios/main-job.test.ts',
  'test/scenarios/action.test.ts',
  'test/main/missions.test.ts',
  'test/store/database-embedded.test.ts',
  'test/queue/queue-embedded.test.ts',
  'test/queue/queue-postgres.test.ts',
  'test/queue/queue-redis.test.ts',
  'test/config/mission-fuzz.test.ts',
  'test/scenarios/approvals.test.ts',
  'test/scenarios/deliveries.test.ts',
  'test/worker/git-failures.test.ts',
];

/** The longest suites first, the fast ones last: they fill the gaps. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const usual = await super.sort(files);
    return usual.toSorted((one, other) => this.#turnOf(one) - this.#turnOf(other));
  }

  #turnOf({ moduleId, project }: TestSpecification): number {
    const path = relative(this.ctx.config.root, moduleId).replaceAll('\\', '/');
    const known = longest.indexOf(path);
    if (known >= 0) return known;
    return longest.length + (project.name === 'unit' ? 1 : 0);
  }
}
