import { listCommits, readCommit } from '../git/commits.ts';
import type { Commit } from '../git/commits.ts';
import { diffFiles, EMPTY_TREE } from '../git/diff.ts';
import type { Repository } from '../model/records.ts';
import { latestRuns } from '../serialize/checks.ts';
import { diffView } from './diff-view.ts';
import { encodePath, html } from '../../kit/html.ts';
import type { Html } from '../../kit/html.ts';
import { checkLine } from './issue-page.ts';
import { layout } from './layout.ts';
import { renderMarkdown } from './markdown.ts';
import type { PageAnswer, RepositoryPageContext } from './page-context.ts';

/** Files above this size are offered raw instead of shown. */
const SHOWN_MAX_BYTES = 512 * 1024;

interface Place {
  readonly ref: string;
  readonly commit: string;
  readonly path: string;
}

/** Splits `feature/x/src/a.js` into the branch that exists and the path in it. */
async function placeIn(repository: Repository, rest: string): Promise<Place | null> {
  const parts = rest.split('/').filter((part) => part !== '');
  for (let length = parts.length; length > 0; length -= 1) {
    const ref = parts.slice(0, length).join('/');
    const commit = await repository.git.resolveCommit(ref);
    if (commit !== null) return { ref, commit, path: parts.slice(length).join('/') };
  }
  return null;
}

/** The front page of a repository. */
export async function codePage(context: RepositoryPageContext): Promise<PageAnswer> {
  const { repository, viewer, world } = context;
  const commit = await repository.git.branch(repository.defaultBranch);
  const clone = html`<p class="dim">Clone: <code>git clone ${world.webUrl}/${repository.fullName}.git</code></p>`;
  if (commit === null) return { kind: 'page', html: layout(viewer, repository.fullName, html`<h1>${repository.name}</h1>${clone}<p>This repository is empty.</p>`, { repository, tab: 'code' }) };
  const branches = await repository.git.refs('refs/heads/');
  const readme = await repository.git.entryAt(commit, 'README.md');
  const content = html`<p>${repository.description}</p>${clone}<p class="dim">Branches: ${branches.map(({ ref }) => html`<a href="/${repository.fullName}/commits/${encodePath(ref.slice(11))}">${ref.slice(11)}</a> `)}</p>
${await listing(repository, { ref: repository.defaultBranch, commit, path: '' })}${readme?.type === 'blob' && renderMarkdown((await repository.git.blob(readme.sha)).toString('utf8'))}`;
  return { kind: 'page', html: layout(viewer, repository.fullName, content, { repository, tab: 'code' }) };
}

async function listing(repository: Repository, place: Place): Promise<Html> {
  const folder = await repository.git.entryAt(place.commit, place.path);
  const entries = folder === null ? [] : await repository.git.tree(folder.sha, { recursive: false });
  const sorted = entries.toSorted((one, other) => Number(other.type === 'tree') - Number(one.type === 'tree'));
  return html`<div class="box-list">${sorted.map((entry) => {
    const path = place.path === '' ? entry.path : `${place.path}/${entry.path}`;
    return html`<div><a href="/${repository.fullName}/${entry.type === 'tree' ? 'tree' : 'blob'}/${encodePath(place.ref)}/${encodePath(path)}">${entry.path}${entry.type === 'tree' && '/'}</a></div>`;
  })}</div>`;
}

/** A folder or a file at a branch or commit. */
export async function treePage(context: RepositoryPageContext, rest: string): Promise<PageAnswer> {
  const { repository, viewer } = context;
  const place = await placeIn(repository, rest);
  const entry = place === null ? null : await repository.git.entryAt(place.commit, place.path);
  if (place === null || entry === null) return { kind: 'missing' };
  const title = html`<h1><small>${place.ref}</small> ${place.path}</h1>`;
  const content = entry.type === 'tree' ? html`${title}${await listing(repository, place)}` : html`${title}${await fileView(repository, place, entry.sha)}`;
  return { kind: 'page', html: layout(viewer, place.path === '' ? place.ref : place.path, content, { repository, tab: 'code' }) };
}

async function fileView(repository: Repository, place: Place, sha: string): Promise<Html> {
  const bytes = await repository.git.blob(sha);
  const raw = `/${repository.fullName}/raw/${encodePath(place.ref)}/${encodePath(place.path)}`;
  const link = html`<p class="dim">${bytes.length} bytes · <a href="${raw}">Raw</a></p>`;
  if (bytes.length > SHOWN_MAX_BYTES || bytes.includes(0)) return html`${link}<p>Not shown: it is large or not text.</p>`;
  const text = bytes.toString('utf8');
  return html`${link}${place.path.endsWith('.md') ? renderMarkdown(text) : html`<pre><code>${text}</code></pre>`}`;
}

/** A file's bytes, never as something a browser would run. */
export async function rawFile(context: RepositoryPageContext, rest: string): Promise<PageAnswer> {
  const place = await placeIn(context.repository, rest);
  const entry = place === null ? null : await context.repository.git.entryAt(place.commit, place.path);
  if (entry?.type !== 'blob') return { kind: 'missing' };
  const content = await context.repository.git.blob(entry.sha);
  return { kind: 'text', contentType: content.includes(0) ? 'application/octet-stream' : 'text/plain; charset=utf-8', content };
}

function commitLine(repository: Repository, commit: Commit): Html {
  return html`<div><a href="/${repository.fullName}/commit/${commit.sha}">${commit.message.split('\n')[0]}</a> <span class="dim">${commit.author.name} · ${commit.author.date} · <code>${commit.sha.slice(0, 12)}</code></span></div>`;
}

/** The history of a branch. */
export async function commitsPage(context: RepositoryPageContext, rest: string): Promise<PageAnswer> {
  const { repository, viewer } = context;
  const place = await placeIn(repository, rest === '' ? repository.defaultBranch : rest);
  if (place === null) return { kind: 'missing' };
  const commits = await listCommits(repository.git, [place.commit], { limit: 100, ...(place.path === '' ? {} : { path: place.path }) });
  const content = html`<h1>Commits <small>${place.ref} ${place.path}</small></h1><p><a href="/${repository.fullName}/tree/${encodePath(place.ref)}">Browse files</a></p><div class="box-list">${commits.map((commit) => commitLine(repository, commit))}</div>`;
  return { kind: 'page', html: layout(viewer, `Commits of ${place.ref}`, content, { repository, tab: 'commits' }) };
}

/** One commit: message, checks, changes. */
export async function commitPage(context: RepositoryPageContext, name: string): Promise<PageAnswer> {
  const { repository, viewer } = context;
  const sha = await repository.git.resolveCommit(name);
  if (sha === null) return { kind: 'missing' };
  const commit = await readCommit(repository.git, sha);
  const [subject = '', ...rest] = commit.message.split('\n');
  const runs = latestRuns([...repository.checkRuns.values()].filter((run) => run.headSha === sha));
  const files = await diffFiles(repository.git, commit.parents[0] ?? EMPTY_TREE, sha);
  const content = html`<h1>${subject}</h1>${rest.join('\n').trim() !== '' && html`<pre>${rest.join('\n').trim()}</pre>`}<p class="dim">${commit.author.name} · ${commit.author.date} · <code>${sha}</code></p>
${runs.length > 0 && html`<div class="box-list">${runs.map((run) => checkLine(context, run))}</div>`}${diffView(files)}`;
  return { kind: 'page', html: layout(viewer, subject, content, { repository, tab: 'commits' }) };
}
