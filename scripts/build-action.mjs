// `npm run build:action`: makes `action/dist/`, the program of the reusable Action with everything it needs.
//
//   node scripts/build-action.mjs            writes what changed
//   node scripts/build-action.mjs --check    writes nothing; 1 when the folder is not what the sources give
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire, isBuiltin } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';

import { build } from 'esbuild';

const root = resolve(import.meta.dirname, '..');
export const actionDist = join(root, 'action', 'dist');

const manifestOf = (folder) => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
const pglite = resolve(dirname(createRequire(import.meta.url).resolve('@electric-sql/pglite')), '..');
const pgliteVersion = manifestOf(pglite).version;

/** PGlite's files by their name in the bundle. */
const programs = { 'pglite.wasm.br': 'pglite.wasm', 'initdb.wasm.br': 'initdb.wasm', 'pglite.data.br': 'pglite.data' };

/** The bundle has no package to ask for its version. */
const bundledVersion = {
  name: 'pglite-version',
  setup: ({ onLoad }) => onLoad({ filter: /[\\/]src[\\/]store[\\/]pglite-version\.ts$/ }, () => ({ contents: `export const pgliteVersion = () => ${JSON.stringify(pgliteVersion)};`, loader: 'ts' })),
};

/**
 * All files that follow from sources and packages alone, by name: the same on every machine. Packages stand in files of their own, which
 * change with the lock file only; an everyday change of ours is a change of the small ones.
 */
export async function actionFiles() {
  const common = { absWorkingDir: root, bundle: true, platform: 'node', format: 'esm', target: 'node20.19', write: false, metafile: true, logLevel: 'error', plugins: [bundledVersion] };
  const entryPoints = { index: 'src/main/action.ts', 'embedded-thread': 'src/store/embedded-thread.ts' };
  const { outputFiles, metafile } = await build({
    ...common,
    plugins: [bundledVersion, packagesOf(await packagesUsed({ ...common, entryPoints }))],
    entryPoints: { ...entryPoints, packages: 'packages' },
    outdir: 'action/dist',
    splitting: true,
    minify: true,
    legalComments: 'none',
    // What is bundled from CommonJS asks for Node's own modules with `require`.
    banner: { js: "import { createRequire as requireOfBundle } from 'node:module'; const require = requireOfBundle(import.meta.url);" },
  });
  const files = new Map(outputFiles.map(({ path, contents }) => [relative(actionDist, path).replaceAll('\\', '/'), Buffer.from(contents)]));
  const { version } = manifestOf(root);
  files.set('package.json', Buffer.from(`${JSON.stringify({ name: 'missiongate-action', private: true, version, type: 'module', pglite: pgliteVersion }, null, 2)}\n`));
  files.set('licenses.txt', Buffer.from(licences(metafile)));
  const missions = join(root, 'config', 'missions');
  for (const name of readdirSync(missions)) files.set(`missions/${name}`, readFileSync(join(missions, name)));
  return files;
}

/** What our own code imports from packages, but for what it imports only when it is needed. */
async function packagesUsed(options) {
  const { metafile } = await build({ ...options, outdir: 'action/dist', packages: 'external' });
  const names = new Set();
  const seen = new Set();
  const visit = (file) => {
    if (seen.has(file)) return;
    seen.add(file);
    for (const { path, kind, external } of metafile.inputs[file].imports) {
      if (kind !== 'import-statement') continue;
      if (external !== true) visit(path);
      else if (!isBuiltin(path)) names.add(path);
    }
  };
  for (const entry of Object.values(options.entryPoints)) visit(entry);
  return [...names].sort((one, other) => (one < other ? -1 : 1));
}

/** An entry of nothing but packages: what two entries share gets a file of its own. */
function packagesOf(names) {
  return {
    name: 'packages',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^packages$/ }, () => ({ path: 'packages', namespace: 'packages' }));
      onLoad({ filter: /.*/, namespace: 'packages' }, () => ({ contents: names.map((name, index) => `export * as p${index} from ${JSON.stringify(name)};`).join('\n'), resolveDir: root, loader: 'js' }));
    },
  };
}

