import { asData } from '../core/mission/decide/heal-tasks.ts';
import type { Finding } from '../core/mission/event.ts';
import { readFindings } from '../core/mission/read-findings.ts';
import type { PlannedTask } from '../core/mission/plan.ts';
import type { JsonObject } from '../kit/json.ts';
import { StepError } from '../steps/step-type.ts';
import type { Store } from './ports/store.ts';

/** Most of the findings that an agent is told, in characters and in number; what is worst stands first. */
const longestFindings = 16_000;
const mostFindings = 200;
/** Most files that one repair takes back; a step takes no more. */
const mostPaths = 1_000;

/**
 * The parameters of a repair with the findings it is about, which are too large for the plan: an agent is told them, files that they name
 * are taken back. Everything else stays as it is.
 */
export async function withFindings(store: Pick<Store, 'artifact'>, missionId: string, { heals, uses }: PlannedTask, parameters: JsonObject): Promise<JsonObject> {
  if (heals === undefined || heals.findings.length === 0) return parameters;
  const found = (await Promise.all(heals.findings.map(async (digest) => readFindings((await store.artifact(missionId, digest))?.text ?? '[]')))).flat();
  if (uses === 'git.restore' && Array.isArray(parameters.paths) && parameters.paths.length === 0) {
    const paths = [...new Set(found.flatMap(({ level, path }) => (level === 'note' || path === null ? [] : [path])))].sort().slice(0, mostPaths);
    if (paths.length === 0) throw new StepError('input', 'The findings name no file that could be taken back. Take back by hand what was not asked for, or ask a task for less.');
    return { ...parameters, paths };
  }
  if (uses !== 'agent' || typeof parameters.prompt !== 'string' || found.length === 0) return parameters;
  return { ...parameters, prompt: `${parameters.prompt}\n\n${asData('findings', linesOf(found))}` };
}

function linesOf(found: readonly Finding[]): string {
  let text = '';
  for (const { rule, level, message, path, line } of found.slice(0, mostFindings)) {
    const next = `- ${path === null ? '' : `${path}${line === null ? '' : `:${line}`}: `}${level} ${rule}: ${message}\n`;
    if (text.length + next.length > longestFindings) break;
    text += next;
  }
  return text.trimEnd();
}
