import type { EventBody } from '../../src/core/mission/event.ts';

/** What the documents promise to seal: decisions on gates, approvals and waivers, and the end of a mission. */
export function mustBeSealed(type: EventBody['type']): boolean {
  return sealedTypes.has(type);
}

/** Written down by hand, from what the documents promise; the product derives it from its kinds of entries. */
const sealedTypes: ReadonlySet<EventBody['type']> = new Set([
  'gate.approved',
  'gate.approval-kept',
  'gate.approval-withdrawn',
  'gate.rejected',
  'gate.opened',
  'gate.shut',
  'approval.given',
  'approval.refused',
  'waiver.requested',
  'waiver.approved',
  'waiver.withdrawn',
  'waiver.expired',
  'mission.completed',
  'mission.failed',
  'mission.cancelled',
  'mission.timed-out',
  'pull.merged',
]);

/** Decisions and ends that no later seal covers. */
export function unsealedDecisions(events: readonly { readonly body: EventBody }[]): readonly string[] {
  const last = events.findLastIndex(({ body }) => body.type === 'ledger.sealed');
  return events.slice(last + 1).flatMap(({ body }) => (mustBeSealed(body.type) ? [body.type] : []));
}
