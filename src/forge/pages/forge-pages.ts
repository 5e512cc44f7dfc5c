import { isJsonObject } from '../../kit/json.ts';
import type { JsonObject } from '../../kit/json.ts';
import { roleAtLeast, roleOf } from '../model/roles.ts';
import { html } from '../../kit/html.ts';
import { csrfField, layout, person } from './layout.ts';
import { actingAs, PageRefusal } from './page-context.ts';
import type { PageAnswer, PageContext } from './page-context.ts';

/** The front page, or one account's repositories. */
export function homePage(context: PageContext, owner: string | null): PageAnswer {
  const { viewer, world } = context;
  const account = owner === null ? undefined : world.account(owner);
  if (owner !== null && account === undefined) return { kind: 'missing' };
  const repositories = [...world.repositories.values()].filter((one) => (account === undefined || one.owner.id === account.id) && roleAtLeast(roleOf(one, viewer.account), 'read'));
  const content = html`<h1>${account === undefined ? 'Repositories' : account.login}</h1><div class="box-list">${repositories.length === 0 && html`<p class="dim">None that you may see.</p>`}${repositories.map(
    (one) => html`<div><a href="/${one.fullName}">${one.fullName}</a> <span class="dim">${one.description}</span></div>`,
  )}</div>${account === undefined && html`<h2>The cast</h2><div class="box-list">${viewer.cast.map((one) => html`<div>${person(one)} <span class="dim">${one.name}</span></div>`)}</div>`}`;
  return { kind: 'page', html: layout(viewer, account === undefined ? 'Repositories' : account.login, content) };
}

/** An App's public page. */
export function appPage(context: PageContext, slug: string): PageAnswer {
  const app = [...context.world.apps.values()].find((one) => one.slug === slug);
  if (app === undefined) return { kind: 'missing' };
  const content = html`<h1>${app.name}</h1><p>${app.description}</p><p class="dim">App ${app.id}, owned by ${app.owner.login}</p>
<h2>Permissions</h2><ul>${Object.entries(app.permissions).map(([name, level]) => html`<li>${name}: ${level}</li>`)}</ul><h2>Events</h2><p>${app.events.join(', ')}</p>`;
  return { kind: 'page', html: layout(context.viewer, app.name, content) };
}

function readManifest(text: string): JsonObject {
  try {
    const value: unknown = JSON.parse(text);
    if (isJsonObject(value)) return value;
  } catch {
    // Falls through to the same sentence.
  }
  throw new PageRefusal('The manifest is not a JSON object.');
}

/**
 * `/settings/apps/new`: an App's set-up page posts its manifest here from another origin, so nothing is done yet; the
 * person sees what would be registered and confirms with a form of this page.
 */
export function manifestPage(context: PageContext): PageAnswer {
  const { form, query, viewer } = context;
  const text = form.get('manifest') ?? '';
  if (text === '') {
    return { kind: 'page', html: layout(viewer, 'New App', html`<h1>New App</h1><p>An App's own set-up page sends its manifest here.</p><form method="post" action="/settings/apps/new"><textarea name="manifest" aria-label="Manifest"></textarea><p><button>Continue</button></p></form>`) };
  }
  const manifest = readManifest(text);
  const content = html`<h1>Register “${typeof manifest['name'] === 'string' ? manifest['name'] : 'App'}”?</h1><p>It asks for:</p><pre>${JSON.stringify({ permissions: manifest['default_permissions'], events: manifest['default_events'], webhook: manifest['hook_attributes'] }, null, 2)}</pre>
<form method="post" action="/settings/apps/create">${csrfField(viewer)}<input type="hidden" name="manifest" value="${text}"><input type="hidden" name="state" value="${query.get('state')}"><button class="main">Create GitHub App</button></form>`;
  return { kind: 'page', html: layout(viewer, 'New App', content) };
}

/** The confirmed registration: back to the App's set-up page with the code. */
export async function submitManifest(context: PageContext): Promise<PageAnswer> {
  const owner = actingAs(context);
  const manifest = readManifest(context.form.get('manifest') ?? '');
  let registered;
  try {
    registered = await context.manifests.register(owner, manifest);
  } catch (error) {
    if (error instanceof TypeError) throw new PageRefusal(error.message);
    throw error;
  }
  const { code, redirectUrl } = registered;
  if (redirectUrl === null || !/^https?:\/\//.test(redirectUrl)) return { kind: 'page', html: layout(context.viewer, 'Registered', html`<h1>Registered</h1><p>Code: <code>${code}</code></p>`) };
  const target = new URL(redirectUrl);
  target.searchParams.set('code', code);
  const state = context.form.get('state') ?? '';
  if (state !== '') target.searchParams.set('state', state);
  return { kind: 'redirect', to: target.href };
}
