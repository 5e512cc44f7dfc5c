import type { Millis } from '../../kit/time.ts';
import type { Account, TextEdit } from '../model/records.ts';
import type { World } from '../model/world.ts';

interface Edited {
  readonly user: Account;
  readonly edits: TextEdit[];
  readonly body: string | null;
}

/** Notes a new version of a text, before it replaces the present one. The first edit also keeps the text as it was created. */
export function noteEdit(world: World, edited: Edited, createdAt: Millis, editor: Account, text: string): void {
  if (edited.edits.length === 0) edited.edits.push({ editor: edited.user, editedAt: createdAt, text: edited.body ?? '' });
  edited.edits.push({ editor, editedAt: world.clock.now(), text });
}
