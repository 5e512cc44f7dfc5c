import { lineageOf } from '../core/evidence/lineage.ts';
import type { Lineage, LineageAnswer } from '../core/evidence/lineage.ts';
import { readPack } from '../core/evidence/read-pack.ts';
import { NoMissionFolder, readMissionFiles } from './mission-files.ts';

/** `missiongate lineage`: 0 told, 1 nothing of that name, 2 called wrongly. */
export function tellLineage(folder: string, asked: string, options: { readonly format: string }): number {
  if (options.format !== 'text' && options.format !== 'json') return usage(`--format: found "${options.format}", expected text or json`);
  try {
    const packs = [...readMissionFiles(folder).packs].flatMap(({ text }) => readPack(text) ?? []);
    const answer = lineageOf(packs, asked);
    if (options.format === 'json') console.log(JSON.stringify(answer, null, 2));
    else if (answer.of === 'nothing') console.error(`missiongate lineage: ${nothing(answer.candidates, packs.flatMap(({ tasks }) => tasks.map(({ id }) => id)))}`);
    else for (const line of tell(answer)) console.log(printable(line));
    return answer.of === 'nothing' ? 1 : 0;
  } catch (error) {
    if (error instanceof NoMissionFolder) return usage(error.message);
    throw error;
  }
}

function nothing(candidates: readonly string[], tasks: readonly string[]): string {
  if (candidates.length > 0) return `several artifacts begin like that: ${candidates.join(', ')}`;
  return `no task and no artifact is called that. Tasks: ${[...new Set(tasks)].slice(0, 20).map(printable).join(', ')}. An artifact is named by six or more digits of its digest.`;
}

function tell(answer: Exclude<LineageAnswer, { of: 'nothing' }>): readonly string[] {
  switch (answer.of) {
    case 'task':
      return branch(answer.lineage, 0);
    case 'artifact':
      return [`${answer.name} (${answer.digest.slice(0, 12)}) was left by`, ...answer.madeBy.flatMap((one) => branch(one, 1))];
    case 'guard':
      return [`${answer.name} (${answer.digest.slice(0, 12)}) was left by the guard ${answer.guard} (${answer.uses}) at gate ${answer.phase}, round ${answer.round}, on ${answer.head.slice(0, 12)}, which held the work of`, ...answer.madeFrom.flatMap((one) => branch(one, 1))];
  }
}

function branch(one: Lineage, depth: number): readonly string[] {
  const indent = '  '.repeat(depth);
  const by = one.by === null ? '' : ` by ${one.by}`;
  const from = one.base === null ? '' : `, from ${one.base.slice(0, 12)}`;
  const made = one.commit === null ? '' : ` to ${one.commit.slice(0, 12)}`;
  const head = `${indent}${one.task} (phase ${one.phase}, attempt ${one.attempt}): ${one.uses}${by}${from}${made}${costOf(one)}`;
  if (one.again) return [`${head}, as above`];
  return [head, ...one.artifacts.map(({ name, digest }) => `${indent}  left ${name} (${digest.slice(0, 12)})`), ...one.inputs.flatMap((input) => branch(input, depth + 1))];
}

function costOf({ cost }: Lineage): string {
  if (cost === null) return '';
  const parts = [`${(cost.durationMs / 1000).toFixed(1)} s`, ...(cost.tokens === undefined ? [] : [`${cost.tokens} tokens`]), ...(cost.usd === undefined ? [] : [`$${cost.usd}`])];
  return `, ${parts.join(', ')}`;
}

/** Files of others may hold anything; a terminal obeys control characters. */
function printable(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, '\uFFFD');
}

function usage(message: string): number {
  console.error(`missiongate lineage: ${message}`);
  return 2;
}
