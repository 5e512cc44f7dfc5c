import { seeded } from '../support/random.ts';
import { calmWeather, weathers } from './chance.ts';
import { writtenMissions } from './missions.ts';
import type { Setting, WorldKind } from './world.ts';

/** One world in so many is a whole one, with GitHub. */
const wholeEvery = 8;

/** The world that belongs to a seed, whole or bare as the seed has it unless told. Every mission meets every weather, in changing company. */
export function settingOf(seed: number, kind: WorldKind = seed % wholeEvery === 0 ? 'whole' : 'bare'): Setting {
  const random = seeded(seed ^ 0x5bd1e995);
  const upTo = (count: number) => Math.floor(random() * count);
  const written = writtenMissions[upTo(writtenMissions.length)];
  const weather = weathers[upTo(weathers.length)];
  if (!written || !weather) throw new Error('there is no mission or no weather');
  const apps = 1 + upTo(2);
  return { seed, kind, written, weather, apps, workers: upTo(3), disturbances: random() < 0.5 ? 0 : 1 + upTo(5), troubleMs: 20_000 + upTo(80_000) };
}

/** The same mission on a good day: what the disturbed ones must come to. */
export function calmSetting(setting: Setting): Setting {
  return { ...setting, weather: calmWeather, apps: 1, workers: 1, disturbances: 0, troubleMs: 0 };
}
