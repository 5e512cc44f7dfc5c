import type { Dossier, TaskPart } from '../../../core/dossier/dossier.ts';
import type { Section, Spans } from '../document.ts';
import { heading, table, text } from '../document.ts';
import { graphOf } from '../draw-graph.ts';
import { brief, counted, milliseconds, number, person, shown, state, time } from '../words.ts';

/** What was done: phases, tasks with their attempts, and the code that came of it. */
export function done(dossier: Dossier): Section {
  const graph = graphOf(dossier);
  return {
    id: 'done',
    title: 'What was done',
    blocks: [
      ...(graph === null ? [] : [graph]),
      heading('Phases'),
      table([['phase', 4], ['state', 2], ['tasks done', 2], ['started', 4], ['finished', 4]], dossier.phases.map((phase) => [[shown(phase.title, 200), { dim: ` ${phase.id}` }], [state(phase.status)], [`${phase.done} of ${phase.tasks}`], [time(phase.startedAt)], [time(phase.finishedAt)]])),
      heading('Tasks'),
      table([['task', 20], ['state', 12], ['what came of it', 34], ['commit', 13], ['done with', 21]], dossier.tasks.map(taskRow)),
      ...attempts(dossier),
    ],
  };
}

function taskRow(task: TaskPart): readonly Spans[] {
  const by = task.doneBy === null ? [] : [` by @${shown(task.doneBy, 100)}`];
  const last = task.attempts.at(-1);
  const scope = task.scope.length === 0 ? [] : [{ dim: ` may touch ${task.scope.slice(0, 4).map((glob) => shown(glob, 100)).join(', ')}${task.scope.length > 4 ? ' …' : ''}` }];
  return [
    [shown(task.title, 300), { dim: ` ${task.id}, ${task.uses}` }, ...scope],
    [state(task.status), ...by, ...(task.attempts.length > 1 ? [{ dim: ` after ${counted(task.attempts.length, 'attempt')}` }] : [])],
    [shown(task.status === 'failed' || task.status === 'blocked' ? (task.reason ?? task.summary ?? '') : (task.summary ?? task.reason ?? '–'), 500), ...(task.artifacts.length === 0 ? [] : [{ dim: ` ${counted(task.artifacts.length, 'artifact')}` }])],
    task.commit === null ? ['–'] : [brief(task.commit)],
    [shown(last?.producer ?? '–', 150), { dim: ` ${milliseconds(last?.durationMs ?? null)}` }],
  ];
}

/** Only where something was tried more than once there is more to tell than the tasks' table does. */
function attempts({ tasks }: Dossier): Section['blocks'] {
  const tried = tasks.filter((task) => task.attempts.length > 1 || task.attempts.some(({ outcome }) => outcome === 'failed'));
  if (tried.length === 0) return [];
  return [
    heading('Attempts of tasks that were tried more than once'),
    table([['task', 3], ['attempt', 1], ['outcome', 2], ['why', 6], ['took', 2]], tried.flatMap((task) => task.attempts.map((one) => [[{ code: task.id }], [`${one.attempt}`], [state(one.outcome)], [shown(one.reason ?? '–', 400)], [milliseconds(one.durationMs)]]))),
  ];
}

/** The code: where it began, what was changed, where it is now. */
export function code({ code: part }: Dossier): Section {
  return {
    id: 'code',
    title: 'Code',
    blocks: [
      {
        kind: 'facts',
        rows: [
          ['repository', [shown(part.repository, 200)]],
          ['base', [{ code: part.base }, ` of ${shown(part.defaultBranch, 200)}`]],
          ['head', part.head === part.base ? ['the base: nothing was changed'] : [{ code: part.head }]],
          ['pull request', [part.pull === null ? 'none' : `#${part.pull.number}, ${part.pull.state}`]],
          ['merged as', part.merged === null ? ['not merged'] : part.merged.commit === null ? ['GitHub did not say'] : [{ code: part.merged.commit }, ` by ${person(part.merged.by)} on ${time(part.merged.at)}`]],
          ['change', [part.diff === null ? 'not measured: no gate was examined' : `${counted(part.diff.files, 'file')}, ${number(part.diff.additions)} lines added, ${number(part.diff.deletions)} deleted`]],
          ['authors of commits', [part.authors.length === 0 ? 'nobody but the App itself' : part.authors.slice(0, 20).map((one) => shown(one, 100)).join(', ')]],
        ],
      },
      part.commits.length === 0
        ? text('No task left a commit.')
        : table([['commit', 3], ['task', 3], ['attempt', 1], ['change', 3], ['when', 3]], part.commits.map((one) => [[brief(one.commit)], [{ code: one.task }], [`${one.attempt}`], [one.files === null ? '–' : `${counted(one.files, 'file')}, +${one.additions ?? 0} −${one.deletions ?? 0}`], [time(one.at)]])),
    ],
  };
}
