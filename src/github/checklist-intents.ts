import { readIntents } from '../core/checklist/intents.ts';
import type { ChecklistIntent } from '../core/mission/request.ts';

/**
 * What a person asked for by editing the issue. The base is what they edited (the webhook tells) or else the body as we
 * last rendered it. Moving an item to another phase asks for nothing: the next sync puts it back.
 */
export function intentsFrom(base: string | null, theirs: string): readonly ChecklistIntent[] {
  return readIntents(base, theirs).flatMap((intent): readonly ChecklistIntent[] => {
    switch (intent.kind) {
      case 'ticked':
      case 'unticked':
      case 'removed':
        return [{ kind: intent.kind, task: intent.task }];
      case 'renamed':
        return [{ kind: 'renamed', task: intent.task, title: intent.title }];
      case 'added':
        return [{ kind: 'added', title: intent.title, phaseTitle: intent.phaseTitle, checked: intent.checked }];
      default:
        return [];
    }
  });
}
