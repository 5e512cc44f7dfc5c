import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const folder = join(import.meta.dirname, 'contenders');

/** A program of `contenders/` in a process of its own; what it prints are lines of JSON. */
export function startChild(program: string, brief: unknown, options: { readonly nodeArguments?: readonly string[] } = {}): { readonly child: ChildProcess; lines(): AsyncIterable<unknown>; finished: Promise<void> } {
  const loader = program.endsWith('.ts') ? ['--import', 'tsx'] : [];
  const extra = (process.env.BENCH_NODE_ARGUMENTS ?? '').split(' ').filter((word) => word !== '');
  const child = spawn(process.execPath, [...loader, ...extra, ...(options.nodeArguments ?? []), join(folder, program), JSON.stringify(brief)], {
    cwd: join(import.meta.dirname, '..', '..'),
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, NODE_ENV: 'production' },
  });
  let complaints = '';
  child.stderr.on('data', (chunk: Buffer) => (complaints = (complaints + chunk.toString()).slice(-4000)));
  const finished = new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`${pathToFileURL(program).pathname.split('/').at(-1)} ended with code ${code}:\n${complaints}`))));
  });
  finished.catch(() => undefined);
  return {
    child,
    finished,
    async *lines() {
      for await (const line of createInterface({ input: child.stdout })) {
        if (line.startsWith('{')) yield JSON.parse(line) as unknown;
      }
      await finished;
    },
  };
}
