import { isMission, isOver } from '../../core/mission/state.ts';
import type { Mission, MissionState } from '../../core/mission/state.ts';
import { trunkBranch } from '../../core/mission/source.ts';
import type { Forge, RepositoryInspection } from '../../forge/forge.ts';
import { systemClock } from '../../kit/system-clock.ts';
import type { Store } from '../../engine/ports/store.ts';
import { formatLine, progressBar, timelineLine } from './timeline.ts';
import type { TimelinePlaces } from './timeline.ts';

export interface FollowOptions {
  readonly store: Store;
  readonly missionId: string;
  readonly places: TimelinePlaces;
  /** Shows a line; the second form is the one for terminals. */
  readonly print: (line: string, coloured?: string) => void;
  /** Called once for each round of a gate that begins to wait. */
  readonly onWaiting: (phase: string) => Promise<void>;
  /** Called once when the last gate is open and the merge is left to people. */
  readonly onReady: () => Promise<void>;
  /** Without any event for this long the mission counts as stuck, unless it waits for a person. */
  readonly patienceMs: number;
  readonly waitsForPeople: boolean;
}

const lookEveryMs = 80;

/** Prints the mission's timeline while it happens and lets the cast act; resolves when it is over on our side. */
export async function followMission(options: FollowOptions): Promise<MissionState> {
  const { store, missionId, print } = options;
  const acted = new Set<string>();
  let seen = 0;
  let lastNews = systemClock.now();
  let shown = '';
  for (;;) {
    const events = await store.events(missionId, seen, 200);
    for (const event of events) {
      seen = event.seq;
      const line = timelineLine(event.body, options.places);
      if (line) print(formatLine(event, line, false), formatLine(event, line, true));
    }
    const state = (await store.read(missionId))?.state ?? null;
    if (events.length > 0) lastNews = systemClock.now();
    if (state !== null && state.status === 'refused') return state;
    const mission = isMission(state) ? state : null;
    if (mission && mission.seq === seen) {
      const bar = progressBar(mission.counts.done + mission.counts.skipped, mission.tasks.size);
      if (bar !== shown && mission.counts.done > 0) print(`${' '.repeat(12)}${bar}`);
      shown = mission.counts.done > 0 ? bar : shown;
      if (isOver(mission) && (mission.pull === null || mission.status !== 'completed' || mission.pull.state === 'merged')) return mission;
      await act(options, mission, acted);
    }
    const waiting = mission !== null && options.waitsForPeople && [...mission.phases.values()].some((phase) => phase.gate.status === 'awaiting');
    if (!waiting && systemClock.now() - lastNews > options.patienceMs) throw new Error(`nothing happened for ${options.patienceMs / 1000} s; the mission is ${state?.status ?? 'not planned'}`);
    await systemClock.sleep(lookEveryMs);
  }
}

async function act(options: FollowOptions, mission: Mission, acted: Set<string>): Promise<void> {
  for (const phase of mission.phases.values()) {
    const turn = `${phase.id} ${phase.gate.round}`;
    if (phase.gate.status !== 'awaiting' || acted.has(turn)) continue;
    acted.add(turn);
    await options.onWaiting(phase.id);
  }
  if (mission.status === 'completed' && mission.pull?.state === 'open' && !acted.has('ready')) {
    acted.add('ready');
    await options.onReady();
  }
}

/** Addresses of the forge's pages for what the timeline speaks of. */
export function placesOn(forge: Forge, repository: RepositoryInspection, issue: number): TimelinePlaces {
  const base = `${forge.url}/${repository.fullName}`;
  return {
    issue: () => `${base}/issues/${issue}`,
    pull: () => {
      const pull = repository.pulls().find((one) => one.pull.headRef === trunkBranch(issue));
      return pull ? `${base}/pull/${pull.issue.number}` : null;
    },
    branch: (name) => `${base}/tree/${name}`,
    commit: (id) => `${base}/commit/${id}`,
    checks: (name) => {
      const run = repository.checkRuns().findLast((check) => check.name === name);
      return run ? `${base}/runs/${run.id}` : null;
    },
  };
}
