import { existsSync, mkdirSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { reasonOf } from '../kit/reason-of.ts';
import { runTemplateThread } from './embedded-thread-link.ts';
import { pgliteVersion } from './pglite-version.ts';

/**
 * A new embedded database is unpacked from a template archive (0.3 s), because making one with `initdb` takes seconds.
 * The build puts the archive beside the built program; a program without one (running from sources) makes it once and
 * keeps it in the user's cache folder.
 */

/** Counts the ways in which the archive was ever made: a cached one that was made in another way is not used. */
const RECIPE = 2;

/** The archive's file name; it holds PGlite's version, since another version may not read it. */
export function templateName(): string {
  return `pglite-${pgliteVersion()}-template-${RECIPE}.tar.gz`;
}

/**
 * The path of the template archive, made first if there is none. Undefined where none can be kept (read-only home and
 * temporary folder): the database is then made the slow way.
 */
export async function findTemplate(cacheFolder: string | undefined, onNotice: (text: string) => void): Promise<string | undefined> {
  const shipped = fileURLToPath(new URL(`./${templateName()}`, import.meta.url));
  if (existsSync(shipped)) return shipped;
  const folders = cacheFolder === undefined ? [join(homedir(), '.cache', 'missiongate'), join(tmpdir(), 'missiongate-cache')] : [cacheFolder];
  for (const folder of folders) {
    const path = join(folder, templateName());
    if (existsSync(path)) return path;
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
    } catch {
      continue;
    }
    onNotice(`Preparing the embedded database for the first time on this machine (a few seconds, kept in ${path}).`);
    try {
      await runTemplateThread(path);
      return path;
    } catch (error) {
      onNotice(`The template could not be kept: ${reasonOf(error)}`);
    }
  }
  return undefined;
}

/** Makes the archive in `folder` unless it is there already; returns its path. For the build. */
export async function buildTemplate(folder: string): Promise<string> {
  const path = join(folder, templateName());
  if (!existsSync(path)) {
    mkdirSync(folder, { recursive: true });
    await runTemplateThread(path);
  }
  return path;
}
