import type { Dossier, StepPart } from '../../../core/dossier/dossier.ts';
import type { Block, Section, Spans } from '../document.ts';
import { heading, table, text } from '../document.ts';
import { shown, state, value } from '../words.ts';

/** How it comes into use, and how it is taken back. */
export function release({ deployment, rollback }: Dossier): Section {
  return {
    id: 'release',
    title: 'Deployment and rollback',
    blocks: [
      heading('Deployment plan'),
      ...(deployment.note === null ? [] : [text(deployment.note)]),
      ...(deployment.steps.length === 0 ? [] : [table([['step', 4], ['with', 6], ['state', 2]], deployment.steps.map((step) => [...stepRow(step), [state(step.status)]]))]),
      ...documents(deployment.documents),
      heading('Canary rules'),
      deployment.canary.length === 0 ? text('Not part of this mission: no release step has parameters for a canary or a roll-out in stages.') : table([['task', 2], ['rule', 2], ['value', 3]], deployment.canary.map((one) => [[{ code: one.task }], [shown(one.rule, 200)], [value(one.value)]])),
      heading('Rollback plan'),
      ...(rollback.note === null ? [] : [text(rollback.note)]),
      ...(rollback.code === null ? [] : [text('To take the merged change out of the default branch again, revert its commit and open a pull request with that:'), { kind: 'preformatted' as const, text: rollback.code.commands.join('\n') }]),
      ...(rollback.steps.length === 0 ? [] : [text('What the definition says undoes its tasks, in this order:'), steps(rollback.steps)]),
      ...documents(rollback.documents),
      text(rollback.onFailure === 'rollback' ? 'The definition asks for this by itself when the mission fails (on failure: rollback).' : 'When the mission fails, nothing is undone by itself (on failure: stop).'),
      ...(rollback.withoutWayBack.length === 0 ? [] : [text({ strong: 'Without a way back: ' }, `these tasks left no commit, and nothing says what undoes them: ${rollback.withoutWayBack.slice(0, 40).join(', ')}. Look at what they did outside the repository.`)]),
      ...(rollback.done === null ? [] : [{ kind: 'note' as const, state: rollback.done.failed.length === 0 ? ('passed' as const) : ('failed' as const), spans: [{ strong: 'Rolled back already. ' }, `${shown(rollback.done.reason, 400)}. Undone: ${rollback.done.undone.join(', ') || 'nothing'}${rollback.done.failed.length === 0 ? '' : `; could not be undone: ${rollback.done.failed.join(', ')}`}.`] }]),
    ],
  };
}

function steps(all: readonly StepPart[]): Block {
  return table([['step', 4], ['with', 8]], all.map(stepRow));
}

function stepRow({ title, task, uses, with: parameters }: StepPart): readonly Spans[] {
  return [[shown(title, 300), { dim: ` ${task}, ${uses}` }], [shown(Object.entries(parameters).map(([name, one]) => `${shown(name, 100)}: ${value(one)}`).join('; '), 1_200) || '–']];
}

function documents(names: readonly string[]): readonly Block[] {
  return names.length === 0 ? [] : [text('Documents: ', names.map((name) => shown(name, 300)).join(', '))];
}
