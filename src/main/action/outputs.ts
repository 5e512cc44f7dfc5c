import { setOutput } from '@actions/core';

/** Every output of `action.yml`. */
export const outputNames = ['status', 'mission', 'mission-id', 'folder', 'gates', 'waiting-for', 'ledger-head', 'branch', 'commit', 'base', 'results', 'problems'] as const;

export type Outputs = { readonly [name in (typeof outputNames)[number]]?: string };

/** How a command of the Action ended. */
export interface Outcome {
  /** 0 makes the step green. */
  readonly exitCode: number;
  readonly outputs: Outputs & { readonly status: string };
  /** For the page of the run; Markdown. */
  readonly summary: string;
}

/** GitHub takes 1 MB of outputs from a whole job. */
const longestOutput = 200_000;

/** Hands outputs to the steps that follow, all of them, so that none is left over from anywhere. Returns the names of those that are too long to be handed over. */
export function giveOutputs(outputs: Outputs): readonly string[] {
  const tooLong = outputNames.filter((name) => (outputs[name] ?? '').length > longestOutput);
  for (const name of outputNames) setOutput(name, tooLong.includes(name) ? '' : (outputs[name] ?? ''));
  return tooLong;
}
