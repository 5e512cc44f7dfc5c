// Makes a fresh clone ready to run: dependencies installed as locked, program built from the present sources.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');

/** Ends with a sentence and the way out when this Node is too old. */
function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  console.error(`Missiongate needs Node 20.19 or newer; this is ${process.versions.node}. Install a newer one from https://nodejs.org.`);
  process.exit(1);
}

function run(command, args, what) {
  const windows = process.platform === 'win32';
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'], shell: windows && command === 'npm' });
  if (status === 0) return;
  console.error(`${what} failed${error ? `: ${error.message}` : ` with exit code ${status}`}.`);
  process.exit(1);
}

/** Digest of every file whose content the build depends on. */
function sourceDigest() {
  const hash = createHash('sha256');
  const visit = (path) => {
    if (statSync(path).isDirectory()) for (const name of readdirSync(path).sort()) visit(join(path, name));
    else hash.update(path.slice(root.length)).update(readFileSync(path));
  };
  for (const name of ['src', 'package-lock.json', 'tsconfig.json', 'scripts/build-program.mjs']) visit(join(root, name));
  return hash.digest('hex');
}

export function ensureReady() {
  checkNode();
  const lock = readFileSync(join(root, 'package-lock.json'));
  const stamp = join(root, 'node_modules', '.missiongate-lock');
  const wanted = createHash('sha256').update(lock).digest('hex');
  if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== wanted) {
    console.log('Installing dependencies as locked (once) …');
    run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], 'npm ci');
    writeFileSync(stamp, wanted);
  }
  const built = join(root, 'dist', '.sources');
  const sources = sourceDigest();
  if (!existsSync(built) || readFileSync(built, 'utf8') !== sources) {
    console.log('Building …');
    run(process.execPath, [join(root, 'scripts', 'build-program.mjs')], 'The build');
    writeFileSync(built, sources);
  }
  return root;
}

if (process.argv[1] === import.meta.filename) ensureReady();
