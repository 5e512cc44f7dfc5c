import type { ArtifactRef } from '../../core/mission/event.ts';
import type { Desk } from './desk.ts';

/** Artifacts whose text is quoted in one place. */
const maximumExcerpts = 24;

/** The texts of the first artifacts that can be read, by digest. */
export async function excerptsOf({ projection }: Desk, artifacts: readonly ArtifactRef[]): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>();
  for (const { digest: key } of artifacts) {
    if (texts.size >= maximumExcerpts) break;
    const text = texts.has(key) ? null : await projection.artifact(key);
    if (text !== null) texts.set(key, text);
  }
  return texts;
}
