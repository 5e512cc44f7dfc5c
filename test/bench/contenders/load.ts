// Sends signed `issue_comment` deliveries of about 10 KB, each with its own delivery and comment id, over plain sockets:
// either as fast as the answers come (closed loop), or at a fixed rate, where a delivery's time counts from when it was due.
import { createHmac, randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import type { Socket } from 'node:net';

interface LoadBrief {
  readonly port: number;
  readonly secret: string;
  readonly connections: number;
  readonly seconds: number;
  /** Deliveries per second; null means as many as the connections carry. */
  readonly perSecond: number | null;
}

const brief = JSON.parse(process.argv[2] ?? '{}') as LoadBrief;
const filler = 'All that is gold does not glitter, not all those who wander are lost. '.repeat(110);
let serial = 0;

function delivery(): Buffer {
  serial += 1;
  const user = { login: 'author', id: 5, node_id: 'U_5', type: 'User', site_admin: false };
  const body = JSON.stringify({
    action: 'created',
    issue: { id: 77, number: 7, title: 'Add slugs', state: 'open', user, labels: [{ id: 1, name: 'mission' }], body: filler, author_association: 'OWNER' },
    comment: { id: 1_000_000 + serial, user, body: `/status\n\n${filler.slice(0, 1500)}`, created_at: '2026-11-21T00:00:00Z', updated_at: '2026-11-21T00:00:00Z', author_association: 'OWNER' },
    repository: { id: 10, name: 'shop', full_name: 'author/shop', private: false, owner: user, default_branch: 'main' },
    sender: user,
    installation: { id: 1 },
  });
  const signature = createHmac('sha256', brief.secret).update(body).digest('hex');
  return Buffer.from(
    `POST / HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nx-github-event: issue_comment\r\nx-github-delivery: ${randomUUID()}\r\nx-hub-signature-256: sha256=${signature}\r\n\r\n${body}`,
  );
}

const times: number[] = [];
let refused = 0;
const until = performance.now() + brief.seconds * 1000;

/** One keep-alive connection: sends a delivery and resolves when its answer is complete. */
function openConnection(): { send(due: number): Promise<void>; close(): void } {
  const socket: Socket = connect(brief.port, '127.0.0.1').setNoDelay(true);
  let answered: (() => void) | undefined;
  let failed: ((error: Error) => void) | undefined;
  let received = '';
  socket.on('error', (error) => failed?.(error));
  socket.on('close', () => failed?.(new Error('the server closed a connection')));
  socket.on('data', (chunk: Buffer) => {
    received += chunk.toString('latin1');
    const head = received.indexOf('\r\n\r\n');
    if (head < 0) return;
    const length = /content-length: (\d+)/i.exec(received)?.[1];
    const complete = length === undefined ? received.endsWith('0\r\n\r\n') : received.length >= head + 4 + Number(length);
    if (!complete) return;
    if (!/^HTTP\/1\.1 20[02]/.test(received)) refused += 1;
    received = '';
    answered?.();
  });
  return {
    async send(due) {
      const over = new Promise<void>((resolve, reject) => ([answered, failed] = [resolve, reject]));
      // A timer may be a little early; a delivery that had to wait counts from when it was due.
      const from = Math.min(due, performance.now());
      socket.write(delivery());
      await over;
      times.push(performance.now() - from);
    },
    close: () => socket.destroy(),
  };
}

async function closedLoop(): Promise<void> {
  await Promise.all(
    Array.from({ length: brief.connections }, async () => {
      const connection = openConnection();
      while (performance.now() < until) await connection.send(performance.now());
      connection.close();
    }),
  );
}

async function fixedRate(perSecond: number): Promise<void> {
  const idle = Array.from({ length: brief.connections }, openConnection);
  const started = performance.now();
  const total = Math.floor(perSecond * brief.seconds);
  const sent: Promise<void>[] = [];
  for (let index = 0; index < total; index += 1) {
    const due = started + (index * 1000) / perSecond;
    if (due > performance.now()) await new Promise((resolve) => setTimeout(resolve, due - performance.now()));
    while (idle.length === 0) await new Promise((resolve) => setImmediate(resolve));
    // In turn: servers close connections that nobody used for some seconds.
    const connection = idle.shift();
    if (connection) sent.push(connection.send(due).then(() => void idle.push(connection)));
  }
  await Promise.all(sent);
}

const started = performance.now();
if (brief.perSecond === null) await closedLoop();
else await fixedRate(brief.perSecond);
const seconds = (performance.now() - started) / 1000;
times.sort((a, b) => a - b);
const at = (share: number): number => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? Number.NaN;
console.log(JSON.stringify({ deliveries: times.length, perSecond: times.length / seconds, p50: at(0.5), p99: at(0.99), refused }));
process.exit(0);
