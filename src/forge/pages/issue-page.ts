import { listCommits } from '../git/commits.ts';
import type { CheckRun, Comment, Issue, Pull, Review, TimelineEvent } from '../model/records.ts';
import { roleAtLeast, roleOf } from '../model/roles.ts';
import { judgeMerge } from '../operations/mergeability.ts';
import { diffBase, pullFiles } from '../operations/pull-diff.ts';
import { latestStatuses } from '../operations/statuses.ts';
import { latestRuns } from '../serialize/checks.ts';
import { commentsOf } from '../serialize/issues.ts';
import { diffView } from './diff-view.ts';
import { html } from '../../kit/html.ts';
import type { Html } from '../../kit/html.ts';
import { checkMark, csrfField, labelChip, layout, person, stateBadge, time } from './layout.ts';
import { renderMarkdown } from './markdown.ts';
import type { PageAnswer, RepositoryPageContext } from './page-context.ts';

const TICKS = 'ticks';

/** The conversation of an issue or pull request, or one of a pull request's other views. */
export async function issuePage(context: RepositoryPageContext, issue: Issue, view: string): Promise<PageAnswer> {
  const { repository, viewer } = context;
  const { pull } = issue;
  const content =
    pull !== null && view === 'files'
      ? diffView(await pullFiles(repository, pull))
      : pull !== null && view === 'commits'
        ? await commitsView(context, pull)
        : view === ''
          ? await conversation(context, issue)
          : null;
  if (content === null) return { kind: 'missing' };
  const page = html`<h1>${issue.title} <small>#${issue.number}</small></h1>
<p>${stateBadge(issue)} ${person(issue.user)} <span class="dim">${pull === null ? 'opened this' : html`wants to merge <code>${pull.headRef}</code> into <code>${pull.baseRef}</code>`}, ${time(issue.createdAt)}</span></p>${pull !== null && views(context, issue, view)}${content}`;
  return { kind: 'page', html: layout(viewer, `${issue.title} #${issue.number}`, page, { repository, tab: pull === null ? 'issues' : 'pulls' }) };
}

function views(context: RepositoryPageContext, issue: Issue, current: string): Html {
  const base = `/${context.repository.fullName}/pull/${issue.number}`;
  const names: [string, string][] = [['', 'Conversation'], ['commits', 'Commits'], ['files', 'Files changed']];
  return html`<nav>${names.map(([view, name]) => html`<a href="${view === '' ? base : `${base}/${view}`}"${view === current && html` aria-current="page"`}>${name}</a>`)}</nav>`;
}

async function commitsView(context: RepositoryPageContext, pull: Pull): Promise<Html> {
  const { repository } = context;
  const commits = await listCommits(repository.git, [pull.headSha, `^${await diffBase(repository, pull)}`], { limit: 250 });
  return html`<div class="box-list">${commits.map(
    (commit) => html`<div><a href="/${repository.fullName}/commit/${commit.sha}">${commit.message.split('\n')[0]}</a> <span class="dim">${commit.author.name} · <code>${commit.sha.slice(0, 12)}</code></span></div>`,
  )}</div>`;
}

type Entry = { readonly at: number; readonly id: number; readonly html: Html };

async function conversation(context: RepositoryPageContext, issue: Issue): Promise<Html> {
  const { repository, viewer } = context;
  const base = `/${repository.fullName}/${issue.pull === null ? 'issues' : 'pull'}/${issue.number}`;
  const mayEdit = viewer.account !== null && (viewer.account.id === issue.user.id || roleAtLeast(roleOf(repository, viewer.account), 'write'));
  const entries: Entry[] = [
    ...commentsOf(repository, issue).map((comment) => ({ at: comment.createdAt, id: comment.id, html: commentView(comment) })),
    ...issue.events.filter((event) => event.event !== 'reviewed').map((event) => ({ at: event.createdAt, id: event.id, html: eventView(event) })),
    ...(issue.pull?.reviews ?? []).filter((review) => review.submittedAt !== null).map((review) => ({ at: review.submittedAt ?? 0, id: review.id, html: reviewView(review) })),
  ];
  // Clocks of tests stand still: a stable sort keeps kinds together and each kind in its order.
  entries.sort((one, other) => one.at - other.at);
  return html`<p>${issue.labels.map((label) => labelChip(label, html`<button form="labels" name="remove" value="${label.name}" title="Remove ${label.name}">×</button>`))}${issue.assignees.map((account) => html` ${person(account)}`)}</p>
<form class="row" method="post" id="labels" action="${base}/labels">${csrfField(viewer)}<input type="text" name="add" aria-label="Label" placeholder="label" list="known"><datalist id="known">${[...repository.labels.values()].map((label) => html`<option value="${label.name}">`)}</datalist><button>Add label</button></form>
<div class="comment" id="issue-${issue.number}"><header>${person(issue.user)} ${time(issue.createdAt)}</header>${issue.body === null || issue.body === '' ? html`<p class="pad dim">No description.</p>` : renderMarkdown(issue.body, mayEdit ? { formId: TICKS } : undefined)}</div>
<form method="post" id="${TICKS}" action="${base}/tick">${csrfField(viewer)}</form>
${entries.map((entry) => entry.html)}${issue.pull !== null && (await pullBox(context, issue, issue.pull, base))}
<h2>Say something</h2><form method="post" action="${base}/comment">${csrfField(viewer)}<textarea name="body" aria-label="Comment" placeholder="Markdown. Commands begin a line with a slash."></textarea>
<p><button class="main">Comment</button> ${issue.state === 'open' ? html`<button name="state" value="closed">Close</button>` : html`<button name="state" value="open">Reopen</button>`}</p></form>`;
}

