import type { Readable } from 'node:stream';

import { fromBuffer, type Entry, type ZipFile } from 'yauzl';

import { checkEntryName, type ArchiveFile, type ArchiveMeter } from './archive-limits.ts';
import { StepError } from './step-type.ts';

const linkMode = 0o120000;
const fileMode = 0o100000;
const folderMode = 0o040000;

/** Unpacks a zip in memory, within the meter's limits. Only files and folders; no links, nothing encrypted. */
export async function readZip(packed: Buffer, meter: ArchiveMeter): Promise<readonly ArchiveFile[]> {
  const zip = await opened(packed, meter);
  const files: ArchiveFile[] = [];
  try {
    for await (const entry of entriesOf(zip)) {
      meter.addEntry();
      const name = checkEntryName(meter, entry.fileName);
      const mode = entry.externalFileAttributes >>> 16;
      const kind = mode & 0o170000;
      if (kind === linkMode) throw meter.refusal(`the entry ${JSON.stringify(name)} is a symbolic link`);
      if (kind !== 0 && kind !== fileMode && kind !== folderMode) throw meter.refusal(`the entry ${JSON.stringify(name)} is neither a file nor a folder`);
      if (entry.isEncrypted()) throw meter.refusal(`the entry ${JSON.stringify(name)} is encrypted`);
      if (entry.fileName.endsWith('/')) continue;
      const chunks: Buffer[] = [];
      for await (const chunk of await contentOf(zip, entry)) {
        meter.addBytes((chunk as Buffer).length);
        chunks.push(chunk as Buffer);
      }
      files.push({ path: name, content: Buffer.concat(chunks), executable: (mode & 0o100) !== 0 });
    }
  } catch (error) {
    throw error instanceof StepError ? error : meter.refusal(`it is damaged (${reason(error)})`);
  } finally {
    zip.close();
  }
  return files;
}

function opened(packed: Buffer, meter: ArchiveMeter): Promise<ZipFile> {
  return new Promise((resolve, reject) => {
    // `strictFileNames` and `validateEntrySize`: what the directory says about an entry is held against what comes out.
    fromBuffer(packed, { lazyEntries: true, decodeStrings: true, strictFileNames: true, validateEntrySizes: true }, (error, zip) => {
      if (error) reject(meter.refusal(`it is no zip (${reason(error)})`));
      else resolve(zip);
    });
  });
}

async function* entriesOf(zip: ZipFile): AsyncGenerator<Entry> {
  for (;;) {
    const entry = await new Promise<Entry | null>((resolve, reject) => {
      const settle = (act: () => void) => () => {
        zip.removeAllListeners('entry').removeAllListeners('end').removeAllListeners('error');
        act();
      };
      zip.once('entry', (found: Entry) => settle(() => resolve(found))());
      zip.once('end', settle(() => resolve(null)));
      zip.once('error', (error: Error) => settle(() => reject(error))());
      zip.readEntry();
    });
    if (entry === null) return;
    yield entry;
  }
}

function contentOf(zip: ZipFile, entry: Entry): Promise<Readable> {
  return new Promise((resolve, reject) => {
    zip.openReadStream(entry, (error, stream) => {
      if (error) reject(error);
      else resolve(stream);
    });
  });
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message.slice(0, 200) : 'it cannot be read';
}
