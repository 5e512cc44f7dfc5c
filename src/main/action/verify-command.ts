import { page, paragraph } from '../../github/messages/page.ts';
import { NoMissionFolder } from '../mission-files.ts';
import { CannotRun } from '../local/exit-codes.ts';
import { verification, WrongCall } from '../verify-folder.ts';
import type { Verification } from '../verify-folder.ts';
import type { Outcome } from './outputs.ts';
import { summaryBytes } from './summary.ts';
import type { Surroundings } from './surroundings.ts';

/** `command: verify`: what remains of a mission, offline. */
export function verifyCommand({ call, log, ink }: Surroundings): Outcome {
  const folder = call.text('folder');
  const { valid, verdict, ledger, data, words } = verified(folder, call.list('key'), call.list('anchor'));
  for (const line of words) log.line(ink.text(line, 8_000));
  if (!valid) log.annotate({ level: 'failure', title: `Missiongate: ${verdict}`, message: ink.text(words.slice(1).join('\n') || `${folder} does not verify.`, 8_000) });
  return {
    exitCode: valid ? 0 : 1,
    outputs: { status: verdict, folder, 'mission-id': ledger?.mission ?? '', 'ledger-head': ledger === null ? '' : `${ledger.entries}:${ledger.head ?? ''}`, results: JSON.stringify(data) },
    summary: page([paragraph(`## ${valid ? '✅' : '❌'} ${ink.code(folder)}: ${ink.plain(verdict)}`), paragraph(ink.fence(words.join('\n'), 200_000))], summaryBytes),
  };
}

function verified(folder: string, key: readonly string[], anchor: readonly string[]): Verification {
  try {
    return verification(folder, { key, anchor });
  } catch (error) {
    if (!(error instanceof NoMissionFolder || error instanceof WrongCall)) throw error;
    throw new CannotRun(`folder: ${error.message.replaceAll(/--(key|anchor)/g, '$1')}.`);
  }
}
