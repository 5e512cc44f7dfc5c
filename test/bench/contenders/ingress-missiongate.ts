// Missiongate's ingress: verified and dispatched by Probot, mapped to signals, deduplicated by source and meaning, durable in
// PostgreSQL before the answer. What happens to a signal afterwards is measured elsewhere.
import { systemClock } from '../../../src/kit/system-clock.ts';
import { createWebhookApp } from '../../../src/github/app.ts';
import { migrate } from '../../../src/store/migrate.ts';
import { migrations } from '../../../src/store/migrations/index.ts';
import { openPostgresDatabase } from '../../../src/store/postgres-database.ts';
import { createStore } from '../../../src/store/store.ts';
import { serveUntilStdinEnds } from './server-child.ts';

const { secret, privateKey, databaseUrl } = JSON.parse(process.argv[2] ?? '{}') as { secret: string; privateKey: string; databaseUrl: string };
const database = openPostgresDatabase({ url: databaseUrl, applicationName: 'bench' });
await migrate(database, migrations);
const store = createStore(database, systemClock);
const app = await createWebhookApp({
  appId: 1,
  privateKey,
  secret,
  apiUrl: 'http://127.0.0.1:9',
  ourBot: { login: 'missiongate[bot]', appId: 1 },
  clock: systemClock,
  receive: async (signals) => (await store.receive(signals)).stored,
});
await serveUntilStdinEnds(
  (request, response) => void app.handleWebhook(request, response),
  () => store.close(),
);
