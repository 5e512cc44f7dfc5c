import { faultPointFrom } from './fault.ts';
import { Lifecycle, orStop, untilSignalled } from './lifecycle.ts';
import { hasApp, processSettings } from './process-settings.ts';
import { logFor, redactorFor, wire } from './wire.ts';

/** `missiongate worker`: runs attempts until it is asked to stop; 0 after a clean stop. */
export async function startWorker(options: { readonly version: string }): Promise<number> {
  const settings = processSettings();
  if (settings === null) return 2;
  if (!hasApp(settings)) {
    console.error('missiongate worker: APP_ID, PRIVATE_KEY (or PRIVATE_KEY_PATH) and WEBHOOK_SECRET are needed; `missiongate start` helps to make an App.');
    return 2;
  }
  if (settings.databaseUrl === null) {
    console.error('missiongate worker: DATABASE_URL is needed: workers share the state with the app through PostgreSQL. The embedded default is one process: `missiongate start` runs the attempts itself.');
    return 2;
  }
  const redactor = redactorFor(settings);
  const log = logFor(settings, redactor);
  const lifecycle = new Lifecycle(log);
  const stopped = untilSignalled(lifecycle, settings.drainMs, log);
  const product = await wire({ settings, redactor, log, faultPoint: faultPointFrom(process.env), version: options.version, onFailure: () => process.exit(1) });
  if (lifecycle.stopping) {
    await product.close();
    return stopped;
  }
  lifecycle.add('store and queue', () => product.close());
  const supervision = product.engine.startSupervision();
  lifecycle.add('supervision', (graceMs) => supervision.close(graceMs));
  const parts = await orStop(lifecycle, product.worker());
  const worker = product.engine.startWorker(parts);
  lifecycle.add('worker', (graceMs) => worker.close(graceMs));
  log.info('ready', { worker: parts.worker, concurrency: parts.concurrency });
  return stopped;
}
