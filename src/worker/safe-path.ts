import { StepError } from '../steps/step-type.ts';

/** Longest file name in bytes on ext4, xfs, btrfs, APFS and NTFS alike. */
const NAME_BYTES = 255;
/** PATH_MAX of Linux. */
const PATH_BYTES = 4096;

/** Code points that HFS+ ignores in names (git's utf8.c, `next_hfs_char`): `.g\u200cit` is `.git` there. */
const HFS_IGNORED = /[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g;

/**
 * Whether one path component would be git's own folder on some file system: any letter case, NTFS short names (`git~1`),
 * NTFS streams (`.git::$INDEX_ALLOCATION`), trailing dots and spaces (Windows), and code points that HFS+ ignores.
 * The rules of git's `verify_path` with `core.protectNTFS` and `core.protectHFS`, on every platform.
 */
export function isGitName(component: string): boolean {
  const plain = component.replace(HFS_IGNORED, '').toLowerCase();
  const base = plain.split(':')[0]!.replace(/[. ]+$/, '');
  return base === '.git' || /^git~[0-9]+$/.test(base);
}

function refused(path: string, reason: string): StepError {
  const shown = JSON.stringify(path.length > 200 ? `${path.slice(0, 200)}…` : path);
  return new StepError('input', `The path ${shown} is refused: ${reason}. Give a path inside the repository, relative to its root, with "/" between names.`);
}

/**
 * Splits a relative path into its components, or throws `StepError('input')`. What comes out holds no `..`, no git folder, no
 * backslash, no control character, and no name the file system refuses. Symbolic links are `safe-files.ts`'s concern.
 */
export function pathComponents(path: string): string[] {
  if (path === '') throw refused(path, 'it is empty');
  if (path.includes('\0')) throw refused(path, 'it holds a NUL');
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  if (/[\x01-\x1f\x7f]/.test(path)) throw refused(path, 'it holds a control character');
  if (/\p{Surrogate}/u.test(path)) throw refused(path, 'it is not valid Unicode');
  if (path.includes('\\')) throw refused(path, 'it holds a backslash');
  if (path.startsWith('/') || /^[A-Za-z]:/.test(path)) throw refused(path, 'it is absolute');
  if (Buffer.byteLength(path) > PATH_BYTES) throw refused(path, `it is longer than ${PATH_BYTES} bytes`);
  const components = path.split('/').filter((component) => component !== '' && component !== '.');
  if (path.endsWith('/') || components.length === 0) throw refused(path, 'it names a folder');
  for (const component of components) {
    if (component === '..') throw refused(path, 'it leaves the workspace');
    if (isGitName(component)) throw refused(path, 'it leads into a git folder');
    if (Buffer.byteLength(component) > NAME_BYTES) throw refused(path, `a name in it is longer than ${NAME_BYTES} bytes`);
  }
  return components;
}

/** Like `pathComponents`, for folders: `.` and a trailing `/` are allowed. */
export function folderComponents(path: string): string[] {
  if (path === '.' || path === './') return [];
  return pathComponents(path.endsWith('/') ? path.slice(0, -1) : path);
}
