import { isIPv4 } from 'node:net';

import { createMcpTools } from '../agents/mcp-tools.ts';
import { createOpenAiCompatible } from '../agents/openai-compatible.ts';
import type { WorkerConfig } from '../config/worker-config.ts';
import type { Log } from '../engine/ports/log.ts';
import type { JsonObject } from '../kit/json.ts';
import type { Clock } from '../kit/time.ts';
import type { Outside, Secrets } from '../steps/outside.ts';
import { createNamedDatabases } from '../store/named-databases.ts';
import { createGuardedNetwork } from '../worker/guarded-network.ts';
import { networkPolicy } from '../worker/network-policy.ts';

export interface OutsideOptions {
  readonly config: WorkerConfig;
  readonly model: { readonly url: string; readonly key: string | null; readonly model: string } | null;
  readonly clock: Clock;
  readonly log: Log;
  readonly version: string;
}

/** What the steps of a worker reach, by its operator's configuration. */
export function createOutside({ config, model, clock, log, version }: OutsideOptions): Outside {
  return {
    clock,
    network: createGuardedNetwork({ policy: networkPolicy(config.allow) }),
    secrets: secretsByHost(config.secrets),
    model: model === null ? null : createOpenAiCompatible(model),
    tools: createMcpTools(config.tools, version),
    databases: createNamedDatabases(config.databases),
    // Comments are written by the projector alone, which knows how to write each once.
    notices: { log: (message: string, facts: JsonObject) => log.info(message, facts) },
  };
}

/** A secret goes to the hosts it was given for, and nowhere over a connection that others read. */
export function secretsByHost(secrets: WorkerConfig['secrets']): Secrets {
  return {
    forUrl(name, url) {
      const secret = secrets[name];
      const known = Object.keys(secrets).toSorted();
      if (!secret) return { ok: false, reason: `No secret ${JSON.stringify(name)} is configured on this worker${known.length === 0 ? '' : `, which has ${known.join(', ')}`}. Whoever runs the worker can add it under "secrets" in its configuration.` };
      const { hostname, protocol } = new URL(url);
      const isMeant = secret.hosts.some((host) => (host.startsWith('*.') ? hostname.endsWith(host.slice(1).toLowerCase()) : hostname === host.toLowerCase()));
      if (!isMeant) return { ok: false, reason: `The secret ${JSON.stringify(name)} may go to ${secret.hosts.join(', ')}, not to ${hostname}. Whoever runs the worker can add the host under "secrets" in its configuration.` };
      const isNear = hostname === 'localhost' || (isIPv4(hostname) && hostname.startsWith('127.'));
      if (protocol !== 'https:' && !isNear) return { ok: false, reason: `The secret ${JSON.stringify(name)} is sent over https alone; the URL is ${protocol}//.` };
      return { ok: true, value: secret.value };
    },
  };
}
