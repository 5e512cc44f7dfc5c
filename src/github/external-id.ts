/** What one of our check runs is about. */
export type ExternalSubject =
  | { readonly kind: 'gate'; readonly phase: string; readonly round: number }
  | { readonly kind: 'task'; readonly task: string }
  | { readonly kind: 'mission' };

/**
 * The marker of a check run: `mg:<mission>:gate/<phase>:<round>`, `mg:<mission>:task/<task>`, `mg:<mission>:missiongate`.
 * Comes back with every event about the run, and tells after a crash whether the run was made.
 */
export function externalId(missionId: string, subject: ExternalSubject): string {
  switch (subject.kind) {
    case 'gate':
      return `mg:${missionId}:gate/${subject.phase}:${subject.round}`;
    case 'task':
      return `mg:${missionId}:task/${subject.task}`;
    default:
      return `mg:${missionId}:missiongate`;
  }
}

/** The marker of the check on a commit of the merge queue: one check for one commit. It belongs to no mission, so `readExternalId` knows it not. */
export function mergeGroupMarker(head: string): string {
  return `mg:group:${head}`;
}

/** The marker of the check on a commit that pull requests of no mission offer. Once a mission's trunk stands there the check is that mission's, and carries its marker. */
export function outsideMarker(commit: string): string {
  return `mg:pull:${commit}`;
}

/** The commit of such a marker; null for every other one. */
export function readOutsideMarker(text: string): string | null {
  return /^mg:pull:([0-9a-f]{40,64})$/.exec(text)?.[1] ?? null;
}

export function readExternalId(text: string): { readonly missionId: string; readonly subject: ExternalSubject } | null {
  const match = /^mg:(r[1-9][0-9]{0,15}-i[1-9][0-9]{0,9}):(?:gate\/([a-z0-9][a-z0-9-]{0,62}):([1-9][0-9]{0,8})|task\/([a-z0-9][a-z0-9-]{0,62})|missiongate)$/.exec(text);
  if (match === null) return null;
  const [, missionId = '', phase, round, task] = match;
  if (phase !== undefined) return { missionId, subject: { kind: 'gate', phase, round: Number(round) } };
  return { missionId, subject: task === undefined ? { kind: 'mission' } : { kind: 'task', task } };
}
