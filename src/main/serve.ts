import { reasonOf } from '../kit/reason-of.ts';
import { createAcknowledger } from '../github/acknowledge.ts';
import { createWebhookApp } from '../github/app.ts';
import { createEvidenceRoutes } from '../http/evidence/routes.ts';
import type { Log } from '../engine/ports/log.ts';
import { servedDossiers } from './dossier/served-dossiers.ts';
import { listen } from './http-server.ts';
import type { Lifecycle } from './lifecycle.ts';
import { exportSigning } from './signing.ts';
import type { Product } from './wire.ts';

/** Starts the app tier (and, wanted, a worker) of a product and adds everything to the lifecycle; resolves with its address when ready. */
export async function serve(product: Product, options: { readonly withWorker: boolean; readonly host: string; readonly port: number; readonly webhookPath: string }, lifecycle: Lifecycle, log: Log): Promise<string> {
  const { engine, settings } = product;
  lifecycle.add('store and queue', () => product.close());
  const supervision = engine.startSupervision();
  lifecycle.add('supervision', (graceMs) => supervision.close(graceMs));
  const app = engine.startApp();
  lifecycle.add('app jobs', (graceMs) => app.close(graceMs));
  if (options.withWorker) {
    const worker = engine.startWorker(await product.worker());
    lifecycle.add('worker', (graceMs) => worker.close(graceMs));
  }
  const routines = product.startRoutines();
  lifecycle.add('routines', (graceMs) => routines.close(graceMs));
  const acknowledger = createAcknowledger({ credentials: product.credentials, clock: product.clock });
  lifecycle.add('acknowledgements', () => acknowledger.close());
  const webhooks = await createWebhookApp({
    appId: settings.app.appId,
    privateKey: settings.app.privateKey,
    secret: settings.app.webhookSecret,
    apiUrl: settings.githubApiUrl,
    ourBot: product.ourBot,
    clock: product.clock,
    missionsOf: (repositoryId) => product.store.missionsOf(repositoryId),
    receive: (signals) => engine.receive(signals),
    onRoutineHint: (hint) => product.takeRoutineHint(hint),
    onCommand: (comment) => acknowledger.seen(comment),
    onProblem: ({ delivery, status, error }) =>
      log.warn('a delivery was not taken', { delivery: delivery.id, event: delivery.event, status, reason: reasonOf(error) }),
  });
  const server = await listen({
    host: options.host,
    port: options.port,
    webhookPath: options.webhookPath,
    handleWebhook: (request, response) => webhooks.handleWebhook(request, response),
    handlePage: createEvidenceRoutes({ store: product.store, links: product.evidenceLinks, webUrl: settings.githubUrl, redact: (text) => product.redact(text), dossiers: servedDossiers(product.store, exportSigning(settings)), routines: product.routines }),
    readiness: { database: () => product.store.ping(), queue: () => product.queue.ping() },
  });
  lifecycle.add('webhooks', (graceMs) => server.close(graceMs));
  // After the webhooks' door is open: what is delivered again must find somebody.
  const reconciliation = product.startReconciliation();
  if (reconciliation !== null) lifecycle.add('re-reading', (graceMs) => reconciliation.close(graceMs));
  return server.url;
}
