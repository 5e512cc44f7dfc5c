import type { Stopped } from './carry-out.ts';
import { exitCodes } from './exit-codes.ts';
import type { ExitCode } from './exit-codes.ts';
import type { MissionRecord } from './mission-folder.ts';
import { plain } from './paint.ts';

/** The exit code of a run, and what to type now. */
export function wordsAtEnd(stopped: Stopped, record: MissionRecord, { cancelled, logFile }: { readonly cancelled: boolean; readonly logFile: string }): { readonly exitCode: ExitCode; readonly words: readonly string[] } {
  const again = `missiongate resume ${record.number}`;
  const { mission } = stopped;
  switch (stopped.why) {
    case 'over':
      if (mission.status === 'completed') return { exitCode: exitCodes.completed, words: [] };
      if (mission.status === 'cancelled') return { exitCode: cancelled ? exitCodes.completed : exitCodes.failed, words: ['Its branches stay.'] };
      return { exitCode: exitCodes.failed, words: [...(mission.reason === null ? [] : [`${plain(mission.reason)}.`]), mission.rollback === undefined ? `Try what failed once more: ${again}` : 'What had succeeded was undone; begin a new mission to try again.', `Log: ${logFile}`] };
    case 'gate':
    case 'rejected': {
      const { phase, status } = stopped.sheet;
      if (status === 'awaiting') return { exitCode: exitCodes.waiting, words: [`The gate ${phase} waits for a person. In a terminal: ${again}   Without one: ${again} --yes-to ${phase}`] };
      return { exitCode: exitCodes.failed, words: [`The gate ${phase} ${status === 'rejected' ? 'was rejected' : 'is shut'}. Put it right on ${stopped.sheet.trunk}, then have it examined again: ${again}`] };
    }
    case 'question':
      return { exitCode: exitCodes.waiting, words: [`${stopped.open.task} asks: ${plain(stopped.open.question)}`, `In a terminal: ${again}   Without one: ${again} --yes-to ${stopped.open.task}`] };
    case 'put-off':
      return { exitCode: exitCodes.waiting, words: [`Decide on the gate ${stopped.sheet.phase} later: ${again}`] };
    case 'paused':
      if (mission.pausedFor !== undefined) return { exitCode: exitCodes.waiting, words: [`A budget is used up (${mission.pausedFor.replace('/', ' ')}). Give it more: ${again} --budget tokens=<number> (or usd=, minutes=)`] };
      return { exitCode: exitCodes.waiting, words: [`It is paused. Go on: ${again}`] };
    case 'interrupted':
      return { exitCode: exitCodes.interrupted, words: [`Nothing is lost. Go on: ${again}`] };
  }
}
