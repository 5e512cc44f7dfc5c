/** External id of a check about routines: the commit it stands on, what it shows, and what is proposed there. */
export function routineMarker(head: string, shown: string, proposal: string): string {
  return `mg:routines:${head}:${shown}:${proposal}`;
}

/** What the check with this external id shows as proposed; null when it is none about routines. */
export function proposalIn(marker: string): string | null {
  return /^mg:routines:[0-9a-f]{40,64}:[0-9a-f]{16}:([0-9a-f]{40})$/.exec(marker)?.[1] ?? null;
}

/** The button of a check that shows proposed routines. Labels have at most 20 letters, descriptions 40. */
export const activateButton = { label: 'Activate', description: 'Stand for what is proposed here', identifier: 'activate-routines' } as const;
