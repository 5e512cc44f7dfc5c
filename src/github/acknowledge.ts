import type { MissionSource } from '../core/mission/source.ts';
import type { Clock } from '../kit/time.ts';
import type { AppCredentials } from './credentials.ts';

/** A comment with a command for us, stored and not decided yet. */
export interface SeenComment {
  readonly source: MissionSource;
  readonly commentId: number;
}

export interface Acknowledger {
  /** Says 👀 on the comment, soon or not at all. Never throws and keeps nobody waiting. */
  seen(comment: SeenComment): void;
  /** Resolves when everything seen so far was said or left out. */
  idle(): Promise<void>;
  /** Nothing more is said; resolves when the call that is under way has ended. */
  close(): Promise<void>;
}

/** More comments at once than this are answered soon enough by what is decided. */
const maximumWaiting = 20;
/** Later than this the decision is most likely there. */
const patienceMs = 5_000;

/**
 * People see at once that their command has arrived, although its effects may take GitHub's pace of a write a second. A courtesy, not
 * a record: what does not fit or fails is left out, decisions are written first, and GitHub keeps one 👀 however often it is said.
 */
export function createAcknowledger({ credentials, clock }: { readonly credentials: Pick<AppCredentials, 'installation'>; readonly clock: Clock }): Acknowledger {
  const waiting: (SeenComment & { readonly since: number })[] = [];
  let running: Promise<void> | null = null;
  let closed = false;

  async function work(): Promise<void> {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      if (clock.now() - next.since > patienceMs) continue;
      const { source, commentId, since } = next;
      const { owner, name } = source.repository;
      try {
        await credentials.installation(source.installationId).write(
          { write: 'acknowledgement', what: 'saying that a command has arrived', priority: 'status', content: false, confirm: async () => !closed && clock.now() - since <= patienceMs },
          (octokit) => octokit.rest.reactions.createForIssueComment({ owner, repo: name, comment_id: commentId, content: 'eyes' }),
        );
      } catch {
        // Whatever is wrong with GitHub is met again, and told, by what is decided.
      }
    }
    running = null;
  }

  return {
    seen(comment) {
      if (closed || waiting.length >= maximumWaiting) return;
      waiting.push({ ...comment, since: clock.now() });
      running ??= work();
    },
    async idle() {
      await running;
    },
    async close() {
      closed = true;
      waiting.length = 0;
      await running;
    },
  };
}
