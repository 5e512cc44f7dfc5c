import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';

import { extract } from 'tar-stream';

import { checkEntryName, type ArchiveFile, type ArchiveMeter } from './archive-limits.ts';
import { StepError } from './step-type.ts';

/** Unpacks a tar, gzipped or not, in memory, within the meter's limits. Only files and folders; no links, no devices. */
export async function readTar(packed: Buffer, meter: ArchiveMeter): Promise<readonly ArchiveFile[]> {
  const files: ArchiveFile[] = [];
  const tar = extract();
  const isZipped = packed[0] === 0x1f && packed[1] === 0x8b;
  const source = Readable.from([packed]);
  const plain = isZipped ? source.pipe(createGunzip()) : source;
  plain.on('error', (error: Error) => tar.destroy(error));
  // Headers and padding count too: an archive of nothing but names is one made to do harm.
  plain.on('data', (chunk: Buffer) => {
    try {
      meter.addBytes(chunk.length);
    } catch (error) {
      plain.unpipe(tar);
      plain.destroy();
      tar.destroy(error as Error);
    }
  });
  plain.pipe(tar);
  try {
    for await (const entry of tar) {
      meter.addEntry();
      const { name, type, mode } = entry.header;
      const path = checkEntryName(meter, name);
      if (type === 'symlink' || type === 'link') throw meter.refusal(`the entry ${JSON.stringify(path)} is a link`);
      if (type !== 'file' && type !== 'contiguous-file' && type !== 'directory') throw meter.refusal(`the entry ${JSON.stringify(path)} is neither a file nor a folder`);
      const chunks: Buffer[] = [];
      for await (const chunk of entry) chunks.push(chunk as Buffer);
      if (type !== 'directory') files.push({ path, content: Buffer.concat(chunks), executable: (mode & 0o100) !== 0 });
    }
  } catch (error) {
    throw error instanceof StepError ? error : meter.refusal(`it is damaged (${error instanceof Error ? error.message.slice(0, 200) : 'it cannot be read'})`);
  } finally {
    plain.destroy();
  }
  return files;
}
