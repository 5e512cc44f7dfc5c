import type { LinkTarget } from '../../engine/evidence-links.ts';
import type { Routines } from '../../engine/ports/routines.ts';
import { routineJson, tellRoutines } from '../../engine/routines/told-routine.ts';
import type { Answer } from '../evidence/answer.ts';
import type { PageParts } from '../evidence/gate-page.ts';
import { routinesPage } from './routines-page.ts';

/** Most routines that are told of, those that are there before those that ended, and how much of the history of each. */
const mostRoutines = 200;
const history = { runs: 10, revisions: 5 };

export type RoutineReading = Pick<Routines, 'ofRepository' | 'runs' | 'revisions'>;

/** The routines of a repository as a page or as JSON; null where it has none and never had. */
export async function routinesAnswer(routines: RoutineReading, { repositoryId, as }: Extract<LinkTarget, { kind: 'routines' }>, parts: PageParts & { redact(text: string): string }): Promise<Answer | null> {
  const all = (await routines.ofRepository(repositoryId)).toSorted((one, other) => Number(one.removed) - Number(other.removed) || (one.name < other.name ? -1 : 1));
  if (all.length === 0) return null;
  const told = await tellRoutines(routines, all.slice(0, mostRoutines), history);
  if (as === undefined) return { type: 'text/html; charset=utf-8', body: parts.redact(routinesPage(told, parts).text) };
  const body = JSON.stringify(told.map(routineJson), (_name, value: unknown) => (typeof value === 'string' ? parts.redact(value) : value), 2);
  return { type: 'application/json; charset=utf-8', body: `${body}\n` };
}
