import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { exportQuietly } from '../export-to-folder.ts';

/** What was asked for cannot be done; the message says what would. */
export class AuditUsageError extends Error {
  override readonly name = 'AuditUsageError';
}

/**
 * Hands the files of a mission to `work`: those at a path, or, of a mission of this installation, an export made for the purpose and removed
 * again. Null when the installation does not know the mission or its settings are not usable; it has been said why.
 */
export async function withMissionFiles<T>(path: string | undefined, missionId: string | undefined, work: (path: string) => T): Promise<T | null> {
  if ((path === undefined) === (missionId === undefined)) throw new AuditUsageError('name a folder or ledger.jsonl, or a mission of this installation with --mission <id>');
  if (path !== undefined) {
    if (!existsSync(path)) throw new AuditUsageError(`${path} does not exist`);
    if (statSync(path).isDirectory() && !existsSync(join(path, 'ledger.jsonl'))) throw new AuditUsageError(`${path} holds no ledger.jsonl: expected a folder that \`missiongate demo --out\` or \`missiongate export\` wrote`);
    return work(path);
  }
  const folder = mkdtempSync(join(tmpdir(), 'missiongate-audit-'));
  try {
    return (await exportQuietly(missionId ?? '', folder)) === null ? null : work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The ledger's file at a path. */
export function ledgerFile(path: string): string {
  return statSync(path).isDirectory() ? join(path, 'ledger.jsonl') : path;
}
