import type { Account, CheckRun, Issue, Label, Repository } from '../model/records.ts';
import { gitHubTime } from '../model/github-time.ts';
import { encodePath, html } from '../../kit/html.ts';
import type { Html } from '../../kit/html.ts';

/** Who looks at a page. */
export interface Viewer {
  readonly account: Account | null;
  readonly cast: readonly Account[];
  readonly csrf: string;
  readonly flash: string | null;
  /** The page itself, to come back to after acting as somebody else. */
  readonly here: string;
}

export type Tab = 'code' | 'issues' | 'pulls' | 'commits';

/** The hidden field without which a form is refused. */
export function csrfField(viewer: Viewer): Html {
  return html`<input type="hidden" name="csrf" value="${viewer.csrf}">`;
}

/** A whole page. */
export function layout(viewer: Viewer, title: string, content: Html, place: { repository?: Repository; tab?: Tab } = {}): Html {
  const { repository, tab } = place;
  const switcher = html`<form method="post" action="/_forge/act-as">${csrfField(viewer)}<input type="hidden" name="back" value="${viewer.here}">
<label for="who">You are</label> <select id="who" name="login">${viewer.cast.map((account) => html`<option${account.id === viewer.account?.id && html` selected`}>${account.login}</option>`)}<option value=""${viewer.account === null && html` selected`}>nobody</option></select> <button>Switch</button></form>`;
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${title} · forge</title><link rel="stylesheet" href="/_forge/style.css"></head><body>
<header><a class="name" href="/">forge</a>${repository !== undefined && html`<span><a href="/${repository.owner.login}">${repository.owner.login}</a> / <a class="name" href="/${repository.fullName}">${repository.name}</a>${repository.private && html` <span class="label">private</span>`}</span>`}${switcher}</header>
${repository !== undefined && navigation(repository, tab)}<main>${viewer.flash !== null && html`<div class="flash" role="alert">${viewer.flash}</div>`}${content}</main>
<footer>A sandbox GitHub on this machine. Whoever opens it may act as any of the cast.</footer></body></html>`;
}

function navigation(repository: Repository, current: Tab | undefined): Html {
  const open = [...repository.issues.values()].filter((issue) => issue.state === 'open');
  const pulls = open.filter((issue) => issue.pull !== null).length;
  const tabs: [Tab, string, string][] = [
    ['code', 'Code', ''],
    ['issues', `Issues ${open.length - pulls}`, '/issues'],
    ['pulls', `Pull requests ${pulls}`, '/pulls'],
    ['commits', 'Commits', `/commits/${encodePath(repository.defaultBranch)}`],
  ];
  return html`<nav>${tabs.map(([tab, name, path]) => html`<a href="/${repository.fullName}${path}"${tab === current && html` aria-current="page"`}>${name}</a>`)}</nav>`;
}

export function time(at: number): Html {
  return html`<time datetime="${gitHubTime(at)}">${gitHubTime(at).replace('T', ' ').replace('Z', ' UTC')}</time>`;
}

export function person(account: Account): Html {
  return html`<img class="avatar" src="/_forge/avatars/${account.id}.svg" alt=""> <strong>${account.login}</strong>`;
}

/** Open, closed, merged or draft. */
export function stateBadge(issue: Issue): Html {
  const state = issue.pull !== null && issue.pull.mergedAt !== null ? 'merged' : issue.state === 'open' && issue.pull?.draft === true ? 'draft' : issue.state;
  return html`<span class="state ${state}">${state}</span>`;
}

export function labelChip(label: Label, more: Html | null = null): Html {
  // A dot of the label's colour; the text keeps the page's own contrast.
  return html`<span class="label"><svg width="10" height="10" aria-hidden="true"><circle cx="5" cy="5" r="5" fill="#${label.color}"/></svg> ${label.name}${more}</span>`;
}

/** The sign of a check: ✓, ✗, ● … with a word for those who do not see it. */
export function checkMark(run: Pick<CheckRun, 'status' | 'conclusion'>): Html {
  if (run.status !== 'completed') return html`<span class="mark wait" title="${run.status}">●</span>`;
  const [sign, kind] =
    run.conclusion === 'success' ? ['✓', 'good'] : run.conclusion === 'neutral' || run.conclusion === 'skipped' ? ['–', 'dim'] : run.conclusion === 'action_required' ? ['!', 'wait'] : ['✗', 'bad'];
  return html`<span class="mark ${kind}" title="${run.conclusion ?? 'completed'}">${sign}</span>`;
}
