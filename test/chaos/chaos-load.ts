import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { closeSync, existsSync, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { systemClock } from '../../src/kit/system-clock.ts';
import { createBullQueue } from '../../src/queue/bull-queue.ts';
import { openPostgresDatabase } from '../../src/store/postgres-database.ts';
import { createStore } from '../../src/store/store.ts';
import { definition, phase, task } from '../support/definitions.ts';
import { engineWorld } from '../support/engine-world.ts';
import { person, source } from '../support/pure-world.ts';

export interface Load {
  readonly missions: number;
  readonly tasksEach: number;
  /** Tasks of one mission at the same time. */
  readonly parallel: number;
}

/** Tasks that one other task waits for: deep enough that a lost one would show, wide enough to be quick. */
const chainLength = 5;

/**
 * Plans missions that live in no issue (nothing to show on GitHub), with the product's own engine, and starts them: the
 * tasks are ready for whatever workers there are. Resolves with the missions' ids.
 */
export async function plantMissions(at: { readonly databaseUrl: string; readonly redisUrl: string; readonly prefix: string }, load: Load): Promise<readonly string[]> {
  const database = openPostgresDatabase({ url: at.databaseUrl, applicationName: 'chaos-load' });
  const queue = await createBullQueue({ backend: { kind: 'redis', url: at.redisUrl }, prefix: at.prefix });
  const tasks = Array.from({ length: load.tasksEach }, (_, index) => task(`t${index}`, { needs: index % chainLength === 0 ? [] : [`t${index - 1}`] }));
  const world = engineWorld({
    store: createStore(database, systemClock),
    queue,
    definition: definition([phase('work', tasks, { gate: null })], { maxParallel: load.parallel }),
  });
  const homeless = { ...source, installationId: 0 };
  const ids = Array.from({ length: load.missions }, () => `r1-i${randomUUID().slice(0, 8)}`);
  try {
    for (const id of ids) {
      await world.send(id, 'request', { kind: 'mission.requested', source: homeless, title: 'load', body: '', actor: person('author') });
      await world.until(id, (state) => state.status === 'planned');
    }
    for (const id of ids) await world.send(id, 'queue', { kind: 'mission.queue-requested', source: homeless, actor: person('author') });
    for (const id of ids) await world.engine.advance(id);
  } finally {
    await world.stop();
  }
  return ids;
}

/** An issue whose tasks change files: branches, check runs, merges and a pull request, each of which must be there once. */
export function issueText(tasks: number): string {
  const items = Array.from({ length: tasks }, (_, index) => `- [ ] Write file ${index}\n  - id: file-${index}\n  - uses: file.write\n  - path: files/${index}.txt\n\n  \`\`\`\n  number ${index}\n  \`\`\`\n`);
  return `- max parallel: 4\n- merge: squash\n\n## Write\n- gate: none\n\n${items.join('')}`;
}

/** Files of a repository whose tasks can be made to wait. */
export const waitingFiles = {
  // Waits at a FIFO as long as there is one (without using up time of the machine), then leaves a file.
  'wait.sh': 'if [ -p "$1" ]; then read -r line < "$1"; fi\nmkdir -p out\necho "task $2" > "out/$2.txt"\n',
};

/** Where tasks wait until they are released, all at once. */
export class WaitingPlace {
  readonly #fifo: string;

  constructor(folder: string) {
    this.#fifo = join(folder, 'waiting-place');
    execFileSync('mkfifo', [this.#fifo]);
  }

  /** An issue whose tasks all run at the same time, and wait here. */
  issue(tasks: number): string {
    const items = Array.from({ length: tasks }, (_, index) => `- [ ] Wait ${index}\n  - id: wait-${index}\n  - run: sh wait.sh ${this.#fifo} ${index}\n`);
    return `- max parallel: ${tasks}\n- merge: squash\n\n## Wait\n- gate: none\n\n${items.join('')}`;
  }

  /** Whoever waits goes on, and nobody waits any more. */
  release(): void {
    if (!existsSync(this.#fifo)) return;
    const writer = openSync(this.#fifo, 'r+');
    rmSync(this.#fifo);
    closeSync(writer);
  }
}
