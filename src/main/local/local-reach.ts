import { readFileSync } from 'node:fs';

import { readSettings } from '../../config/settings.ts';
import type { Settings } from '../../config/settings.ts';
import { allowEntryProblem } from '../../worker/network-policy.ts';
import { CannotRun } from './exit-codes.ts';

/** What steps may reach from here: the model, the worker's configuration, the signing key, from the same settings as everywhere. */
export type LocalReach = Pick<Settings, 'model' | 'workerConfig' | 'signing'>;

/** Settings that concern a local run; all others may be what they like. */
const ours = /^MISSIONGATE_(MODEL|WORKER_CONFIG|SIGNING|KEYLESS|SIGSTORE)/;

/** Only the environment is read: a file `.env` in somebody's repository belongs to their program. */
export function localReach(env: NodeJS.ProcessEnv): LocalReach {
  const names = Object.keys(env).filter((name) => ours.test(name));
  const result = readSettings(Object.fromEntries(names.map((name) => [name, env[name]])), (path) => readFileSync(path, 'utf8'), allowEntryProblem);
  if (result.ok) return result.settings;
  throw new CannotRun(`the settings are not usable: ${result.problems.map(({ name, message }) => `${name}: ${message}`).join('; ')}`);
}
