import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, normalize, sep } from 'node:path';

const BLOCK = 512;

/**
 * Unpacks a tar archive (ustar, plain files and folders only, as PGlite writes it) into a folder. Files are readable by
 * their owner only. Throws on an archive that is cut off or that names a path outside the folder.
 */
export function extractTar(archive: Buffer, folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const made = new Set<string>([folder]);
  let at = 0;
  while (at + BLOCK <= archive.length) {
    const header = archive.subarray(at, at + BLOCK);
    at += BLOCK;
    if (header[0] === 0) return;
    const size = Number.parseInt(field(header, 124, 12).trim() || '0', 8);
    const content = archive.subarray(at, at + size);
    if (!Number.isInteger(size) || content.length !== size) break;
    at += Math.ceil(size / BLOCK) * BLOCK;
    const path = insideFolder(folder, [field(header, 345, 155), field(header, 0, 100)].filter((part) => part !== '').join('/'));
    const isFolder = field(header, 156, 1) === '5';
    const parent = isFolder ? path : dirname(path);
    if (!made.has(parent)) {
      mkdirSync(parent, { recursive: true, mode: 0o700 });
      made.add(parent);
    }
    if (!isFolder) writeFileSync(path, content, { mode: 0o600 });
  }
  throw new Error('The database template archive is damaged: it ends too early.');
}

function field(header: Buffer, start: number, length: number): string {
  const bytes = header.subarray(start, start + length);
  const end = bytes.indexOf(0);
  return bytes.toString('utf8', 0, end === -1 ? length : end);
}

function insideFolder(folder: string, name: string): string {
  const path = normalize(join(folder, name));
  if (path !== normalize(folder) && !path.startsWith(normalize(folder) + sep)) {
    throw new Error(`The database template archive names a path outside its folder: ${name}`);
  }
  return path;
}
