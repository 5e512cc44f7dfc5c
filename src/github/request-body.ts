import type { IncomingMessage } from 'node:http';

/** GitHub's own limit for a delivery. */
export const maximumBodyBytes = 25 * 1024 * 1024;

export type BodyOutcome = { readonly outcome: 'read'; readonly text: string } | { readonly outcome: 'too-large' } | { readonly outcome: 'aborted' };

/**
 * Reads a request's body within a limit. A body that says it is larger is not read at all; one that turns out to be larger
 * is dropped while it streams, so that it never stands in memory.
 */
export function readBody(request: IncomingMessage, maximum: number = maximumBodyBytes): Promise<BodyOutcome> {
  const declared = Number(request.headers['content-length'] ?? 0);
  if (declared > maximum) return Promise.resolve({ outcome: 'too-large' });
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > maximum) {
        chunks.length = 0;
        request.removeAllListeners('data');
        resolve({ outcome: 'too-large' });
        return;
      }
      chunks.push(chunk);
    });
    request.on('end', () => resolve({ outcome: 'read', text: Buffer.concat(chunks).toString('utf8') }));
    request.on('error', () => resolve({ outcome: 'aborted' }));
    request.on('aborted', () => resolve({ outcome: 'aborted' }));
  });
}
