import type { Account, App, Installation, Permissions } from '../model/records.ts';

/** Who a request comes from, as its credentials say. */
export type Actor =
  | { readonly kind: 'anonymous' }
  | { readonly kind: 'user'; readonly account: Account }
  | { readonly kind: 'app'; readonly app: App }
  | {
      readonly kind: 'installation';
      readonly app: App;
      readonly installation: Installation;
      readonly account: Account;
      readonly permissions: Permissions;
      /** Null means all of the installation's repositories. */
      readonly repositoryIds: ReadonlySet<number> | null;
      readonly token: string;
    };

/** The account that acts, for authorship and `sender`; null for anonymous callers and Apps as themselves. */
export function accountOf(actor: Actor): Account | null {
  return actor.kind === 'user' || actor.kind === 'installation' ? actor.account : null;
}

/** The key under which an actor's requests are counted. */
export function rateKey(actor: Actor): string {
  if (actor.kind === 'user') return `user:${actor.account.login.toLowerCase()}`;
  if (actor.kind === 'app') return `app:${actor.app.id}`;
  if (actor.kind === 'installation') return `installation:${actor.installation.id}`;
  return 'anonymous';
}
