import { faultPointFrom } from './fault.ts';
import { Lifecycle, orStop, untilSignalled } from './lifecycle.ts';
import { offerManifest } from './offer-manifest.ts';
import { hasApp, processSettings } from './process-settings.ts';
import { serve } from './serve.ts';
import { logFor, redactorFor, wire } from './wire.ts';

/** `missiongate start`: runs until it is asked to stop; 0 after a clean stop. */
export async function startApp(options: { readonly withWorker: boolean; readonly version: string }): Promise<number> {
  const settings = processSettings();
  if (settings === null) return 2;
  if (!hasApp(settings)) return offerManifest(settings);
  const redactor = redactorFor(settings);
  const log = logFor(settings, redactor);
  const lifecycle = new Lifecycle(log);
  const stopped = untilSignalled(lifecycle, settings.drainMs, log);
  const product = await wire({
    settings,
    redactor,
    log,
    faultPoint: faultPointFrom(process.env),
    version: options.version,
    onFailure: (error) => {
      log.error('the embedded database stopped; the process ends and can be started again', { reason: error.message });
      process.exit(1);
    },
  });
  // Asked to stop while still starting: there is nothing to serve any more.
  if (lifecycle.stopping) {
    await product.close();
    return stopped;
  }
  const url = await orStop(lifecycle, serve(product, { ...settings, withWorker: options.withWorker }, lifecycle, log));
  log.info('ready', { url, webhooks: `${url}${settings.webhookPath}`, bot: product.ourBot.login, worker: options.withWorker });
  return stopped;
}
