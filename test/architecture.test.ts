import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '..', 'src');

/** Rooms by level; a room may import rooms of lower levels, and itself. Neighbours of one level do not know each other. */
const levels: readonly (readonly string[])[] = [['kit'], ['core'], ['steps'], ['guards'], ['engine'], ['github', 'http', 'worker', 'agents', 'queue', 'store', 'forge', 'config', 'telemetry'], ['main']];

function filesOf(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return filesOf(path);
    return name.endsWith('.ts') ? [path] : [];
  });
}

const files = filesOf(root);

/** Modules of our own that a file imports, dynamic imports and re-exports included. */
function importsOf(file: string): readonly string[] {
  const text = readFileSync(file, 'utf8').replaceAll(/`(?:[^`\\]|\\.)*`/gs, '``');
  return [...text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map((match) => resolve(dirname(file), match[1] ?? ''));
}

const roomOf = (file: string) => relative(root, file).split('/')[0] ?? '';
const levelOf = (room: string) => levels.findIndex((rooms) => rooms.includes(room));

describe('the rooms', () => {
  it('are those of the map', () => {
    expect([...new Set(files.map(roomOf))].filter((room) => levelOf(room) < 0)).toEqual([]);
  });

  it('import only rooms below them', () => {
    const wrong = files.flatMap((file) =>
      importsOf(file)
        .filter((target) => roomOf(target) !== roomOf(file) && levelOf(roomOf(target)) >= levelOf(roomOf(file)))
        .map((target) => `${relative(root, file)} → ${relative(root, target)}`),
    );
    expect(wrong).toEqual([]);
  });

  it('have no import cycles', () => {
    const done = new Set<string>();
    const cycles: string[] = [];
    const visit = (file: string, path: readonly string[]): void => {
      if (path.includes(file)) {
        cycles.push([...path.slice(path.indexOf(file)), file].map((one) => relative(root, one)).join(' → '));
        return;
      }
      if (done.has(file)) return;
      for (const target of importsOf(file)) visit(target, [...path, file]);
      done.add(file);
    };
    for (const file of files) visit(file, []);
    expect(cycles).toEqual([]);
  });

  it('leave environment, exit and console to main', () => {
    const wrong = files.filter((file) => roomOf(file) !== 'main' && /\bprocess\.(env|exit)\b|\bconsole\./.test(code(file)));
    expect(wrong.map((file) => relative(root, file))).toEqual([]);
  });

  it('keep time and chance out of core, steps and engine', () => {
    const wrong = files.filter((file) => ['core', 'steps', 'engine'].includes(roomOf(file)) && /\bDate\.now\(|\bMath\.random\(|\bnew Date\(\)|\bsetTimeout\(|\bsetInterval\(|\brandomUUID\(/.test(code(file)));
    expect(wrong.map((file) => relative(root, file))).toEqual([]);
  });

  it('keep BullMQ in the queue and SQL drivers in queue and store', () => {
    const wrong = files.flatMap((file) => {
      const packages = [...readFileSync(file, 'utf8').matchAll(/from '([^.'][^']*)'/g)].map((match) => match[1] ?? '');
      return packages
        .filter((name) => (/^(bullmq|ioredis)/.test(name) && roomOf(file) !== 'queue') || (/^(pg|@electric-sql)/.test(name) && !['queue', 'store'].includes(roomOf(file))))
        .map((name) => `${relative(root, file)} → ${name}`);
    });
    expect(wrong).toEqual([]);
  });
});

/** The file without comments and string contents, so that talking about a thing is not using it. */
function code(file: string): string {
  return readFileSync(file, 'utf8')
    .replaceAll(/\/\*[\s\S]*?\*\//g, '')
    .replaceAll(/\/\/.*$/gm, '')
    .replaceAll(/'(?:[^'\\\n]|\\.)*'/g, "''");
}
