import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { dataFolder, readSettings } from '../config/settings.ts';
import type { AppSettings, Settings } from '../config/settings.ts';
import { allowEntryProblem } from '../worker/network-policy.ts';

/**
 * Settings of this process, or null after saying everything that is wrong with them. What the environment does not set is
 * taken from `.env` in the present folder, then from `.env` in the data folder (where the set-up page leaves the App's).
 */
export function processSettings(): Settings | null {
  for (const file of [() => '.env', () => join(dataFolder(process.env), '.env')]) {
    const path = file();
    if (existsSync(path)) process.loadEnvFile(path);
  }
  const result = readSettings(process.env, (path) => readFileSync(path, 'utf8'), allowEntryProblem);
  if (result.ok) return result.settings;
  console.error('missiongate: the settings are not usable:');
  for (const problem of result.problems) console.error(`  ${problem.name}: ${problem.message}`);
  return null;
}

export function hasApp(settings: Settings): settings is Settings & { readonly app: AppSettings } {
  return settings.app !== null;
}