/** Licences of every package that code was taken from. */
function licences(metafile) {
  const folders = new Set(Object.values(metafile.outputs).flatMap(({ inputs }) => Object.entries(inputs).flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? packageOf(path) : []))));
  const texts = [...folders].map((folder) => {
    const { name, version, license } = manifestOf(join(root, folder));
    const file = readdirSync(join(root, folder)).find((one) => /^(licen[cs]e|copying)(\.|-|$)/i.test(one));
    return `${name} ${version} (${typeof license === 'string' ? license : 'see below'})\n\n${file === undefined ? 'The package has no file with its licence.' : readFileSync(join(root, folder, file), 'utf8').replaceAll('\r\n', '\n').trim()}\n`;
  });
  return `What the program of this Action was made from, besides Missiongate itself.\n\n${texts.sort().join(`\n${'-'.repeat(100)}\n\n`)}`;
}

function packageOf(path) {
  const found = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path);
  return found === null ? [] : [found[1]];
}

/** Names of files that are wrong, missing or too many. */
export async function staleFiles() {
  const files = await actionFiles();
  const stale = [...files].filter(([name, content]) => !existsSync(join(actionDist, name)) || !readFileSync(join(actionDist, name)).equals(content)).map(([name]) => name);
  const large = [...Object.keys(programs), templateName()];
  const present = existsSync(actionDist) ? readdirSync(actionDist, { recursive: true, withFileTypes: true }).filter((one) => one.isFile()).map((one) => relative(actionDist, join(one.parentPath, one.name)).replaceAll('\\', '/')) : [];
  const missing = large.filter((name) => !present.includes(name));
  const old = present.filter((name) => !files.has(name) && !large.includes(name));
  return { files, stale, missing, old };
}

/** Numbered as in `src/store/pglite-template.ts`, which made the file of the build; without a build the one that is there is right. */
function templateName() {
  const start = `pglite-${pgliteVersion}-template-`;
  const found = [join(root, 'dist', 'main'), actionDist].flatMap((folder) => (existsSync(folder) ? readdirSync(folder) : [])).find((name) => name.startsWith(start));
  return found ?? `${start}missing.tar.gz`;
}

export async function buildAction() {
  const { ensureReady } = await import('./ensure-ready.mjs');
  void ensureReady();
  const before = existsSync(join(actionDist, 'package.json')) ? manifestOf(actionDist).pglite : null;
  const { files, stale, missing, old } = await staleFiles();
  for (const name of old) rmSync(join(actionDist, name));
  for (const name of stale) {
    mkdirSync(dirname(join(actionDist, name)), { recursive: true });
    writeFileSync(join(actionDist, name), files.get(name));
  }
  // Packing takes most of a minute, and what `initdb` writes differs from time to time: both are made anew with another PGlite only.
  const large = before === pgliteVersion ? missing : [...Object.keys(programs), templateName()];
  for (const name of large) writeFileSync(join(actionDist, name), name in programs ? packed(join(pglite, 'dist', programs[name])) : readFileSync(join(root, 'dist', 'main', name)));
  return [...old, ...stale, ...large];
}

function packed(file) {
  const content = readFileSync(file);
  return brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24, [constants.BROTLI_PARAM_SIZE_HINT]: content.length } });
}

if (process.argv[1] === import.meta.filename) {
  if (process.argv.includes('--check')) {
    const { stale, missing, old } = await staleFiles();
    const wrong = [...stale, ...missing, ...old];
    if (wrong.length > 0) console.error(`action/dist is not what the sources give (${wrong.join(', ')}). Type: npm run build:action`);
    process.exitCode = wrong.length === 0 ? 0 : 1;
  } else {
    const changed = await buildAction();
    console.log(changed.length === 0 ? 'action/dist is up to date.' : `action/dist: ${changed.join(', ')}`);
  }
}
