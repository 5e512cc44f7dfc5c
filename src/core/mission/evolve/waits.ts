import type { Mission, WaitState } from '../state.ts';
import { setTask } from './tasks.ts';

/** People are asked, or time begins to pass: an attempt without a worker. */
export function beginWait(mission: Mission, id: string, attempt: number, wait: WaitState, at: number, seq: number): Mission {
  return setTask(mission, id, { status: 'waiting', attempt, wait, queuedAt: at, startedAt: at, finishedAt: null, retryAt: null, worker: null }, seq);
}

type Asked = Extract<WaitState, { for: 'people' }>;

export function changeWait(mission: Mission, id: string, change: (wait: Asked) => Asked): Mission {
  const task = mission.tasks.get(id);
  return task?.wait?.for === 'people' ? { ...mission, tasks: mission.tasks.set(id, { ...task, wait: change(task.wait) }) } : mission;
}
