import { missionIdOf } from '../../core/mission/source.ts';
import type { MissionSource } from '../../core/mission/source.ts';
import { sha256 } from '../../kit/hash.ts';
import { sourceOfIssue } from './mapping.ts';
import type { Delivery, EventMapping, MappedSignal } from './mapping.ts';
import { field, isObjectAt, listAt, nameAt, textAt } from './reading.ts';

/** Labels that mean something, by what putting them on and taking them off asks for. */
export const missionLabel = 'mission';
const queueLabel = 'mission:queue';
const pauseLabel = 'mission:pause';

export const issues: EventMapping = (delivery) => {
  const issue = field(delivery.payload, 'issue');
  // Pull requests have events of their own; an issue event about one is not about a mission.
  if (isObjectAt(issue, 'pull_request')) return [];
  const source = sourceOfIssue(delivery.repository, issue);
  if (source === null) return [];
  const of = { delivery, issue, source, missionId: missionIdOf(source.repository.id, source.issue.number) };
  switch (delivery.action) {
    case 'labeled':
      return labelled(of, nameAt(delivery.payload, 'label', 'name'));
    case 'unlabeled':
      return unlabelled(of, nameAt(delivery.payload, 'label', 'name'));
    case 'opened':
      // GitHub also sends `labeled` for each label; the meanings are equal, so that one of them counts.
      return labelsOf(issue).flatMap((label) => labelled(of, label));
    case 'reopened':
      return labelsOf(issue).includes(missionLabel) ? [requested(of, `reopened:${place(of)}:${updatedAt(issue)}`)] : [];
    case 'edited':
      return edited(of);
    case 'closed':
      return concernsUs(of) ? [signal(of, `closed:${place(of)}:${nameAt(issue, 'closed_at') ?? updatedAt(issue)}`, { kind: 'issue.closed', source, actor: delivery.actor })] : [];
    default:
      return [];
  }
};

interface OfIssue {
  readonly delivery: Delivery;
  readonly issue: unknown;
  readonly source: MissionSource;
  readonly missionId: string;
}

function labelled(of: OfIssue, label: string | null): readonly MappedSignal[] {
  const { source, delivery } = of;
  const meaning = labelMeaning(of, label, 'labeled');
  switch (label) {
    case missionLabel:
      return [requested(of, meaning)];
    case queueLabel:
      return [signal(of, steeringMeaning(of, meaning), { kind: 'mission.queue-requested', source, actor: delivery.actor })];
    case pauseLabel:
      return [signal(of, steeringMeaning(of, meaning), { kind: 'mission.pause-requested', source, actor: delivery.actor })];
    default:
      return [];
  }
}

function unlabelled(of: OfIssue, label: string | null): readonly MappedSignal[] {
  if (label !== pauseLabel) return [];
  return [signal(of, steeringMeaning(of, labelMeaning(of, label, 'unlabeled')), { kind: 'mission.resume-requested', source: of.source, actor: of.delivery.actor })];
}

function requested(of: OfIssue, meaning: string): MappedSignal {
  const body = textAt(of.issue, 'body') ?? '';
  return signal(of, meaning, { kind: 'mission.requested', source: of.source, title: of.source.issue.title, body, actor: of.delivery.actor });
}

function edited(of: OfIssue): readonly MappedSignal[] {
  const { delivery, issue, source } = of;
  if (!isObjectAt(delivery.payload, 'changes', 'body') && !isObjectAt(delivery.payload, 'changes', 'title')) return [];
  if (!concernsUs(of)) return [];
  const body = textAt(issue, 'body') ?? '';
  const content = sha256(`${source.issue.title}\n${body}`).slice(0, 16);
  const previousBody = textAt(delivery.payload, 'changes', 'body', 'from') ?? undefined;
  return [signal(of, `edited:${place(of)}:${updatedAt(issue)}:${content}`, { kind: 'issue.edited', source, title: source.issue.title, body, previousBody, actor: delivery.actor })];
}

/** An issue that is no mission, and never was one, may be edited and closed without our storing it. */
function concernsUs({ delivery, issue }: OfIssue): boolean {
  if (labelsOf(issue).includes(missionLabel)) return true;
  const texts = [textAt(issue, 'body'), textAt(delivery.payload, 'changes', 'body', 'from')];
  return texts.some((text) => text?.includes('<!-- mg:') === true);
}

export function labelsOf(issue: unknown): readonly string[] {
  return listAt(issue, 'labels').flatMap((label) => nameAt(label, 'name') ?? []);
}

function labelMeaning(of: OfIssue, label: string | null, action: 'labeled' | 'unlabeled'): string {
  return `label:${place(of)}:${label ?? ''}:${action}:${updatedAt(of.issue)}`;
}

/**
 * A steering label may be taken off and put on again within the second that `updated_at` counts in. Its signals are decided by
 * what is on the issue now and change nothing when decided twice, so each delivery may mean something of its own.
 */
function steeringMeaning({ delivery }: OfIssue, meaning: string): string {
  return `${meaning}:${delivery.event.id}`;
}

function place({ source }: OfIssue): string {
  return `${source.repository.id}:${source.issue.number}`;
}

function updatedAt(issue: unknown): string {
  return nameAt(issue, 'updated_at') ?? '';
}

function signal(of: OfIssue, meaning: string, body: MappedSignal['signal']): MappedSignal {
  return { missionId: of.missionId, meaning, signal: body };
}
