import { StepError } from './step-type.ts';

/** One file of an archive, unpacked in memory. */
export interface ArchiveFile {
  readonly path: string;
  readonly content: Buffer;
  readonly executable: boolean;
}

export const mostFiles = 10_000;
/** Bytes of all files together: they are unpacked in memory, so that everything is known before anything is written. */
export const mostBytes = 100 * 1024 * 1024;
/** Larger archive files are not read. */
export const largestArchive = 100 * 1024 * 1024;
/** Text packs some ten times, hardly ever a hundred times. */
const highestRatio = 200;
/** Small archives of zeros are harmless. */
const ratioCountsFrom = 1024 * 1024;

/** Keeps count of what comes out of an archive, and ends it when that is too much. */
export class ArchiveMeter {
  readonly #name: string;
  readonly #packedBytes: number;
  #files = 0;
  #bytes = 0;

  constructor(name: string, packedBytes: number) {
    this.#name = name;
    this.#packedBytes = packedBytes;
  }

  addEntry(): void {
    this.#files += 1;
    if (this.#files > mostFiles) throw this.refusal(`it holds more than ${mostFiles} entries`);
  }

  addBytes(count: number): void {
    this.#bytes += count;
    if (this.#bytes > mostBytes) throw this.refusal(`it unpacks to more than ${mostBytes} bytes`);
    if (this.#bytes > ratioCountsFrom && this.#bytes > this.#packedBytes * highestRatio) throw this.refusal(`it unpacks to more than ${highestRatio} times its size, as only archives made to do harm are`);
  }

  refusal(reason: string): StepError {
    return new StepError('input', `The archive ${this.#name} is refused: ${reason}. Nothing was written.`);
  }
}

/** Checks the name of an entry by itself, before the workspace checks the path it makes. */
export function checkEntryName(meter: ArchiveMeter, name: string): string {
  const shown = JSON.stringify(name.slice(0, 200));
  if (name === '' || name.includes('\0')) throw meter.refusal(`the name of an entry (${shown}) is none`);
  if (name.startsWith('/') || /^[A-Za-z]:/.test(name)) throw meter.refusal(`the entry ${shown} is absolute`);
  if (name.includes('\\')) throw meter.refusal(`the name of the entry ${shown} holds a backslash`);
  const parts = name.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..')) throw meter.refusal(`the entry ${shown} leaves the folder`);
  return parts.join('/');
}

/** Two entries of one name, or a file where another needs a folder. */
export function checkTogether(meter: ArchiveMeter, files: readonly ArchiveFile[]): void {
  const names = new Set<string>();
  for (const { path } of files) {
    if (names.has(path)) throw meter.refusal(`it holds ${JSON.stringify(path)} twice`);
    names.add(path);
  }
  for (const { path } of files) {
    for (let at = path.indexOf('/'); at !== -1; at = path.indexOf('/', at + 1)) {
      if (names.has(path.slice(0, at))) throw meter.refusal(`${JSON.stringify(path.slice(0, at))} is a file and a folder in it`);
    }
  }
}
