import { isJsonObject } from '../../kit/json.ts';
import type { Json } from '../../kit/json.ts';
import type { EvidencePack } from './pack.ts';

/**
 * An evidence pack as it was exported, of this or an earlier version; null when the text is none. Provenance that is malformed is left
 * out: whether a pack is genuine is for `verify` to say.
 */
export function readPack(text: string): EvidencePack | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (!isJsonObject(value) || value.schema !== 'schema.phase.evidencepack.v1') return null;
  const { phase, round, head, tasks, guardReports } = value;
  if (typeof phase !== 'string' || typeof round !== 'number' || typeof head !== 'string' || !isListOfHolders(tasks) || !isListOfHolders(guardReports)) return null;
  const readable = (tasks as readonly Json[]).flatMap((task) => {
    if (!isJsonObject(task) || typeof task.id !== 'string') return [];
    const { provenance, ...rest } = task;
    return [isProvenance(provenance) ? task : rest];
  });
  return { ...value, tasks: readable } as unknown as EvidencePack;
}

function isListOfHolders(value: Json | undefined): boolean {
  return Array.isArray(value) && (value as readonly Json[]).every((one) => isJsonObject(one) && Array.isArray(one.artifacts) && (one.artifacts as readonly Json[]).every((artifact) => isJsonObject(artifact) && typeof artifact.name === 'string' && typeof artifact.digest === 'string'));
}

function isProvenance(value: Json | undefined): boolean {
  if (!isJsonObject(value) || typeof value.uses !== 'string' || !isJsonObject(value.inputs) || !isJsonObject(value.cost)) return false;
  const { commit, needs } = value.inputs;
  const hasNeeds = Array.isArray(needs) && (needs as readonly Json[]).every((need) => isJsonObject(need) && typeof need.task === 'string');
  const { agent } = value;
  const hasAgent = agent === null || (isJsonObject(agent) && typeof agent.name === 'string' && typeof agent.version === 'string');
  return hasNeeds && hasAgent && (commit === null || typeof commit === 'string') && typeof value.cost.durationMs === 'number';
}
