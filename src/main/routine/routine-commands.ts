import { randomUUID } from 'node:crypto';

import { dueFromNow } from '../../engine/routines/look.ts';
import type { Routines, StoredRoutine } from '../../engine/ports/routines.ts';
import { routineJson } from '../../engine/routines/told-routine.ts';
import { statusOf } from '../../core/schedule/routine.ts';
import { systemClock } from '../../kit/system-clock.ts';
import { didYouMean } from '../../kit/nearest-word.ts';
import { migrate } from '../../store/migrate.ts';
import { migrations } from '../../store/migrations/index.ts';
import { createStore } from '../../store/store.ts';
import { openDatabase } from '../mission-store.ts';
import { processSettings } from '../process-settings.ts';
import { listText, showText } from './words.ts';

export interface SteerOptions {
  readonly as: string;
  readonly json: boolean;
}

type Steering = 'pause' | 'resume' | 'run' | 'activate';

const runsShown = 20;
const revisionsShown = 20;

/** `missiongate routine list`. Exit codes of all these commands: 0 done, 1 refused or unknown, 2 called wrongly. */
export async function listRoutines(options: { readonly json: boolean }): Promise<number> {
  return withRoutines('list', async (routines) => {
    const all = (await routines.all()).filter(({ removed }) => !removed);
    const rows = await Promise.all(all.map(async (routine) => ({ routine, runs: await routines.runs(routine, 1), revisions: [] })));
    console.log(options.json ? JSON.stringify(rows.map(routineJson), null, 2) : listText(rows));
    return 0;
  });
}

/** `missiongate routine show`. */
export async function showRoutine(name: string, options: { readonly json: boolean }): Promise<number> {
  return withRoutines('show', async (routines) => {
    const routine = await find(routines, 'show', name);
    if (routine === null) return 1;
    await tell(routines, routine, options.json);
    return 0;
  });
}

/** `missiongate routine pause|resume|run|activate`: what it says is seen by every process at its next look. */
export async function steerRoutine(command: Steering, name: string, options: SteerOptions): Promise<number> {
  if (command === 'activate' && !/^[a-z0-9][a-z0-9-]{0,38}(?:_[a-z0-9]{1,20})?$/i.test(options.as)) {
    console.error(`missiongate routine activate: --as: found "${options.as}", expected the login of a person`);
    return 2;
  }
  return withRoutines(command, async (routines) => {
    const routine = await find(routines, command, name);
    if (routine === null) return 1;
    const refused = await steer(routines, command, routine, options.as);
    if (refused !== null) {
      console.error(`missiongate routine ${command}: ${refused}`);
      return 1;
    }
    await tell(routines, (await find(routines, command, name)) ?? routine, options.json);
    return 0;
  });
}

/** Why it is refused; null when it was done. */
async function steer(routines: Routines, command: Steering, routine: StoredRoutine, by: string): Promise<string | null> {
  const now = systemClock.now();
  const status = statusOf(routine);
  const is = `${routine.name} is ${status}: ${routine.standing}`;
  const put = async (changed: StoredRoutine) => ((await routines.steer(dueFromNow(changed, now), now)) ? null : `${routine.name} was changed at the same moment; look again`);
  switch (command) {
    case 'pause':
      if (status === 'paused' || status === 'ended') return `${is}. There is nothing to pause.`;
      return put({ ...routine, pausedBy: by });
    case 'resume':
      if (routine.pausedBy === null) return `${is}. It is not paused.`;
      return put({ ...routine, pausedBy: null });
    case 'activate':
      if (status !== 'proposed') return `${is}. Only a routine that waits for a person is activated.`;
      return put({ ...routine, activatedBy: by, standing: `${by} activated it in the terminal` });
    default:
      if (status !== 'active' && status !== 'paused') return `${is}. It starts nothing${status === 'proposed' ? `: activate it first with \`missiongate routine activate ${routine.name} --as <login>\`` : ''}.`;
      await routines.add(routine, { key: `manual:${randomUUID()}`, trigger: 'manual', due: now, decided: 'queued', detail: `${by} asked for it` }, now);
      return null;
  }
}

async function tell(routines: Routines, routine: StoredRoutine, json: boolean): Promise<void> {
  const shown = { routine, runs: await routines.runs(routine, runsShown), revisions: await routines.revisions(routine, revisionsShown) };
  console.log(json ? JSON.stringify(routineJson(shown), null, 2) : showText(shown));
}

async function find(routines: Routines, command: string, asked: string): Promise<StoredRoutine | null> {
  const all = await routines.all();
  const longName = ({ place, name }: StoredRoutine) => `${place.repository.owner}/${place.repository.name}/${name}`;
  const found = all.filter((routine) => routine.name === asked || longName(routine) === asked);
  // A routine that has ended is told of when there is no other of its name.
  const living = found.filter(({ removed }) => !removed);
  const [only, another] = living.length > 0 ? living : found;
  if (only !== undefined && another === undefined) return only;
  const names = all.filter(({ removed }) => !removed).map(longName);
  if (only === undefined) console.error(`missiongate routine ${command}: there is no routine "${asked}".${didYouMean(asked, all.map(({ name }) => name))}${names.length === 0 ? ' None is known: a routine is a file .github/routines/<name>.yml on the default branch of a repository the App is installed in.' : ` There are: ${names.join(', ')}`}`);
  else console.error(`missiongate routine ${command}: several routines are called "${asked}"; name one of ${(living.length > 0 ? living : found).map(longName).join(', ')}`);
  return null;
}

async function withRoutines(command: string, work: (routines: Routines) => Promise<number>): Promise<number> {
  const settings = processSettings();
  if (settings === null) return 2;
  const database = await openDatabase(settings, `routine ${command}`);
  try {
    await migrate(database, migrations);
    return await work(createStore(database, systemClock).routines);
  } finally {
    await database.close();
  }
}
