import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, rmdirSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const fillerBlock = Buffer.alloc(256 * 1024);

/** A file system of a few megabytes in memory, to be filled to the last byte. */
export class SmallDisk {
  readonly folder: string;

  /** Mounts it at a folder, which is made. Throws where mounting is not permitted. */
  constructor(folder: string, megabytes: number) {
    mkdirSync(folder, { recursive: true });
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'missiongate-chaos', folder], { stdio: 'pipe' });
    this.folder = folder;
  }

  /** Writes until nothing more fits. */
  fill(): void {
    const filler = openSync(join(this.folder, 'filler'), 'a');
    try {
      for (let size = fillerBlock.length; size >= 1; size = Math.floor(size / 2)) writeAll(filler, fillerBlock.subarray(0, size));
    } finally {
      closeSync(filler);
    }
  }

  empty(): void {
    rmSync(join(this.folder, 'filler'), { force: true });
  }

  close(): void {
    execFileSync('umount', ['-l', this.folder], { stdio: 'pipe' });
  }
}

function writeAll(file: number, block: Buffer): void {
  for (;;) {
    try {
      if (writeSync(file, block) < block.length) return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return;
      throw error;
    }
  }
}

/** Why no disk can be made here, or null. */
export function unableToMount(): string | null {
  const folder = mkdtempSync(join(tmpdir(), 'missiongate-mount-'));
  try {
    new SmallDisk(folder, 1).close();
    return null;
  } catch (error) {
    return `a tmpfs cannot be mounted (root on Linux may): ${error instanceof Error ? error.message.trim() : String(error)}`;
  } finally {
    rmdirSync(folder);
  }
}
