import type { CheckRun } from '../model/records.ts';
import { roleAtLeast, roleOf } from '../model/roles.ts';
import { pressButton } from '../operations/checks.ts';
import { html } from '../../kit/html.ts';
import type { Html } from '../../kit/html.ts';
import { checkMark, csrfField, layout, time } from './layout.ts';
import { renderMarkdown } from './markdown.ts';
import { actingAs, demandSuccess, PageRefusal } from './page-context.ts';
import type { PageAnswer, RepositoryPageContext } from './page-context.ts';

/** A check run: output, annotations, and its buttons once it is completed. */
export function runPage(context: RepositoryPageContext, run: CheckRun): PageAnswer {
  const { repository, viewer } = context;
  const base = `/${repository.fullName}/runs/${run.id}`;
  const pulls = [...repository.issues.values()].filter((issue) => issue.pull?.headSha === run.headSha);
  const buttons =
    run.status === 'completed' && run.actions.length > 0
      ? html`<form class="row" method="post" action="${base}/actions">${csrfField(viewer)}${run.actions.map((action) => html`<button class="main" name="identifier" value="${action.identifier}" title="${action.description}">${action.label}</button> <span class="dim">${action.description}</span>`)}</form>`
      : null;
  const content = html`<h1>${checkMark(run)} ${run.name} <small>${run.conclusion ?? run.status}</small></h1>
<p class="dim">${run.app.name} · <a href="/${repository.fullName}/commit/${run.headSha}"><code>${run.headSha.slice(0, 12)}</code></a> · started ${time(run.startedAt)}${run.completedAt !== null && html` · completed ${time(run.completedAt)}`}${pulls.map((issue) => html` · <a href="/${repository.fullName}/pull/${issue.number}">#${issue.number}</a>`)}</p>
${buttons}<form class="row" method="post" action="${base}/rerequest">${csrfField(viewer)}<button>Re-run</button></form>
${run.title !== null && html`<h2>${run.title}</h2>`}${run.summary !== null && renderMarkdown(run.summary)}${run.text !== null && renderMarkdown(run.text)}${annotations(run)}`;
  return { kind: 'page', html: layout(viewer, run.name, content, { repository, tab: 'pulls' }) };
}

function annotations(run: CheckRun): Html | null {
  if (run.annotations.length === 0) return null;
  return html`<h2>Annotations</h2><div class="box-list">${run.annotations.map(
    (one) => html`<div><strong>${one.level}</strong> <code>${one.path}:${one.startLine}${one.endLine !== one.startLine && `–${one.endLine}`}</code> ${one.title}<br>${one.message}${one.rawDetails !== null && html`<pre>${one.rawDetails}</pre>`}</div>`,
  )}</div>`;
}

/** Presses a button or asks for a new run. Only people with write access see them work, as on GitHub. */
export async function submitRunForm(context: RepositoryPageContext, run: CheckRun, action: string): Promise<PageAnswer> {
  const { form, repository, world } = context;
  const account = actingAs(context);
  if (action === 'rerequest') {
    demandSuccess(await context.act('POST', `/repos/${repository.fullName}/check-runs/${run.id}/rerequest`));
  } else if (action === 'actions') {
    if (!roleAtLeast(roleOf(repository, account), 'write')) throw new PageRefusal('403 Only people with write access can press this button.');
    pressButton(world, repository, run, account, form.get('identifier') ?? '');
  } else {
    return { kind: 'missing' };
  }
  return { kind: 'redirect', to: `/${repository.fullName}/runs/${run.id}` };
}
