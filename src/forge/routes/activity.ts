import { gitHubTime } from '../model/github-time.ts';
import { nodeId } from '../model/ids.ts';
import type { RefActivity } from '../model/records.ts';
import { validationFailed } from '../rest/problem.ts';
import type { RequestContext } from '../rest/request-context.ts';
import type { Reply, Route } from '../rest/router.ts';
import { serializeAccount } from '../serialize/accounts.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const PERIOD_DAYS: Readonly<Record<string, number>> = { day: 1, week: 7, month: 31, quarter: 92, year: 366 };

/** What happened to the branches of a repository: who pushed what from where to where. */
export const activityRoutes: readonly Route[] = [
  { method: 'GET', template: '/repos/{owner}/{repo}/activity', access: { by: 'anyone', permission: [['contents', 'read']] }, handle: listActivity },
];

function listActivity(context: RequestContext): Reply {
  const { query, repository, world, now } = context;
  const wanted = query.get('ref')?.replace(/^refs\/heads\//, '');
  const actor = query.get('actor')?.toLowerCase();
  const type = query.get('activity_type');
  const period = query.get('time_period');
  if (period !== null && PERIOD_DAYS[period] === undefined) throw validationFailed(`Invalid time period: ${period}`);
  const after = period === null ? 0 : now - (PERIOD_DAYS[period] ?? 0) * DAY_MS;
  const found = repository.activity.filter(
    (one) =>
      (wanted === undefined || one.ref === `refs/heads/${wanted}`) &&
      (actor === undefined || one.actor.login.toLowerCase() === actor) &&
      (type === null || one.type === type) &&
      one.at >= after,
  );
  const ordered = query.get('direction') === 'asc' ? found : found.toReversed();
  return page(context, ordered, (one) => ({
    id: one.id,
    node_id: nodeId('PSH', one.id),
    before: one.before,
    after: one.after,
    ref: one.ref,
    timestamp: gitHubTime(one.at),
    activity_type: one.type,
    actor: serializeAccount(world, one.actor),
  }));
}

/** This list is paged by cursors: `after` names the last entry of the page before. */
function page(context: RequestContext, all: readonly RefActivity[], show: (one: RefActivity) => Record<string, unknown>): Reply {
  const { query } = context;
  const size = Math.min(Math.max(Number(query.get('per_page') ?? 30) || 30, 1), 100);
  const cursor = query.get('after');
  const start = cursor === null ? 0 : all.findIndex((one) => String(one.id) === cursor) + 1;
  const items = all.slice(start, start + size);
  const last = items.at(-1);
  const next = new URLSearchParams(query);
  if (last !== undefined) next.set('after', String(last.id));
  const more = start + size < all.length;
  return { status: 200, body: items.map(show), headers: more ? { link: `<${context.world.apiUrl}${context.path}?${next.toString()}>; rel="next"` } : {} };
}
