import type { MissionSource } from '../core/mission/source.ts';
import { HostError } from '../engine/ports/repository-host.ts';
import type { FileLook, Membership, TouchedFiles } from '../engine/ports/repository-host.ts';
import type { InstallationClient } from './client.ts';
import { nullIfAbsent } from './host-errors.ts';

/** GitHub gives the content of no larger file in one answer. */
const maximumFileBytes = 1_000_000;
/** Files that a comparison shows, and files that a pull request lists; more than these GitHub does not tell. */
const comparedFiles = 300;
const listedFiles = 3_000;
const filesPerPage = 100;

/** A file on the default branch. Only GitHub's 404 means that there is none. */
export async function lookAtFile(client: InstallationClient, { repository }: MissionSource, path: string): Promise<FileLook> {
  try {
    const { data } = await client.read(`reading ${path}`, (octokit) => octokit.rest.repos.getContent({ owner: repository.owner, repo: repository.name, path, ref: repository.defaultBranch }));
    if (Array.isArray(data)) return { found: 'unreadable', reason: 'it is a folder' };
    if (data.type !== 'file') return { found: 'unreadable', reason: `it is a ${data.type}` };
    if (data.size > maximumFileBytes || !('content' in data) || data.encoding !== 'base64') return { found: 'unreadable', reason: `it has ${data.size} bytes, more than ${maximumFileBytes}` };
    return { found: 'text', text: Buffer.from(data.content, 'base64').toString('utf8') };
  } catch (error) {
    if (error instanceof HostError && error.status === 404) return { found: 'nothing' };
    throw error;
  }
}

/** A membership that is still an invitation is none. */
export async function lookUpMembership(client: InstallationClient, team: string, login: string): Promise<Membership> {
  const [org = '', slug = ''] = team.split('/');
  try {
    const { data } = await client.read(`looking up whether ${login} is in ${team}`, (octokit) => octokit.rest.teams.getMembershipForUserInOrg({ org, team_slug: slug, username: login }));
    return { known: true, member: data.state === 'active' };
  } catch (error) {
    if (error instanceof HostError && error.status === 404) return { known: true, member: false };
    if (error instanceof HostError && error.failure === 'permission') return { known: false, reason: 'the App may not read the members of the organisation' };
    throw error;
  }
}

/** The address of a public profile. People may only show one that they have verified, so that nobody shows another's. */
export async function lookUpEmail(client: InstallationClient, login: string): Promise<string | null> {
  const profile = await nullIfAbsent(() => client.read(`looking up the profile of ${login}`, (octokit) => octokit.rest.users.getByUsername({ username: login })));
  return profile?.data.email ?? null;
}

/** A comparison shows 300 files, a pull request lists 3,000. The pull request must stand on `head` before and after its pages are read. */
export async function listTouchedFiles(client: InstallationClient, { repository }: MissionSource, head: string, pull: number | null): Promise<TouchedFiles> {
  const at = { owner: repository.owner, repo: repository.name };
  const { data } = await client.read('listing the files of the change', (octokit) => octokit.rest.repos.compareCommitsWithBasehead({ ...at, basehead: `${repository.defaultBranch}...${head}`, per_page: 1, page: 1 }));
  const compared = data.files ?? [];
  if (compared.length < comparedFiles) return { known: true, paths: pathsOf(compared) };
  if (pull === null) return { known: false, reason: `the change touches ${comparedFiles} files or more, and GitHub shows no more of them before there is a pull request` };
  const headOf = async (): Promise<string> => (await client.read('reading the pull request', (octokit) => octokit.rest.pulls.get({ ...at, pull_number: pull }))).data.head.sha;
  const before = await headOf();
  const files: ChangedFile[] = [];
  for (let page = 1; page <= listedFiles / filesPerPage; page += 1) {
    const listed = await client.read('listing the files of the pull request', (octokit) => octokit.rest.pulls.listFiles({ ...at, pull_number: pull, per_page: filesPerPage, page }));
    files.push(...listed.data);
    if (listed.data.length < filesPerPage) break;
  }
  if (files.length >= listedFiles) return { known: false, reason: `the change touches ${listedFiles} files or more, and GitHub lists no more of them` };
  if (before !== head || (await headOf()) !== head) return { known: false, reason: 'the pull request moved while its files were listed' };
  return { known: true, paths: pathsOf(files) };
}

interface ChangedFile {
  readonly filename: string;
  readonly previous_filename?: string;
}

/** A renamed file is touched where it was and where it is. */
function pathsOf(files: readonly ChangedFile[]): readonly string[] {
  return [...new Set(files.flatMap(({ filename, previous_filename: previous }) => (previous === undefined ? [filename] : [filename, previous])))];
}
