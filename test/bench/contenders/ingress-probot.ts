// Bare Probot: its middleware verifies and dispatches; the handler does nothing and nothing is kept.
import { pino } from 'pino';
import { Probot, createNodeMiddleware } from 'probot';

import { serveUntilStdinEnds } from './server-child.ts';

const { secret, privateKey } = JSON.parse(process.argv[2] ?? '{}') as { secret: string; privateKey: string };
const probot = new Probot({ appId: 1, privateKey, secret, log: pino({ level: 'silent' }) });
const middleware = await createNodeMiddleware((app) => app.on('issue_comment', async () => undefined), { probot, webhooksPath: '/' });
await serveUntilStdinEnds(
  (request, response) => void middleware(request, response),
  async () => undefined,
);
