import type { Forge } from '../../forge/forge.ts';

/** Everybody who acts in the demo, each with a token of their own. */
export const cast = { owner: 'demo', author: 'author', reviewer: 'reviewer', stranger: 'stranger' } as const;

export interface Stage {
  readonly forge: Forge;
  /** `owner/name` */
  readonly repository: string;
  readonly issue: number;
}

/** Somebody without write access tries to open a gate; nothing but a refusal may come of it. */
export async function strangerTries(stage: Stage, phase: string): Promise<void> {
  await stage.forge.as(cast.stranger).comment(stage.repository, stage.issue, `/approve-gate ${phase}`);
}

/** The reviewer approves a gate: the first by comment, others by the check's button, as people do. */
export async function reviewerApproves(stage: Stage, phase: string, checkRun: number | null): Promise<void> {
  const reviewer = stage.forge.as(cast.reviewer);
  if (checkRun === null) await reviewer.comment(stage.repository, stage.issue, `Looks right to me.\n\n/approve-gate ${phase}`);
  else await reviewer.pressButton(stage.repository, checkRun, 'approve');
}
