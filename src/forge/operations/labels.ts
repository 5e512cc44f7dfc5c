import { LABEL_DESCRIPTION_MAX, LABEL_NAME_MAX, LABELS_PER_ISSUE } from '../model/limits.ts';
import type { Account, Issue, Label, Repository } from '../model/records.ts';
import type { World } from '../model/world.ts';
import { notFound, validationFailed } from '../rest/problem.ts';
import { serializeLabel } from '../serialize/issues.ts';
import { announceIssue, recordEvent } from './announce.ts';

/** The colour of a label that came to be by being used. */
const UNCHOSEN_COLOR = 'ededed';

function checkName(name: string | undefined): string {
  if (name === undefined || name.trim() === '') throw validationFailed({ resource: 'Label', field: 'name', code: 'missing_field' });
  if (name.length > LABEL_NAME_MAX) {
    throw validationFailed({ resource: 'Label', field: 'name', code: 'custom', message: `name is too long (maximum is ${LABEL_NAME_MAX} characters)` });
  }
  return name;
}

function checkColor(color: string): string {
  if (!/^[0-9a-fA-F]{6}$/.test(color)) throw validationFailed({ resource: 'Label', field: 'color', code: 'invalid' });
  return color.toLowerCase();
}

function checkDescription(description: string | null): string | null {
  if (description !== null && description.length > LABEL_DESCRIPTION_MAX) {
    const message = `description is too long (maximum is ${LABEL_DESCRIPTION_MAX} characters)`;
    throw validationFailed({ resource: 'Label', field: 'description', code: 'custom', message });
  }
  return description;
}

export function findLabel(repository: Repository, name: string): Label {
  const label = repository.labels.get(name.toLowerCase());
  if (label === undefined) throw notFound();
  return label;
}

export interface NewLabel {
  readonly name: string | undefined;
  readonly color?: string | undefined;
  readonly description?: string | null | undefined;
}

export function createLabel(world: World, repository: Repository, sender: Account, given: NewLabel): Label {
  const name = checkName(given.name);
  if (repository.labels.has(name.toLowerCase())) throw validationFailed({ resource: 'Label', field: 'name', code: 'already_exists' });
  const label: Label = {
    id: world.ids.next('label'),
    name,
    color: checkColor(given.color ?? UNCHOSEN_COLOR),
    description: checkDescription(given.description ?? null),
    default: false,
  };
  repository.labels.set(name.toLowerCase(), label);
  world.emit({ event: 'label', action: 'created', repository, sender, payload: { label: serializeLabel(world, repository, label) } });
  return label;
}

export function editLabel(world: World, repository: Repository, sender: Account, label: Label, given: { newName?: string | undefined; color?: string | undefined; description?: string | null | undefined }): void {
  const changes: Record<string, { from: string }> = {};
  if (given.newName !== undefined && given.newName !== label.name) {
    const name = checkName(given.newName);
    const taken = repository.labels.get(name.toLowerCase());
    if (taken !== undefined && taken !== label) throw validationFailed({ resource: 'Label', field: 'name', code: 'already_exists' });
    changes['name'] = { from: label.name };
    repository.labels.delete(label.name.toLowerCase());
    label.name = name;
    repository.labels.set(name.toLowerCase(), label);
  }
  if (given.color !== undefined && given.color.toLowerCase() !== label.color) {
    changes['color'] = { from: label.color };
    label.color = checkColor(given.color);
  }
  if (given.description !== undefined && given.description !== label.description) {
    if (label.description !== null) changes['description'] = { from: label.description };
    label.description = checkDescription(given.description);
  }
  world.emit({ event: 'label', action: 'edited', repository, sender, payload: { label: serializeLabel(world, repository, label), changes } });
}

export function deleteLabel(world: World, repository: Repository, sender: Account, label: Label): void {
  repository.labels.delete(label.name.toLowerCase());
  for (const issue of repository.issues.values()) issue.labels = issue.labels.filter((one) => one !== label);
  world.emit({ event: 'label', action: 'deleted', repository, sender, payload: { label: serializeLabel(world, repository, label) } });
}

/** The labels with these names; unknown ones come to be, as on GitHub. */
function labelsNamed(world: World, repository: Repository, sender: Account, names: readonly string[]): Label[] {
  const found = names.map((name) => repository.labels.get(checkName(name).toLowerCase()) ?? createLabel(world, repository, sender, { name }));
  return [...new Set(found)];
}

/** Makes an issue's labels exactly these, announcing each difference. */
export async function setLabels(world: World, repository: Repository, issue: Issue, sender: Account, names: readonly string[]): Promise<void> {
  const wanted = labelsNamed(world, repository, sender, names);
  for (const label of issue.labels.filter((one) => !wanted.includes(one))) await removeLabel(world, repository, issue, sender, label);
  await attachLabels(world, repository, issue, sender, wanted);
}

export async function addLabels(world: World, repository: Repository, issue: Issue, sender: Account, names: readonly string[]): Promise<void> {
  await attachLabels(world, repository, issue, sender, labelsNamed(world, repository, sender, names));
}

async function attachLabels(world: World, repository: Repository, issue: Issue, sender: Account, labels: readonly Label[]): Promise<void> {
  const missing = labels.filter((label) => !issue.labels.includes(label));
  if (issue.labels.length + missing.length > LABELS_PER_ISSUE) {
    throw validationFailed({ resource: 'Issue', field: 'labels', code: 'custom', message: `An issue may have at most ${LABELS_PER_ISSUE} labels` });
  }
  for (const label of missing) {
    issue.labels.push(label);
    issue.updatedAt = world.clock.now();
    recordEvent(world, issue, sender, 'labeled', { label: { name: label.name, color: label.color } });
    await announceIssue(world, repository, issue, sender, 'labeled', { label: serializeLabel(world, repository, label) });
  }
}

export async function removeLabel(world: World, repository: Repository, issue: Issue, sender: Account, label: Label): Promise<void> {
  issue.labels = issue.labels.filter((one) => one !== label);
  issue.updatedAt = world.clock.now();
  recordEvent(world, issue, sender, 'unlabeled', { label: { name: label.name, color: label.color } });
  await announceIssue(world, repository, issue, sender, 'unlabeled', { label: serializeLabel(world, repository, label) });
}
