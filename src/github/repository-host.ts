import { repositoryRoles } from '../core/mission/definition.ts';
import type { RepositoryRole } from '../core/mission/definition.ts';
import type { Authority } from '../core/mission/actor.ts';
import type { MissionSource } from '../core/mission/source.ts';
import { HostError } from '../engine/ports/repository-host.ts';
import type { RepositoryHost } from '../engine/ports/repository-host.ts';
import { BranchMerger } from './branch-merger.ts';
import { headOf } from './branches.ts';
import { lookUpAssignment } from './assignment-look-up.ts';
import type { AppCredentials } from './credentials.ts';
import { listTouchedFiles, lookAtFile, lookUpEmail, lookUpMembership } from './gate-look-ups.ts';
import { findPullsAt, findPullsOfGroup } from './merge-group.ts';
import { readTrunk } from './trunk-facts.ts';

export interface RepositoryHostOptions {
  readonly credentials: AppCredentials;
  /** `<slug>[bot]`; its commits make nobody an author. */
  readonly botLogin: string;
  /** Base of pages and clone addresses; by default what belongs to the API's address. */
  readonly webUrl?: string;
}

/** More than this is no definition that a person wrote. */
const maximumFileBytes = 1_000_000;

/** The repository's side of the port, over GitHub's REST API. */
export function createRepositoryHost(options: RepositoryHostOptions): RepositoryHost {
  const { credentials, botLogin } = options;
  const webUrl = (options.webUrl ?? webUrlOf(credentials.apiUrl)).replace(/\/+$/, '');
  const client = (source: MissionSource) => credentials.installation(source.installationId);
  const merger = new BranchMerger(botLogin);

  return {
    async authorityOf(source, login): Promise<Authority> {
      try {
        const { data } = await client(source).read(`looking up what ${login} may do`, (octokit) => octokit.rest.repos.getCollaboratorPermissionLevel({ ...at(source), username: login }));
        return { known: true, role: roleOf(data.role_name, data.permission) };
      } catch (error) {
        if (error instanceof HostError && error.status === 404) return { known: true, role: 'none' };
        if (error instanceof HostError && (error.failure === 'network' || error.failure === 'rate-limit')) throw error;
        return { known: false, reason: error instanceof HostError ? reasonOf(error) : 'the look-up failed' };
      }
    },

    async labelsOf(source) {
      const { data } = await client(source).read('reading the labels', (octokit) => octokit.rest.issues.get({ ...at(source), issue_number: source.issue.number }));
      return data.labels.flatMap((label) => (typeof label === 'string' ? label : (label.name ?? [])));
    },

    async readFile(source, path) {
      try {
        const { data } = await client(source).read(`reading ${path}`, (octokit) => octokit.rest.repos.getContent({ ...at(source), path, ref: source.repository.defaultBranch }));
        if (Array.isArray(data) || data.type !== 'file' || !('content' in data) || data.encoding !== 'base64' || data.size > maximumFileBytes) return null;
        return Buffer.from(data.content, 'base64').toString('utf8');
      } catch (error) {
        if (error instanceof HostError && error.failure === 'gone') return null;
        throw error;
      }
    },

    fileOf: (source, path) => lookAtFile(client(source), source, path),
    assignmentOf: (source, logins) => lookUpAssignment(client(source), source, logins),
    membershipOf: (source, team, login) => lookUpMembership(client(source), team, login),
    emailOf: (source, login) => lookUpEmail(client(source), login),
    pullsAt: (source, commit) => findPullsAt(client(source), source, commit),
    pullsOfGroup: (source, group) => findPullsOfGroup(client(source), source, group),
    touchedFiles: (source, head, pull) => listTouchedFiles(client(source), source, head, pull),

    async trunk(source, branch, base) {
      const head = (await headOf(client(source), source, branch)) ?? (await headOf(client(source), source, source.repository.defaultBranch));
      if (head === null) throw new HostError('gone', `the repository ${source.repository.owner}/${source.repository.name} has no branch ${source.repository.defaultBranch}`);
      return readTrunk(client(source), source, head, base, botLogin);
    },

    mergeInto: (source, request) => merger.merge(client(source), source, request),

    addressOf: ({ repository }) => ({
      key: `${new URL(webUrl).host.replaceAll(/[^A-Za-z0-9.-]/g, '-')}-${repository.id}`,
      cloneUrl: `${webUrl}/${repository.owner}/${repository.name}.git`,
    }),

    credentialsFor: ({ installationId, repository }) => credentials.contentsOf(installationId, repository.id),
  };
}

function at({ repository }: MissionSource): { owner: string; repo: string } {
  return { owner: repository.owner, repo: repository.name };
}

/** `role_name` is a base role or the name of a custom one; then the base permission it inherits counts. */
function roleOf(roleName: string | undefined, permission: string): RepositoryRole {
  return asRole(roleName) ?? asRole(permission) ?? 'none';
}

function asRole(name: string | undefined): RepositoryRole | undefined {
  return repositoryRoles.find((role) => role === name);
}

function reasonOf(error: HostError): string {
  switch (error.failure) {
    case 'permission':
      return 'the App may not look it up';
    default:
      return 'GitHub gave no usable answer';
  }
}

/** `https://api.github.com` → `https://github.com`; `https://ghe.example/api/v3` → `https://ghe.example`. */
export function webUrlOf(apiUrl: string): string {
  const url = new URL(apiUrl);
  if (url.hostname === 'api.github.com') return 'https://github.com';
  // GitHub Enterprise Cloud with data residency: api.<name>.ghe.com.
  if (url.hostname.startsWith('api.') && url.hostname.endsWith('.ghe.com')) return `${url.protocol}//${url.host.slice('api.'.length)}`;
  return `${url.origin}${url.pathname.replace(/\/api(\/v3)?\/?$/, '').replace(/\/+$/, '')}`;
}
