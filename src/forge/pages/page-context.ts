import type { Account, Repository } from '../model/records.ts';
import type { World } from '../model/world.ts';
import type { ManifestRegistry } from '../operations/manifests.ts';
import type { ApiAnswer } from '../rest/rest-api.ts';
import type { Html } from '../../kit/html.ts';
import type { Viewer } from './layout.ts';

/** What a page answers. */
export type PageAnswer =
  | { readonly kind: 'page'; readonly html: Html; readonly status?: number }
  | { readonly kind: 'text'; readonly contentType: string; readonly content: Buffer | string }
  | { readonly kind: 'redirect'; readonly to: string }
  | { readonly kind: 'missing' };

/** A request for a page, with everything it may look at. */
export interface PageContext {
  readonly world: World;
  readonly manifests: ManifestRegistry;
  readonly viewer: Viewer;
  readonly query: URLSearchParams;
  /** Fields of a posted form; empty for GET. */
  readonly form: URLSearchParams;
  /** Does what a form asks through the REST API, as the viewer, with all its checks. */
  act(method: string, path: string, body?: unknown): Promise<ApiAnswer>;
}

/** The same, within a repository the viewer may see. */
export interface RepositoryPageContext extends PageContext {
  readonly repository: Repository;
  /** The path after `/owner/name`, decoded, without the slash in front. */
  readonly rest: string;
}

/** A refusal as a sentence for the page. */
export class PageRefusal extends Error {}

/** Throws the API's refusal as a sentence. */
export function demandSuccess(answer: ApiAnswer): void {
  if (answer.status < 400) return;
  const body = answer.json as { message?: string; errors?: readonly unknown[] } | undefined;
  const details = (body?.errors ?? []).map((error) => (typeof error === 'string' ? error : ((error as { message?: string }).message ?? JSON.stringify(error))));
  throw new PageRefusal([`${answer.status} ${body?.message ?? 'refused'}`, ...details].join('\n'));
}

/** The viewer as an account, or a sentence that asks to choose one. */
export function actingAs(context: PageContext): Account {
  if (context.viewer.account === null) throw new PageRefusal('You are nobody: choose who you are at the top of the page.');
  return context.viewer.account;
}
