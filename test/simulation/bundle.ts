import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

import { build } from 'esbuild';
import type { Plugin } from 'esbuild';

import type { Mutation } from './mutations.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** A bundle of the simulator with everything it runs, as one file that loads quickly. */
export interface Bundle {
  readonly file: string;
  remove(): Promise<void>;
}

/** A planted bug no longer fits the code: the table of mutations must be brought up to date. */
export class MutationMisfit extends Error {
  override readonly name = 'MutationMisfit';
}

/** Bundles a worker that runs seeds. The edits of mutations are made to the text of the sources on the way; the files stay as they are. */
export async function bundleSimulator(...mutations: readonly Mutation[]): Promise<Bundle> {
  const folder = await mkdtemp(join(tmpdir(), 'missiongate-simulation-'));
  const file = join(folder, 'simulator.mjs');
  const wanted = mutations.flatMap(({ edits }) => edits);
  const names = mutations.map(({ name }) => name).join(', ');
  const missed = new Set(wanted);
  const mutate: Plugin = {
    name: 'mutate',
    setup(setup) {
      if (wanted.length === 0) return;
      setup.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
        const edits = wanted.filter((edit) => relative(root, path) === edit.file);
        if (edits.length === 0) return undefined;
        let contents = await readFile(path, 'utf8');
        for (const edit of edits) {
          if (contents.split(edit.find).length !== 2) throw new MutationMisfit(`${names}: ${edit.file} does not contain exactly once: ${edit.find}`);
          contents = contents.replace(edit.find, () => edit.replace);
          missed.delete(edit);
        }
        return { contents, loader: 'ts' };
      });
    },
  };
  try {
    await build({
      entryPoints: [join(root, 'test/simulation/seed-worker.ts')],
      outfile: file,
      bundle: true,
      platform: 'node',
      format: 'esm',
      target: 'node20',
      sourcemap: 'inline',
      logLevel: 'silent',
      // Some dependencies are CommonJS and ask for built-in modules.
      banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
      plugins: [mutate],
    });
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
  if (missed.size > 0) throw new MutationMisfit(`${names}: the simulator does not contain ${[...missed].map((edit) => edit.file).join(', ')}`);
  return { file, remove: () => rm(folder, { recursive: true, force: true }) };
}
