/**
 * Named places where a process may die: between a durable step and the next. In production this does nothing; crash tests
 * kill the process there (`MISSIONGATE_FAULT`, see `main/fault.ts`), so that recovery is tested where it matters.
 */
export type FaultPoint = (place: FaultPlace) => Promise<void> | void;

export const faultPlaces = [
  'after inbox insert',
  'before commit',
  'between commit and outbox',
  'between outbox and queue',
  'after queue add',
  'after claim',
  'after push',
  'before finish',
  'after finish',
  'after merge',
  'after sync begin',
  'after sync write',
  'before sync end',
  'before object intent',
  'after object intent',
  'after object create',
] as const;

export type FaultPlace = (typeof faultPlaces)[number];

export const noFault: FaultPoint = () => undefined;
