import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { openEmbeddedDatabase } from '../../src/store/embedded-database.ts';
import { FolderInUse, lockFolder } from '../../src/store/folder-lock.ts';

/**
 * Programs that tests start as processes of their own, in order to kill them. `write` opens the folder's database and
 * writes numbers, printing each once it is committed; `lock` takes the folder's lock and keeps it.
 */
export type ProgramName = 'write' | 'lock';

export interface Program {
  readonly pid: number;
  /** Lines printed so far, once `enough` is content with them. Rejects when the program ends before that. */
  linesUntil(enough: (lines: readonly string[]) => boolean): Promise<readonly string[]>;
  /** SIGKILL; resolves once the process is gone. */
  kill(): Promise<void>;
}

export function startProgram(name: ProgramName, folder: string): Program {
  const child = spawn(process.execPath, ['--import', 'tsx', fileURLToPath(import.meta.url), name, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const lines: string[] = [];
  const reader = createInterface({ input: child.stdout });
  reader.on('line', (line) => lines.push(line));
  return {
    pid: child.pid ?? 0,
    linesUntil: (enough) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (enough(lines)) resolve([...lines]);
        };
        reader.on('line', look);
        reader.once('close', () => reject(new Error(`The program ended after ${lines.length} lines.`)));
        look();
      }),
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

async function write(dataDir: string): Promise<void> {
  const database = await openEmbeddedDatabase({ dataDir });
  await database.query('CREATE SCHEMA missiongate; CREATE TABLE written (n int)');
  for (let n = 0; ; n += 1) {
    await database.query('INSERT INTO written VALUES ($1)', [n]);
    process.stdout.write(`${n}\n`);
  }
}

/** Prints `locked`, or ends without a word when the lock is refused. */
function lock(folder: string): void {
  try {
    lockFolder(folder);
  } catch (error) {
    if (error instanceof FolderInUse) return;
    throw error;
  }
  process.stdout.write('locked\n');
  setInterval(() => {}, 60_000);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [name, folder] = process.argv.slice(2) as [ProgramName, string];
  if (name === 'write') await write(folder);
  else lock(folder);
}
