import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { createGzip } from 'node:zlib';

import { pack } from 'tar-stream';
import { ZipFile } from 'yazl';

import type { JsonObject } from '../kit/json.ts';
import { archiveFormats, formatOf, type ArchiveFormat } from './archive-extract.ts';
import { mostBytes, mostFiles, type ArchiveFile } from './archive-limits.ts';
import { globProblems, matcherOf } from './globs.ts';
import { before, restoring } from './restoring.ts';
import { closed, flag, globs, oneOf, path } from './schema-parts.ts';
import { treeOf } from './step-context.ts';
import { StepError, type StepContext, type StepOutcome, type StepType } from './step-type.ts';

interface ArchiveCreateParameters {
  readonly files: readonly string[];
  readonly to: string;
  readonly format?: ArchiveFormat;
  readonly overwrite?: boolean;
}

/** Packs files. */
export const archiveCreate: StepType = {
  name: 'archive.create',
  summary: 'Packs files of the repository into a zip, tar.gz or tar file. The same files always give the same bytes.',
  needsWorkspace: true,
  effects: ['reads-files', 'writes-files'],
  parameters: closed({
    files: globs('Globs of the files to pack; one that begins with "!" leaves files out. What git ignores is left out.'),
    to: path('The archive to write; at most 100 MB of files, and 10,000 of them.'),
    format: oneOf(archiveFormats, 'What to make; by its ending when absent.'),
    overwrite: flag('True: an archive that is there is replaced. Otherwise that fails the task.'),
  }, ['files', 'to']),
  examples: [{ files: ['**/*.md'], to: 'docs.zip' }, { files: ['src/**'], to: 'out/src.tar.gz' }],
  check: (parameters: JsonObject) => globProblems('files', (parameters as unknown as ArchiveCreateParameters).files),
  inverse: restoring('path'),
  async run(context: StepContext): Promise<StepOutcome> {
    const { files: wanted, to, format, overwrite = false } = context.parameters as unknown as ArchiveCreateParameters;
    const tree = treeOf(context);
    const kind = format ?? formatOf(to);
    if (!overwrite && (await tree.facts(to)) !== null) throw new StepError('input', `${JSON.stringify(to)} exists already. Choose another place, or say "overwrite: true".`);
    const matches = matcherOf(wanted);
    const entries = (await tree.list()).filter((entry) => entry.path !== to && matches(entry.path));
    const total = entries.reduce((sum, entry) => sum + entry.bytes, 0);
    if (entries.length === 0) throw new StepError('input', 'No file matches. Correct "files".');
    if (entries.length > mostFiles || total > mostBytes) throw new StepError('input', `${entries.length} files with ${total} bytes match; at most ${mostFiles} files and ${mostBytes} bytes are packed. Narrow the globs.`);
    const files: ArchiveFile[] = [];
    for (const entry of entries) files.push({ path: entry.path, content: await tree.readBytes(entry.path), executable: entry.executable });
    const packed = await (kind === 'zip' ? zipOf(files) : tarOf(files, kind === 'tar.gz'));
    await tree.writeBytes(to, packed);
    return { summary: `Packed ${files.length} ${files.length === 1 ? 'file' : 'files'} into ${to} (${packed.length} bytes).`, outputs: { path: to, count: files.length, bytes: packed.length, ...before(context) }, artifacts: [] };
  },
};

/** Zip keeps times without a zone, from 1980 on: local midnight is the same bytes everywhere. */
const zipTime = new Date(1980, 0, 1);

function zipOf(files: readonly ArchiveFile[]): Promise<Buffer> {
  const zip = new ZipFile();
  for (const file of files) zip.addBuffer(file.content, file.path, { mtime: zipTime, mode: file.executable ? 0o100755 : 0o100644, forceDosTimestamp: true });
  zip.end();
  return buffer(zip.outputStream as Readable);
}

function tarOf(files: readonly ArchiveFile[], zipped: boolean): Promise<Buffer> {
  const tar = pack();
  for (const file of files) tar.entry({ name: file.path, mode: file.executable ? 0o755 : 0o644, mtime: new Date(0), uid: 0, gid: 0 }, file.content);
  tar.finalize();
  return buffer(zipped ? tar.pipe(createGzip()) : tar);
}
