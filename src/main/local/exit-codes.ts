/** What `missiongate run` and `missiongate resume` end with. */
export const exitCodes = {
  completed: 0,
  /** Also partially, cancelled, or a gate that is shut. */
  failed: 1,
  /** Called wrongly, or a file with problems; nothing was begun. */
  usage: 2,
  /** A gate, a pause or a budget waits for a person. */
  waiting: 3,
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** Something that keeps a mission from being begun or resumed, said so that a person can put it right. */
export class CannotRun extends Error {
  override readonly name = 'CannotRun';
  readonly exitCode: ExitCode;
  constructor(message: string, exitCode: ExitCode = exitCodes.usage) {
    super(message);
    this.exitCode = exitCode;
  }
}
