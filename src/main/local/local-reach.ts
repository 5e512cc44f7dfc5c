import { readFileSync } from 'node:fs';

import { readReach } from '../../config/settings.ts';
import type { ReachSettings } from '../../config/settings.ts';
import { secretsOf } from '../../config/worker-config.ts';
import { allowEntryProblem } from '../../worker/network-policy.ts';
import { CannotRun } from './exit-codes.ts';

/**
 * What steps may reach from here: the model, the worker's configuration, the signing key, from the same settings as everywhere. Only the
 * environment is read: a file `.env` in somebody's repository belongs to their program.
 */
export function localReach(env: NodeJS.ProcessEnv): ReachSettings {
  const result = readReach(env, (path) => readFileSync(path, 'utf8'), allowEntryProblem);
  if (result.ok) return result.settings;
  throw new CannotRun(`the settings are not usable: ${result.problems.map(({ name, message }) => `${name}: ${message}`).join('; ')}`);
}

/** Texts among it that must never be shown. */
export function secretsOfReach({ model, workerConfig }: ReachSettings): readonly string[] {
  return [...secretsOf(workerConfig), ...(model?.key ? [model.key] : [])];
}
