import { nodeId } from '../model/ids.ts';
import type { Issue, Pull, Repository } from '../model/records.ts';
import { permits, roleAtLeast, roleOf } from '../model/roles.ts';
import { setDraft } from '../operations/pulls.ts';
import { repositoryIsVisible } from '../rest/access.ts';
import { accountOf } from '../rest/actor.ts';
import { editHistory } from './graphql-edits.ts';
import { failure } from './graphql-failure.ts';
import { isJsonObject } from '../../kit/json.ts';
import type { RequestContext } from '../rest/request-context.ts';
import type { Route } from '../rest/router.ts';

/** The two mutations that have no REST counterpart. What else has none is the history of a text's edits. */
const MUTATIONS: Readonly<Record<string, boolean>> = { markPullRequestReadyForReview: false, convertPullRequestToDraft: true };

/** `POST /graphql` for exactly what the product needs of it; everything else is refused in GitHub's shape. */
export const graphqlRoutes: readonly Route[] = [
  {
    method: 'POST',
    template: '/graphql',
    access: { by: 'member' },
    async handle(context) {
      const query = context.body.text('query');
      if (query === undefined) return failure(null, 'A query attribute must be specified and must be a string.');
      if (/^\s*query\b[\s\S]*\buserContentEdits\b/.test(query)) return editHistory(context, query);
      const found = /^\s*mutation\b[^{]*\{\s*(?:\w+\s*:\s*)?(\w+)\s*\(\s*input\s*:\s*(\{[^}]*\}|\$\w+)\s*\)\s*(\{[\s\S]*\})\s*\}\s*$/.exec(query);
      const mutation = found?.[1];
      const draft = mutation === undefined ? undefined : MUTATIONS[mutation];
      if (found === null || mutation === undefined || draft === undefined) {
        return failure(null, 'This forge serves only the mutations markPullRequestReadyForReview and convertPullRequestToDraft, and `node(id:)` with `userContentEdits`.');
      }
      const id = pullRequestId(found[2] ?? '', context.body.object('variables')?.value ?? {});
      const target = id === null ? null : findPull(context, id);
      if (target === null) return failure('NOT_FOUND', `Could not resolve to a node with the global id of '${id ?? ''}'`, mutation);
      if (!mayEdit(context, target)) {
        return failure('FORBIDDEN', context.actor.kind === 'installation' ? 'Resource not accessible by integration' : `${context.account.login} does not have the correct permissions to execute \`${mutation}\``, mutation);
      }
      await setDraft(context.world, target.repository, target.issue, target.pull, context.account, draft);
      return { status: 200, body: { data: { [mutation]: { clientMutationId: null, pullRequest: show(target) } } } };
    },
  },
];

interface Target {
  readonly repository: Repository;
  readonly issue: Issue;
  readonly pull: Pull;
}

/** The id is written in the query, or comes from a variable: the input itself or one inside it. */
function pullRequestId(input: string, variables: Readonly<Record<string, unknown>>): string | null {
  if (input.startsWith('$')) {
    const whole = variables[input.slice(1)];
    return isJsonObject(whole) && typeof whole['pullRequestId'] === 'string' ? whole['pullRequestId'] : null;
  }
  const written = /pullRequestId\s*:\s*(?:"([^"]*)"|\$(\w+))/.exec(input);
  const value = written?.[1] ?? (written?.[2] === undefined ? null : variables[written[2]]);
  return typeof value === 'string' ? value : null;
}

function findPull(context: RequestContext, id: string): Target | null {
  for (const repository of context.world.repositories.values()) {
    if (!repositoryIsVisible(context.actor, repository)) continue;
    for (const issue of repository.issues.values()) if (issue.pull !== null && nodeId('PR', issue.pull.id) === id) return { repository, issue, pull: issue.pull };
  }
  return null;
}

function mayEdit(context: RequestContext, target: Target): boolean {
  if (context.actor.kind === 'installation') return permits(context.actor.permissions, 'pull_requests', 'write');
  return target.issue.user.id === context.account.id || roleAtLeast(roleOf(target.repository, accountOf(context.actor)), 'write');
}

function show({ issue, pull, repository }: Target): Record<string, unknown> {
  return {
    id: nodeId('PR', pull.id),
    number: issue.number,
    isDraft: pull.draft,
    state: pull.mergedAt !== null ? 'MERGED' : issue.state.toUpperCase(),
    title: issue.title,
    headRefOid: pull.headSha,
    repository: { nameWithOwner: repository.fullName },
  };
}
