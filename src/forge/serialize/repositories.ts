import { gitHubTime } from '../model/github-time.ts';
import { nodeId } from '../model/ids.ts';
import type { BranchProtection, Repository, Role } from '../model/records.ts';
import type { World } from '../model/world.ts';
import { serializeAccount, serializePermissions } from './accounts.ts';

/** The REST address of a repository. */
export function repositoryApi(world: World, repository: Repository): string {
  return `${world.apiUrl}/repos/${repository.fullName}`;
}

/** The page address of a repository. */
export function repositoryWeb(world: World, repository: Repository): string {
  return `${world.webUrl}/${repository.fullName}`;
}

/** GitHub's `minimal-repository`. */
export function serializeMinimalRepository(world: World, repository: Repository): Record<string, unknown> {
  const api = repositoryApi(world, repository);
  return {
    id: repository.id,
    node_id: nodeId('R', repository.id),
    name: repository.name,
    full_name: repository.fullName,
    private: repository.private,
    owner: serializeAccount(world, repository.owner),
    html_url: repositoryWeb(world, repository),
    description: repository.description,
    fork: repository.parentId !== null,
    url: api,
    forks_url: `${api}/forks`,
    keys_url: `${api}/keys{/key_id}`,
    collaborators_url: `${api}/collaborators{/collaborator}`,
    teams_url: `${api}/teams`,
    hooks_url: `${api}/hooks`,
    issue_events_url: `${api}/issues/events{/number}`,
    events_url: `${api}/events`,
    assignees_url: `${api}/assignees{/user}`,
    branches_url: `${api}/branches{/branch}`,
    tags_url: `${api}/tags`,
    blobs_url: `${api}/git/blobs{/sha}`,
    git_tags_url: `${api}/git/tags{/sha}`,
    git_refs_url: `${api}/git/refs{/sha}`,
    trees_url: `${api}/git/trees{/sha}`,
    statuses_url: `${api}/statuses/{sha}`,
    languages_url: `${api}/languages`,
    stargazers_url: `${api}/stargazers`,
    contributors_url: `${api}/contributors`,
    subscribers_url: `${api}/subscribers`,
    subscription_url: `${api}/subscription`,
    commits_url: `${api}/commits{/sha}`,
    git_commits_url: `${api}/git/commits{/sha}`,
    comments_url: `${api}/comments{/number}`,
    issue_comment_url: `${api}/issues/comments{/number}`,
    contents_url: `${api}/contents/{+path}`,
    compare_url: `${api}/compare/{base}...{head}`,
    merges_url: `${api}/merges`,
    archive_url: `${api}/{archive_format}{/ref}`,
    downloads_url: `${api}/downloads`,
    issues_url: `${api}/issues{/number}`,
    pulls_url: `${api}/pulls{/number}`,
    milestones_url: `${api}/milestones{/number}`,
    notifications_url: `${api}/notifications{?since,all,participating}`,
    labels_url: `${api}/labels{/name}`,
    releases_url: `${api}/releases{/id}`,
    deployments_url: `${api}/deployments`,
  };
}

/** GitHub's `repository`: what pull requests, webhooks and installations carry. */
export function serializeRepository(world: World, repository: Repository): Record<string, unknown> {
  const web = repositoryWeb(world, repository);
  const open = [...repository.issues.values()].filter((issue) => issue.state === 'open').length;
  const forks = [...world.repositories.values()].filter((one) => one.parentId === repository.id).length;
  return {
    ...serializeMinimalRepository(world, repository),
    created_at: gitHubTime(repository.createdAt),
    updated_at: gitHubTime(repository.updatedAt),
    pushed_at: gitHubTime(repository.pushedAt),
    git_url: `git:${web.replace(/^https?:/, '')}.git`,
    ssh_url: `git@${new URL(web).hostname}:${repository.fullName}.git`,
    clone_url: `${web}.git`,
    svn_url: web,
    homepage: null,
    size: 0,
    stargazers_count: 0,
    watchers_count: 0,
    language: null,
    has_issues: true,
    has_projects: false,
    has_downloads: false,
    has_wiki: false,
    has_pages: false,
    has_discussions: false,
    forks_count: forks,
    mirror_url: null,
    archived: repository.archived,
    disabled: false,
    open_issues_count: open,
    license: null,
    allow_forking: true,
    is_template: false,
    web_commit_signoff_required: false,
    topics: [],
    visibility: repository.private ? 'private' : 'public',
    forks,
    open_issues: open,
    watchers: 0,
    default_branch: repository.defaultBranch,
  };
}

/** GitHub's `full-repository`: `GET /repos/{owner}/{repo}`. */
export function serializeFullRepository(world: World, repository: Repository, role: Role): Record<string, unknown> {
  const parent = repository.parentId === null ? undefined : world.repositoryById(repository.parentId);
  return {
    ...serializeRepository(world, repository),
    permissions: serializePermissions(role),
    allow_squash_merge: repository.allowSquashMerge,
    allow_merge_commit: repository.allowMergeCommit,
    allow_rebase_merge: false,
    allow_auto_merge: false,
    delete_branch_on_merge: false,
    allow_update_branch: false,
    network_count: 0,
    subscribers_count: 0,
    ...(repository.owner.type === 'Organization' ? { organization: serializeAccount(world, repository.owner) } : {}),
    ...(parent === undefined ? {} : { parent: serializeRepository(world, parent), source: serializeRepository(world, parent) }),
  };
}

/** The short form inside installation webhooks. */
export function serializeRepositoryName(repository: Repository): Record<string, unknown> {
  return { id: repository.id, node_id: nodeId('R', repository.id), name: repository.name, full_name: repository.fullName, private: repository.private };
}

/** `GET …/branches/{branch}/protection`. */
export function serializeProtection(world: World, repository: Repository, branch: string, protection: BranchProtection): Record<string, unknown> {
  const api = `${repositoryApi(world, repository)}/branches/${encodeURIComponent(branch)}/protection`;
  const checks = protection.requiredChecks;
  const reviews = protection.requiredReviews;
  return {
    url: api,
    ...(checks === null
      ? {}
      : {
          required_status_checks: {
            url: `${api}/required_status_checks`,
            strict: checks.strict,
            contexts: checks.checks.map((check) => check.context),
            contexts_url: `${api}/required_status_checks/contexts`,
            checks: checks.checks.map((check) => ({ context: check.context, app_id: check.appId })),
          },
        }),
    ...(reviews === null
      ? {}
      : {
          required_pull_request_reviews: {
            url: `${api}/required_pull_request_reviews`,
            dismiss_stale_reviews: reviews.dismissStale,
            require_code_owner_reviews: reviews.requireCodeOwners,
            required_approving_review_count: reviews.count,
            require_last_push_approval: false,
          },
        }),
    required_signatures: { url: `${api}/required_signatures`, enabled: false },
    enforce_admins: { url: `${api}/enforce_admins`, enabled: protection.enforceAdmins },
    required_linear_history: { enabled: false },
    allow_force_pushes: { enabled: protection.allowForcePushes },
    allow_deletions: { enabled: protection.allowDeletions },
    block_creations: { enabled: false },
    required_conversation_resolution: { enabled: false },
    lock_branch: { enabled: false },
    allow_fork_syncing: { enabled: false },
  };
}
