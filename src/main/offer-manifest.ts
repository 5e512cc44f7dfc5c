import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Settings } from '../config/settings.ts';
import { appManifest } from '../github/app-manifest.ts';

/**
 * First start without an App: Probot's set-up page makes one on GitHub from our manifest and writes its settings to `.env` in
 * the data folder, where the next start finds them.
 * Refused in production, and bound to loopback: whoever reaches the page could import a key.
 */
export async function offerManifest(settings: Settings): Promise<number> {
  if (process.env.NODE_ENV === 'production') {
    console.error('missiongate: APP_ID, PRIVATE_KEY (or PRIVATE_KEY_PATH) and WEBHOOK_SECRET are not set. Set them, or start once without NODE_ENV=production to make an App.');
    return 2;
  }
  const { run } = await import('probot');
  const own = `http://127.0.0.1:${settings.port}`;
  const webhookUrl = process.env.WEBHOOK_PROXY_URL || `${(process.env.MISSIONGATE_URL || own).replace(/\/+$/, '')}${settings.webhookPath}`;
  mkdirSync(settings.dataDir, { recursive: true, mode: 0o700 });
  // Probot reads `app.yml` from the present folder and leaves `.env` there. JSON is YAML.
  process.chdir(settings.dataDir);
  writeFileSync('app.yml', `${JSON.stringify(appManifest(webhookUrl), null, 2)}\n`);
  const api = new URL(settings.githubApiUrl);
  const environment: Record<string, string | undefined> = { ...process.env, HOST: '127.0.0.1', PORT: String(settings.port), NO_SMEE_SETUP: process.env.WEBHOOK_PROXY_URL ? undefined : 'true', WEBHOOK_PATH: settings.webhookPath };
  if (api.hostname !== 'api.github.com') Object.assign(environment, { GHE_HOST: api.host, GHE_PROTOCOL: api.protocol.replace(':', '') });
  const server = await run(() => undefined, { env: environment });
  console.error(`No GitHub App is configured. Open ${own}/probot to make one; then start again. Its webhook will be ${webhookUrl} (set MISSIONGATE_URL to the address under which GitHub reaches this host). Its settings are kept in ${join(settings.dataDir, '.env')}.`);
  await new Promise<void>((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
  });
  await server.stop();
  return 0;
}
