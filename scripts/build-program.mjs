// Makes `dist/main/`: the program in few files, which load in less than half the time that its own modules and those of its packages take.
import { spawnSync } from 'node:child_process';
import { chmodSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { build } from 'esbuild';

const root = resolve(import.meta.dirname, '..');

/** Everything beside each other: what is found by its place (threads, the template of the database) is found from any of the files. */
const folder = join(root, 'dist', 'main');

/** Packages that read files of their own, or start them as threads: they stay where they are installed. */
const external = ['@electric-sql/pglite', 'fontkit', 'pdfmake', 'pino', 'subset-font'];

/** Packages that ask where they lie, and can do without the answer: for names in messages, programs we do not start, a native part. */
const indifferent = ['bullmq', 'commander', 'ioredis', 'msgpackr', 'msgpackr-extract'];

rmSync(join(root, 'dist'), { recursive: true, force: true });
const { metafile } = await build({
  absWorkingDir: root,
  entryPoints: { cli: 'src/main/cli.ts', 'embedded-thread': 'src/store/embedded-thread.ts', 'pglite-template-build': 'src/store/pglite-template-build.ts' },
  outdir: folder,
  bundle: true,
  splitting: true,
  platform: 'node',
  format: 'esm',
  target: 'node20.19',
  sourcemap: true,
  sourcesContent: false,
  logLevel: 'warning',
  metafile: true,
  external,
  // What is bundled from CommonJS asks for Node's own modules with `require`.
  banner: { js: "import { createRequire as requireOfBundle } from 'node:module'; const require = requireOfBundle(import.meta.url), __filename = import.meta.filename, __dirname = import.meta.dirname;" },
});
const lost = Object.keys(metafile.inputs).flatMap((path) => {
  const [, name] = /^.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path) ?? [];
  return name !== undefined && !indifferent.includes(name) && /\b__(?:dir|file)name\b|\brequire\.resolve\b/.test(readFileSync(join(root, path), 'utf8')) ? [`${name} (${path})`] : [];
});
if (lost.length > 0) throw new Error(`In the bundle these packages do not find their own files: ${lost.join(', ')}. Name what imports them under \`external\`, or under \`indifferent\` what does without.`);
chmodSync(join(folder, 'cli.js'), 0o755);
const { status } = spawnSync(process.execPath, [join(folder, 'pglite-template-build.js')], { stdio: ['ignore', 'ignore', 'inherit'] });
if (status !== 0) throw new Error('The template of the embedded database could not be made.');
