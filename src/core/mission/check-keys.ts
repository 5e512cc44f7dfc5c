/** The one check to require: it sums up a mission's gates, and stands on merge groups and on pull requests of no mission as well. */
export const compositeName = 'missiongate';

const compositeStart = `check:${compositeName}@`;
const gateStart = 'check:gate/';

/** What a check is remembered under: the composite one by its commit. */
export function compositeKey(commit: string): string {
  return `${compositeStart}${commit}`;
}

/** The commit of such a key; null for every other one. */
export function readCompositeKey(key: string): string | null {
  return key.startsWith(compositeStart) ? key.slice(compositeStart.length) : null;
}

export interface GateRound {
  readonly phase: string;
  readonly head: string;
  readonly round: number;
}

/** One for each round of a gate. */
export function gateKey({ phase, head, round }: GateRound): string {
  return `${gateStart}${phase}@${head}#${round}`;
}

/** The round of such a key; null for every other one. */
export function readGateKey(key: string): GateRound | null {
  const [, phase, head, round] = key.startsWith(gateStart) ? (/^(.+)@([0-9a-f]+)#(\d+)$/.exec(key.slice(gateStart.length)) ?? []) : [];
  return phase === undefined || head === undefined ? null : { phase, head, round: Number(round) };
}
