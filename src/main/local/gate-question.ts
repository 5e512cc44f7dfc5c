import { diffCommand } from './gate-sheet.ts';
import type { GateSheet } from './gate-sheet.ts';
import { plain } from './paint.ts';

/** The terminal, while a person is asked something. */
export interface Asking {
  /** The line that was typed; null when there will be none any more (end of input, Ctrl-C). */
  ask(question: string): Promise<string | null>;
  say(line: string): void;
  showDiff(from: string, to: string): Promise<void>;
}

export type GateAnswer = { readonly kind: 'approve' } | { readonly kind: 'reject'; readonly reason: string } | { readonly kind: 'examine' } | { readonly kind: 'pause' };

/** Asks until there is an answer that can be acted on. No answer is a pause: nothing is decided by silence. */
export async function askAboutGate(asking: Asking, sheet: GateSheet): Promise<GateAnswer> {
  const waits = sheet.status === 'awaiting';
  const question = waits ? '[a]pprove, [r]eject, show [d]iff or [p]ause? ' : '[e]xamine again, show [d]iff or [p]ause? ';
  for (;;) {
    const typed = await asking.ask(question);
    if (typed === null) return { kind: 'pause' };
    const [word = '', ...rest] = plain(typed, 2_000).split(' ');
    const answer = word.toLowerCase();
    if (answer !== '' && 'pause'.startsWith(answer)) return { kind: 'pause' };
    if (answer !== '' && 'diff'.startsWith(answer)) await asking.showDiff(sheet.base, sheet.head);
    else if (waits && answer !== '' && 'approve'.startsWith(answer)) return { kind: 'approve' };
    else if (!waits && answer !== '' && 'examine'.startsWith(answer)) return { kind: 'examine' };
    else if (waits && answer !== '' && 'reject'.startsWith(answer)) {
      const reason = rest.length > 0 ? rest.join(' ') : await asking.ask('Why? ');
      if (reason === null) return { kind: 'pause' };
      if (plain(reason) !== '') return { kind: 'reject', reason: plain(reason, 2_000) };
      asking.say('A rejection needs its reason: it goes into the ledger.');
    } else asking.say(waits ? `Type one of: approve, reject <reason>, diff (${diffCommand(sheet)}), pause.` : `Type one of: examine, diff (${diffCommand(sheet)}), pause.`);
  }
}
