import type { Attempt, IssueEvent, RefActivity, Shape, TextEdit } from './records.ts';
import { gitHubTime, node, somewhere } from './shapes.ts';
import type { World } from './world.ts';

const installationConstants = { access_tokens_url: somewhere, repositories_url: somewhere, html_url: somewhere, single_file_name: null, has_multiple_single_files: false, single_file_paths: [], suspended_by: null, suspended_at: null };
export function installationShape({ app, repository, permissions, events, began }: World): Shape {
  const { owner } = repository;
  const time = gitHubTime(began);
  return { id: app.installationId, account: owner.shape, repository_selection: 'selected', app_id: app.id, client_id: 'Iv1', app_slug: app.slug, target_id: owner.id, target_type: owner.type, permissions: Object.fromEntries(permissions), events, created_at: time, updated_at: time, ...installationConstants };
}

export function eventShape({ id, event, actor, at, label, rename, commit }: IssueEvent): Shape {
  const shape = { id, url: somewhere, actor: actor.shape, event, commit_id: commit ?? null, commit_url: commit === undefined ? null : somewhere, created_at: gitHubTime(at), performed_via_github_app: null, ...node };
  if (label !== undefined) return { label: { name: label.name, color: label.shape['color'] }, ...shape };
  return rename === undefined ? shape : { rename, ...shape };
}

export function activityShape({ id, ref, before, after, actor, at, type }: RefActivity): Shape {
  return { id, before, after, ref, timestamp: gitHubTime(at), activity_type: type, actor: actor.shape, ...node };
}

/** In GraphQL a bot's login has no `[bot]` behind it. */
export function textEditShape({ editor, at, text }: TextEdit): Shape {
  return { editedAt: gitHubTime(at), editor: { __typename: editor.type, login: editor.login.replace(/\[bot\]$/, '') }, diff: text };
}

export function attemptShape({ app, repository }: World, { id, delivery, at, isRedelivery, statusCode }: Attempt): Shape {
  const status = statusCode === 0 ? 'failed to connect to host' : statusCode < 300 ? 'OK' : 'Invalid HTTP Response';
  return { id, guid: delivery.id, delivered_at: gitHubTime(at), redelivery: isRedelivery, duration: 0, status, status_code: statusCode, event: delivery.name, action: delivery.action, installation_id: app.installationId, repository_id: repository.id, throttled_at: null };
}
