import { readFileSync } from 'node:fs';

import { readSettings } from '../config/settings.ts';
import type { AppSettings, Settings } from '../config/settings.ts';

/** Settings of this process from its environment, or null after saying everything that is wrong with them. */
export function processSettings(): Settings | null {
  const result = readSettings(process.env, (path) => readFileSync(path, 'utf8'));
  if (result.ok) return result.settings;
  console.error('missiongate: the settings are not usable:');
  for (const problem of result.problems) console.error(`  ${problem.name}: ${problem.message}`);
  return null;
}

export function hasApp(settings: Settings): settings is Settings & { readonly app: AppSettings } {
  return settings.app !== null;
}
