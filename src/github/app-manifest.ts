import { listenedEvents } from './webhooks/signals-of.ts';

/** What the App asks for, and why: `docs/reference/permissions.md`. */
export const appPermissions = { actions: 'read', checks: 'write', contents: 'write', issues: 'write', members: 'read', merge_queues: 'read', metadata: 'read', pull_requests: 'write' } as const;

export const appEvents: readonly string[] = listenedEvents;

/** The manifest from which GitHub makes the App, in the fields of `app.yml`. */
export function appManifest(webhookUrl: string) {
  return {
    name: 'Missiongate',
    description: 'Runs AI-agent missions: an issue is a mission, a checklist item a task, a check run a gate.',
    url: new URL('/', webhookUrl).href,
    public: false,
    hook_attributes: { url: webhookUrl, active: true },
    default_permissions: appPermissions,
    default_events: appEvents,
  };
}
