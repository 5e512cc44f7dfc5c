import type { RepositoryRole } from './definition.ts';

/** Who did something. `system` is Missiongate itself (a timer, a rule). */
export interface Actor {
  readonly kind: 'person' | 'bot' | 'system';
  readonly login: string;
}

export const systemActor: Actor = { kind: 'system', login: 'missiongate' };

/** What an actor may do in the repository, looked up live; `unknown` when the look-up failed — which means no. */
export type Authority =
  | { readonly known: true; readonly role: RepositoryRole }
  | { readonly known: false; readonly reason: string };
