import { routineFolder, statusOf } from '../../core/schedule/routine.ts';
import type { RoutineStatus } from '../../core/schedule/routine.ts';
import type { RoutineRun } from '../../engine/ports/routines.ts';
import { dueText, startsText, statusOfRun } from '../../engine/routines/told-routine.ts';
import type { ToldRoutine } from '../../engine/routines/told-routine.ts';
import { encodePath, html, Html } from '../../kit/html.ts';
import type { PageParts } from '../evidence/gate-page.ts';
import { style } from '../evidence/style.ts';

const inks: { readonly [status in RoutineStatus]: string } = { active: 'passed-ink', proposed: 'waiting-ink', paused: 'waiting-ink', broken: 'failed-ink', ended: 'dim' };

/** The routines of a repository: which start missions when, which do not and why, and what became of the latest ones. */
export function routinesPage(told: readonly ToldRoutine[], { links, webUrl }: PageParts): Html {
  const [first] = told;
  const { owner = '', name = '' } = first?.routine.place.repository ?? {};
  const repository = `${webUrl}/${encodePath(`${owner}/${name}`)}`;
  const json = first === undefined ? '' : links.path({ kind: 'routines', repositoryId: first.routine.repositoryId, as: 'json' });
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="referrer" content="no-referrer"><title>Routines · ${owner}/${name}</title><style>${new Html(style)}</style></head><body><main>
<p class="crumbs"><a href="${repository}">${owner}/${name}</a></p>
<h1>Routines</h1>
<table><thead><tr><th>routine</th><th>status</th><th>next due</th><th>latest run</th><th>why it stands so</th></tr></thead><tbody>${told.map((one) => row(one, repository))}</tbody></table>
${told.map((one) => details(one, repository))}
<footer>Made by Missiongate. <a href="${json}">The same as JSON.</a> Whoever has this address can read this page; pass it on with care.</footer>
</main></body></html>`;
}

function row({ routine, runs }: ToldRoutine, repository: string): Html {
  const status = statusOf(routine);
  const [latest] = runs;
  return html`<tr><td><a href="#${routine.name}"><code>${routine.name}</code></a></td><td class="${inks[status]}"><strong>${status}</strong></td><td>${routine.nextDue === null ? '–' : dueText(routine, routine.nextDue)}</td><td>${latest === undefined ? 'never' : outcome(routine, latest, repository)}</td><td>${why(routine)}</td></tr>`;
}

/** Who stands for it, or what keeps it from starting missions. */
function why(routine: ToldRoutine['routine']): string {
  const paused = routine.pausedBy === null ? '' : `paused by ${routine.pausedBy}; `;
  return `${paused}${routine.standing}`;
}

function details({ routine, runs }: ToldRoutine, repository: string): Html {
  const { definition, name, problems, place } = routine;
  const file = `${repository}/blob/${encodePath(place.repository.defaultBranch)}/${routineFolder}/${encodeURIComponent(name)}.yml`;
  const starts = definition === null ? null : html`<p>Mission <code>${definition.mission}</code>, ${startsText(definition)}${definition.requiresApproval && '; each waits for mission:queue'}.</p>`;
  const wrong = problems.length > 0 && html`<p class="note">It starts nothing until its file is corrected:</p><ul>${problems.map((one) => html`<li><code>${one.file}:${one.line}:${one.column}</code> ${one.message}</li>`)}</ul>`;
  const history = runs.length === 0 ? html`<p class="dim">No runs yet.</p>` : html`<table><thead><tr><th>due</th><th>by</th><th>run</th></tr></thead><tbody>${runs.map((run) => html`<tr><td>${dueText(routine, run.due)}</td><td>${run.trigger}</td><td>${outcome(routine, run, repository)}</td></tr>`)}</tbody></table>`;
  return html`<section id="${name}"><h2>${definition?.title ?? name}</h2><p class="dim small">${routine.removed ? html`<code>${name}</code>` : html`<a href="${file}"><code>${name}</code></a>`} · revision ${routine.revision}</p>${starts}${wrong}${history}</section>`;
}

function outcome(routine: ToldRoutine['routine'], run: RoutineRun, repository: string): Html {
  return html`${statusOfRun(routine, run)}${run.issue !== null && html` · <a href="${repository}/issues/${run.issue}">#${run.issue}</a>`}${run.detail !== '' && html` <span class="dim">· ${run.detail}</span>`}`;
}