function commentView(comment: Comment): Html {
  const reactions = new Map<string, number>();
  for (const { content } of comment.reactions) reactions.set(content, (reactions.get(content) ?? 0) + 1);
  const signs: Readonly<Record<string, string>> = { '+1': '👍', '-1': '👎', laugh: '😄', confused: '😕', heart: '❤️', hooray: '🎉', rocket: '🚀', eyes: '👀' };
  return html`<div class="comment" id="issuecomment-${comment.id}"><header>${person(comment.user)} ${time(comment.createdAt)}${comment.updatedAt !== comment.createdAt && ' · edited'}</header>${renderMarkdown(comment.body)}${reactions.size > 0 && html`<p class="pad">${[...reactions].map(([content, count]) => html`<span class="label">${signs[content] ?? content} ${count}</span> `)}</p>`}</div>`;
}

function eventView(event: TimelineEvent): Html {
  const what = event.event.replaceAll('_', ' ');
  return html`<p class="event">${person(event.actor)} ${what} ${event.label !== undefined && html`<span class="label">${event.label.name}</span>`}${event.commitId !== undefined && html` in <code>${event.commitId.slice(0, 12)}</code>`} ${time(event.createdAt)}</p>`;
}

function reviewView(review: Review): Html {
  const words: Readonly<Record<string, string>> = { APPROVED: 'approved these changes', CHANGES_REQUESTED: 'requested changes', COMMENTED: 'reviewed', DISMISSED: 'reviewed; the verdict was dismissed' };
  return html`<div class="comment" id="pullrequestreview-${review.id}"><header>${person(review.user)} ${words[review.state] ?? review.state} at <code>${review.commitId.slice(0, 12)}</code> ${time(review.submittedAt ?? 0)}</header>${review.body !== '' && renderMarkdown(review.body)}</div>`;
}

async function pullBox(context: RepositoryPageContext, issue: Issue, pull: Pull, base: string): Promise<Html> {
  const { repository, viewer } = context;
  const runs = latestRuns([...repository.checkRuns.values()].filter((run) => run.headSha === pull.headSha));
  const statuses = latestStatuses(repository, pull.headSha);
  const verdict = issue.state === 'open' ? await judgeMerge(repository, pull) : null;
  const words: Readonly<Record<string, string>> = {
    clean: 'This can be merged.',
    unstable: 'This can be merged; some checks have not passed.',
    dirty: 'This has conflicts that must be resolved.',
    draft: 'This is still a draft.',
    behind: 'The branch is out of date with its base.',
    blocked: 'Merging is blocked.',
    unknown: '',
  };
  return html`<h2 id="checks">Checks</h2><div class="box-list">${runs.length + statuses.length === 0 && html`<p class="dim">No checks at <code>${pull.headSha.slice(0, 12)}</code>.</p>`}${runs.map((run) => checkLine(context, run))}${statuses.map((status) => html`<div>${checkMark({ status: status.state === 'pending' ? 'pending' : 'completed', conclusion: status.state === 'success' ? 'success' : 'failure' })} ${status.context} <span class="dim">${status.description}</span></div>`)}</div>
${verdict !== null && html`<p>${words[verdict.state]} <span class="dim">${verdict.refusal}</span></p><form class="row" method="post" action="${base}/merge">${csrfField(viewer)}<button class="main" name="method" value="merge">Merge pull request</button><button name="method" value="squash">Squash and merge</button>${pull.draft && html`<button formaction="${base}/ready">Ready for review</button>`}</form>
<h2>Review</h2><form method="post" action="${base}/review">${csrfField(viewer)}<textarea name="body" aria-label="Review"></textarea><p><button class="main" name="event" value="APPROVE">Approve</button> <button name="event" value="REQUEST_CHANGES">Request changes</button> <button name="event" value="COMMENT">Comment</button></p></form>`}`;
}

/** One check of a commit, as a line. */
export function checkLine(context: RepositoryPageContext, run: CheckRun): Html {
  return html`<div>${checkMark(run)} <a href="/${context.repository.fullName}/runs/${run.id}">${run.name}</a> <span class="dim">${run.conclusion ?? run.status}${run.title !== null && ` — ${run.title}`} · ${run.app.name}</span></div>`;
}

/** The list of open (or closed) issues, or of pull requests. */
export function issueListPage(context: RepositoryPageContext, kind: 'issues' | 'pulls'): PageAnswer {
  const { repository, viewer, query } = context;
  const state = query.get('state') === 'closed' ? 'closed' : 'open';
  const found = [...repository.issues.values()].filter((issue) => (issue.pull === null) === (kind === 'issues') && issue.state === state).toReversed();
  const path = `/${repository.fullName}/${kind}`;
  const content = html`<p><a href="${path}">Open</a> · <a href="${path}?state=closed">Closed</a></p><div class="box-list">${found.length === 0 && html`<p class="dim">None.</p>`}${found.map(
    (issue) => html`<div>${stateBadge(issue)} <a href="/${repository.fullName}/${issue.pull === null ? 'issues' : 'pull'}/${issue.number}">${issue.title}</a> ${issue.labels.map((label) => labelChip(label))} <span class="dim">#${issue.number} by ${issue.user.login}</span></div>`,
  )}</div>${kind === 'issues' && html`<h2>New issue</h2><form method="post" action="${path}">${csrfField(viewer)}<p><input type="text" name="title" aria-label="Title" placeholder="Title" size="60"></p><textarea name="body" aria-label="Description"></textarea><p><input type="text" name="labels" aria-label="Labels" placeholder="labels, separated by commas"> <button class="main">Open issue</button></p></form>`}`;
  return { kind: 'page', html: layout(viewer, kind === 'issues' ? 'Issues' : 'Pull requests', content, { repository, tab: kind }) };
}
