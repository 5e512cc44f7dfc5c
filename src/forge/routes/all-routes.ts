import type { ManifestRegistry } from '../operations/manifests.ts';
import type { RateLimiter } from '../rest/rate-limit.ts';
import type { Route } from '../rest/router.ts';
import type { WebhookDispatcher } from '../webhooks/dispatcher.ts';
import { activityRoutes } from './activity.ts';
import { appRoutes } from './apps.ts';
import { branchRoutes } from './branches.ts';
import { checkRunRoutes } from './check-runs.ts';
import { checkSuiteRoutes } from './check-suites.ts';
import { commentRoutes } from './comments.ts';
import { commitRoutes } from './commits.ts';
import { contentRoutes } from './contents.ts';
import { dispatchRoutes } from './dispatches.ts';
import { gitDataRoutes } from './git-data.ts';
import { graphqlRoutes } from './graphql.ts';
import { hookRoutes } from './hook-deliveries.ts';
import { issueRoutes } from './issues.ts';
import { labelRoutes } from './labels.ts';
import { pullRoutes } from './pulls.ts';
import { reactionRoutes } from './reactions.ts';
import { repositoryRoutes } from './repositories.ts';
import { reviewRoutes } from './reviews.ts';
import { statusRoutes } from './statuses.ts';
import { userRoutes } from './users.ts';

/** The registry of endpoints: a new one is a file here and a line below. */
export function allRoutes(parts: { dispatcher: WebhookDispatcher; limiter: RateLimiter; manifests: ManifestRegistry }): readonly Route[] {
  return [
    ...appRoutes(parts.manifests),
    ...hookRoutes(parts.dispatcher),
    ...userRoutes(parts.limiter),
    ...repositoryRoutes,
    ...contentRoutes,
    ...gitDataRoutes,
    ...branchRoutes,
    ...activityRoutes,
    ...commitRoutes,
    ...issueRoutes,
    ...commentRoutes,
    ...labelRoutes,
    ...reactionRoutes,
    ...pullRoutes,
    ...reviewRoutes,
    ...checkRunRoutes,
    ...checkSuiteRoutes,
    ...statusRoutes,
    ...dispatchRoutes,
    ...graphqlRoutes,
  ];
}
