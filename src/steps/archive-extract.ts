import { ArchiveMeter, checkTogether, largestArchive, type ArchiveFile } from './archive-limits.ts';
import { readTar } from './read-tar.ts';
import { readZip } from './read-zip.ts';
import { before, restoring } from './restoring.ts';
import { closed, flag, folder, oneOf, path } from './schema-parts.ts';
import { treeOf, workspaceOf } from './step-context.ts';
import { StepError, type StepContext, type StepOutcome, type StepType, type WorkspaceTree } from './step-type.ts';

interface ArchiveExtractParameters {
  readonly archive: string;
  readonly to?: string;
  readonly format?: ArchiveFormat;
  readonly overwrite?: boolean;
}

export type ArchiveFormat = 'zip' | 'tar.gz' | 'tar';
export const archiveFormats: readonly ArchiveFormat[] = ['zip', 'tar.gz', 'tar'];

/** Unpacks an archive. */
export const archiveExtract: StepType = {
  name: 'archive.extract',
  summary: 'Unpacks a zip, tar.gz or tar file of the repository into a folder. Links, paths that leave the folder and archives that unpack to too much are refused before anything is written.',
  needsWorkspace: true,
  effects: ['reads-files', 'writes-files'],
  parameters: closed({
    archive: path('The archive, relative to the root of the repository; at most 100 MB, packed and unpacked, and 10,000 entries.'),
    to: folder('The folder to unpack into; the root when absent.'),
    format: oneOf(archiveFormats, 'What it is; by its ending when absent.'),
    overwrite: flag('True: files that are there are replaced. Otherwise that fails the task before anything is written.'),
  }, ['archive']),
  examples: [{ archive: 'assets/icons.zip', to: 'icons' }],
  inverse: restoring('files'),
  async run(context: StepContext): Promise<StepOutcome> {
    const { archive, to, format, overwrite = false } = context.parameters as unknown as ArchiveExtractParameters;
    const tree = treeOf(context);
    const packed = await tree.readBytes(archive, largestArchive);
    const meter = new ArchiveMeter(archive, packed.length);
    const files = await unpacked(format ?? formatOf(archive), packed, meter);
    checkTogether(meter, files);
    const placed = files.map((file) => ({ ...file, path: to === undefined ? file.path : `${to.replace(/\/+$/, '')}/${file.path}` })).toSorted((a, b) => (a.path < b.path ? -1 : 1));
    await checkPlaces(tree, placed, overwrite);
    await writeAll(context, placed);
    const bytes = files.reduce((sum, file) => sum + file.content.length, 0);
    const paths = placed.map((file) => file.path);
    return {
      summary: `Unpacked ${files.length} ${files.length === 1 ? 'file' : 'files'} (${bytes} bytes) of ${archive}${to === undefined ? '' : ` into ${to}`}.`,
      outputs: { count: files.length, bytes, ...(paths.length <= 1000 ? { files: paths, ...before(context) } : {}) },
      artifacts: [{ name: 'files', mediaType: 'text/plain', text: `${paths.join('\n')}\n` }],
    };
  },
};

/** What an archive is by its name's ending. */
export function formatOf(name: string): ArchiveFormat {
  if (/\.zip$/i.test(name)) return 'zip';
  if (/\.(?:tar\.gz|tgz)$/i.test(name)) return 'tar.gz';
  if (/\.tar$/i.test(name)) return 'tar';
  throw new StepError('input', `${JSON.stringify(name)} ends neither with .zip nor .tar.gz, .tgz, .tar. Say which it is with "format".`);
}

function unpacked(format: ArchiveFormat, packed: Buffer, meter: ArchiveMeter): Promise<readonly ArchiveFile[]> {
  return format === 'zip' ? readZip(packed, meter) : readTar(packed, meter);
}

/** The workspace refuses each path it would refuse to write; nothing is written until all are fine. */
async function checkPlaces(tree: WorkspaceTree, files: readonly ArchiveFile[], overwrite: boolean): Promise<void> {
  const there: string[] = [];
  for (const file of files) {
    const facts = await tree.facts(file.path);
    if (facts === null) continue;
    if (facts.kind !== 'file') throw new StepError('input', `The archive holds the file ${JSON.stringify(file.path)}, where a ${facts.kind} stands. Nothing was written. Unpack it into another folder.`);
    there.push(file.path);
  }
  if (there.length > 0 && !overwrite) throw new StepError('input', `${there.slice(0, 5).map((one) => JSON.stringify(one)).join(', ')}${there.length > 5 ? ` and ${there.length - 5} more` : ''} would be replaced. Nothing was written. Unpack into another folder, or say "overwrite: true".`);
}

/** All or nothing: what was written before a failure is undone. */
async function writeAll(context: StepContext, files: readonly ArchiveFile[]): Promise<void> {
  const tree = treeOf(context);
  const undo: (() => Promise<void>)[] = [];
  try {
    for (const file of files) {
      if (context.signal.aborted) throw new StepError('cancelled', 'Unpacking was ended because the attempt was cancelled.');
      const old = await tree.facts(file.path);
      const content = old === null ? null : await tree.readBytes(file.path);
      await tree.writeBytes(file.path, file.content, { executable: file.executable });
      undo.push(() => (content === null ? workspaceOf(context).removeFile(file.path) : tree.writeBytes(file.path, content, { executable: old?.executable ?? false })));
    }
  } catch (error) {
    for (const back of undo.toReversed()) await back();
    throw error;
  }
}
