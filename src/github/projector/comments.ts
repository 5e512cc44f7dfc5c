import { sha256 } from '../../kit/hash.ts';
import type { ObjectRecord } from '../../engine/ports/projector.ts';
import type { WritePriority } from '../limiter.ts';
import { objectMarker } from './desk.ts';
import type { Desk } from './desk.ts';

export interface CommentRequest {
  readonly key: string;
  /** Issue or pull request. */
  readonly conversation: number;
  readonly priority: WritePriority;
  readonly what: string;
  /** Digest of what the text is made of; equal digests give no write. */
  readonly digest: string;
  readonly text: () => string;
}

/** Writes a comment once, and edits it when its content has changed. */
export async function putComment(desk: Desk, request: CommentRequest): Promise<ObjectRecord> {
  const marker = objectMarker(desk.missionId, request.key);
  const body = (): string => `${desk.redact(request.text())}\n\n${marker}`;
  const options = { write: 'comment' as const, what: request.what, priority: request.priority, content: true };
  const record = await desk.create({
    key: request.key,
    rendered: request.digest,
    write: options,
    find: (since) => findComment(desk, request.conversation, marker, since),
    make: async (octokit) => (await octokit.rest.issues.createComment({ ...desk.at, issue_number: request.conversation, body: body() })).data.id,
  });
  return desk.update(record, request.digest, { ...options, write: 'comment-edit', content: false }, (octokit, id) => octokit.rest.issues.updateComment({ ...desk.at, comment_id: id, body: body() }));
}

/** Our comment with the marker, by listing: a search would not know the newest ones. Only our own bot's comments count. */
async function findComment(desk: Desk, conversation: number, marker: string, since: number): Promise<number | null> {
  return desk.read('looking for an earlier comment', async (octokit) => {
    const pages = octokit.paginate.iterator(octokit.rest.issues.listComments, { ...desk.at, issue_number: conversation, since: new Date(since).toISOString(), per_page: 100 });
    for await (const { data } of pages) {
      for (const comment of data) {
        if (comment.user?.login.toLowerCase() === desk.ourBot.login.toLowerCase() && comment.body?.includes(marker)) return comment.id;
      }
    }
    return null;
  });
}

export function digestOf(...parts: readonly (string | number | null)[]): string {
  return sha256(JSON.stringify(parts));
}
