import { missionIdOf } from '../../core/mission/source.ts';
import type { MissionSource } from '../../core/mission/source.ts';
import { sha256 } from '../../kit/hash.ts';
import { keyedByMoment, sourceOfIssue } from './mapping.ts';
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
      return labelsOf(issue).includes(missionLabel) ? [{ ...requested(of), ...keyedByMoment(updatedAt(issue), (time) => `reopened:${place(of)}:${time}`) }] : [];
    case 'edited':
      return edited(of);
    case 'closed':
      if (!concernsUs(of)) return [];
      return [{ ...signal(of, { kind: 'issue.closed', source, actor: delivery.actor }), ...keyedByMoment(nameAt(issue, 'closed_at') ?? updatedAt(issue), (time) => `closed:${place(of)}:${time}`) }];
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
  const { actor } = delivery;
  switch (label) {
    case missionLabel:
      return [{ ...requested(of), ...labelKeys(of, label, 'labeled', '') }];
    case queueLabel:
      return [{ ...signal(of, { kind: 'mission.queue-requested', source, actor }), ...labelKeys(of, label, 'labeled', delivery.event.id) }];
    case pauseLabel:
      return [{ ...signal(of, { kind: 'mission.pause-requested', source, actor }), ...labelKeys(of, label, 'labeled', delivery.event.id) }];
    default:
      return [];
  }
}

function unlabelled(of: OfIssue, label: string | null): readonly MappedSignal[] {
  const { source, delivery } = of;
  const { actor } = delivery;
  if (label !== pauseLabel && label !== missionLabel) return [];
  const keys = labelKeys(of, label, 'unlabeled', delivery.event.id);
  if (label === pauseLabel) return [{ ...signal(of, { kind: 'mission.resume-requested', source, actor }), ...keys }];
  return [{ ...signal(of, { kind: 'mission.pause-requested', why: 'unlabelled', source, actor }), ...keys }];
}

function requested(of: OfIssue): Unkeyed {
  const body = textAt(of.issue, 'body') ?? '';
  return signal(of, { kind: 'mission.requested', source: of.source, title: of.source.issue.title, body, actor: of.delivery.actor });
}

/** A new text and a new title are two happenings, also when one delivery tells of both. */
function edited(of: OfIssue): readonly MappedSignal[] {
  const { delivery, issue, source } = of;
  if (!concernsUs(of)) return [];
  const { title } = source.issue;
  const body = textAt(issue, 'body') ?? '';
  const { actor } = delivery;
  const found: MappedSignal[] = [];
  if (isObjectAt(delivery.payload, 'changes', 'title')) {
    // The text is as it was: what was edited is what stands there.
    const renamed = signal(of, { kind: 'issue.edited', source, title, body, previousBody: body, actor });
    found.push({ ...renamed, ...keyedByMoment(updatedAt(issue), (time) => `edited:${place(of)}:${time}:title:${sha256(title).slice(0, 16)}`) });
  }
  if (isObjectAt(delivery.payload, 'changes', 'body')) {
    const previousBody = textAt(delivery.payload, 'changes', 'body', 'from') ?? undefined;
    const rewritten = signal(of, { kind: 'issue.edited', source, title, body, previousBody, actor });
    found.push({ ...rewritten, ...keyedByMoment(updatedAt(issue), (time) => `edited:${place(of)}:${time}:${sha256(body).slice(0, 16)}`) });
  }
  return found;
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

/** A label goes on and off no more often than this within the tolerance, as far as a late webhook is to be recognised. */
const mostTimes = 3;

/**
 * A webhook does not say which labelling it tells of, only when the issue changed; the issue's history knows them one by one.
 * So the history's n-th labelling of a moment counts only when fewer than n are known of that moment, and a webhook only
 * when the history did not tell first. `own` keeps apart what a person repeats within a second.
 */
function labelKeys(of: OfIssue, label: string, direction: 'labeled' | 'unlabeled', own: string): Pick<MappedSignal, 'meaning' | 'aliases' | 'nth'> {
  const { meaning, aliases: near } = keyedByMoment(updatedAt(of.issue), (time) => `label:${place(of)}:${label}:${direction}:${time}`);
  const moments = [meaning, ...near];
  const { nth } = of.delivery.event;
  if (nth !== undefined) return { meaning: `${meaning}#${nth}`, nth: { of: moments, n: nth } };
  const aliases = moments.flatMap((moment) => Array.from({ length: mostTimes }, (_, index) => `${moment}#${index + 1}`));
  return { meaning: own === '' ? meaning : `${meaning}:${own}`, aliases };
}

function place({ source }: OfIssue): string {
  return `${source.repository.id}:${source.issue.number}`;
}

function updatedAt(issue: unknown): string {
  return nameAt(issue, 'updated_at') ?? '';
}

type Unkeyed = Omit<MappedSignal, 'meaning'>;

function signal(of: OfIssue, body: MappedSignal['signal']): Unkeyed {
  return { missionId: of.missionId, signal: body };
}
