import { criteriaOf } from '../../src/core/mission/criteria.ts';
import type { Definition } from '../../src/core/mission/definition.ts';
import type { AttemptResult } from '../../src/core/mission/signal.ts';
import type { RunAttemptParts } from '../../src/engine/attempt-parts.ts';
import { freeSlots } from '../../src/engine/free-slots.ts';
import type { AttemptWorkspace, Workspaces } from '../../src/engine/ports/workspaces.ts';
import { runGate, runTask } from '../../src/engine/run-subject.ts';
import { systemClock } from '../../src/kit/system-clock.ts';
import { viewMission } from '../../src/core/mission/view.ts';
import { phaseOfSubject } from '../../src/core/mission/state.ts';
import { builtInSteps, createStepRegistry } from '../../src/steps/registry.ts';
import type { AgentRequest, AgentRunner, CommandOutcome } from '../../src/steps/step-type.ts';
import { memoryOutside } from '../steps/support/memory-outside.ts';
import { silentLog } from './engine-world.ts';
import { memoryTree } from '../guards/support/guard-world.ts';
import { fakeHost } from './fake-host.ts';
import { commitId, PureWorld, source } from './pure-world.ts';

/** Exit code of a program that an attempt of a subject runs. */
export type Programs = (subject: string, argv: readonly string[]) => number;

/**
 * Carries a mission to its end: the pure flow, and every attempt by the engine's own code with the real step types, in workspaces
 * in memory. The agent writes a file that its task's scope allows; people say yes to every gate and question; time passes when
 * there is nothing else to do.
 */
export async function playMission(definition: Definition, programs: Programs = () => 0): Promise<PureWorld> {
  const world = new PureWorld(definition).start();
  for (let turn = 0; world.mission.status === 'running'; turn += 1) {
    if (turn > 2_000) throw new Error('the mission does not end');
    if (world.todo.length > 0) await workOnce(world, programs);
    else if (!answer(world) && !land(world)) {
      if (world.timers.length === 0) throw new Error(`the mission stands still: ${JSON.stringify([...world.mission.phases.values()].map(({ id, gate }) => [id, gate.status, gate.reason]))}`);
      world.fireNextTimer();
    }
  }
  return world;
}

/** A person who wrote nothing of it says yes. */
function answer(world: PureWorld): boolean {
  const asking = [...world.mission.tasks.values()].find(({ status, wait }) => status === 'waiting' && wait?.for === 'people');
  const gate = [...world.mission.phases.values()].find((phase) => phase.gate.status === 'awaiting');
  if (asking?.wait?.for === 'people') {
    // As many different persons as it takes, of the highest role and by every name it asks for.
    for (const login of ['admin', 'second', 'third', ...asking.wait.from.flatMap((one) => (one.startsWith('@') ? [one.slice(1)] : []))]) {
      world.roles.set(login, 'admin');
      if (world.mission.tasks.get(asking.id)?.status === 'waiting') world.say(login, 'approve', asking.id);
    }
  } else if (gate) {
    for (const login of ['admin', 'second', 'third']) {
      world.roles.set(login, 'admin');
      for (const { text, met } of criteriaOf(world.mission, gate.id)) if (met === null) world.say(login, 'meet-criterion', gate.id, text);
      if (world.mission.phases.get(gate.id)?.gate.status === 'awaiting') world.say(login, 'approve-gate', gate.id);
    }
  }
  return asking !== undefined || gate !== undefined;
}

/** Everything is done, and a merge is wanted: GitHub merges. */
function land(world: PureWorld): boolean {
  if ((viewMission(world.mission).pull?.merge ?? null) === null || world.mission.pull !== null) return false;
  world.deliver('opened', { kind: 'pull.opened', pull: 8 });
  world.deliver('merged', { kind: 'pull.closed', source, pull: 8, merged: true, commit: commitId('landed'), actor: { kind: 'bot', login: 'missiongate[bot]' } });
  return true;
}

async function workOnce(world: PureWorld, programs: Programs): Promise<void> {
  const [job] = world.todo;
  if (job?.kind !== 'run-attempt') return world.work();
  const { subject, attempt } = job;
  world.deliver(`attempt:${subject}:${attempt}:started`, { kind: 'attempt.started', subject, attempt, worker: 'w1' });
  const result = await resultOf(world, subject, attempt, programs);
  world.worker = () => result;
  world.work();
}

async function resultOf(world: PureWorld, subject: string, attempt: number, programs: Programs): Promise<AttemptResult> {
  const { mission } = world;
  const task = mission.index.tasks.get(subject);
  const parts: RunAttemptParts = {
    store: null as never, host: fakeHost(), workspaces: workspacesOf(subject, programs), steps: createStepRegistry(builtInSteps),
    agent: writingAgent(task?.scope ?? ['made/**']), outside: memoryOutside(), clock: systemClock, log: silentLog, worker: 'w1',
    identity: { name: 'bot', email: 'bot@example.test' }, redact: (text) => text, advance: async () => undefined, slots: freeSlots(), mayExpireLeases: () => true, leaseMs: 30_000,
  };
  const keeper = { signal: new AbortController().signal, confirm: async () => true, stop: async () => undefined };
  const lease = { missionId: mission.missionId, subject, attempt, owner: 'w1', expiresAt: 0 };
  const phase = phaseOfSubject(subject);
  try {
    return (phase === null ? await runTask(parts, mission, lease, keeper) : await runGate(parts, mission, phase, lease, keeper)).result;
  } catch (error) {
    return { outcome: 'failed', failure: 'input', reason: String(error), evidence: null };
  }
}

/** Does what a good agent does as far as anybody can see: a file where it may write, and a report. */
function writingAgent(scope: readonly string[]): AgentRunner {
  return {
    async run({ workspace, taskId, prompt }: AgentRequest) {
      if (prompt.includes('${{')) throw new Error(`a template reached the agent: ${prompt}`);
      await workspace.writeFile((scope[0] ?? '').replaceAll('**', 'made').replaceAll('*', taskId), `${taskId}\n`);
      return { status: 'complete', summary: `Did ${taskId}.`, agent: { name: 'scripted', version: '1', kind: 'scripted' }, artifacts: [] };
    },
  };
}

function workspacesOf(subject: string, programs: Programs): Workspaces {
  return {
    sweep: async () => undefined,
    async open({ name, baseCommit }): Promise<AttemptWorkspace> {
      const files = new Map<string, string>();
      const diff = () => ({ files: [...files.keys()].map((path) => ({ path, status: 'added' as const, additions: 1, deletions: 0 })), additions: files.size, deletions: 0, patch: '', truncated: false });
      return {
        root: '/nowhere',
        baseCommit,
        readFile: async (path) => files.get(path) ?? '',
        writeFile: async (path, content) => void files.set(path, content),
        removeFile: async (path) => void files.delete(path),
        run: async ({ argv }): Promise<CommandOutcome> => ({ exitCode: programs(subject, argv), signal: null, endedBy: null, output: { text: `ran ${argv.join(' ')}`, truncatedBytes: 0 }, durationMs: 1 }),
        commitAll: async () => (files.size === 0 ? null : { commit: commitId(name), diff: diff() }),
        // A trunk holds code and a test.
        tree: memoryTree({ 'made/it': 'x\n', 'test/it': 'x\n' }),
        diffFrom: async () => ({ files: ['made/it', 'test/it'].map((path) => ({ path, status: 'added' as const, additions: 1, deletions: 0 })), additions: 2, deletions: 0, patch: '', truncated: false }),
        push: async () => 'pushed',
        dispose: async () => undefined,
      };
    },
  };
}
