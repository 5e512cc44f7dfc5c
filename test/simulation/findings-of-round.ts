import type { EvidencePack } from '../../src/core/evidence/pack.ts';
import type { Finding } from '../../src/core/mission/event.ts';
import { findingsMediaType } from '../../src/core/mission/evidence.ts';
import type { MemoryTables } from './memory-store.ts';

/** What each guard of a round found, as it was recorded: the text of its artifact, read without the product's help. */
export function findingsOfPack(tables: MemoryTables, missionId: string, pack: Pick<EvidencePack, 'guardReports'>): ReadonlyMap<string, readonly Finding[]> {
  const found = new Map<string, readonly Finding[]>();
  for (const { guard, artifacts } of pack.guardReports) {
    const kept = artifacts.find(({ mediaType }) => mediaType === findingsMediaType);
    if (kept !== undefined) found.set(guard, JSON.parse(tables.artifact(missionId, kept.digest)?.text ?? '[]') as readonly Finding[]);
  }
  return found;
}
