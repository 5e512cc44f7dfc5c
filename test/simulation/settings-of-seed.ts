import { seeded } from '../support/random.ts';
import { calmWeather, weathers } from './chance.ts';
import { languageMissions } from './language-missions.ts';
import { writtenMissions } from './missions.ts';
import type { Setting, WorldKind } from './common-world.ts';

/** One world in so many is a whole one, with GitHub. */
const wholeEvery = 8;
/** So many worlds have a mission in the words of the language; they are larger, most of all where GitHub shows them. */
const languageShare = { bare: 0.5, whole: 0.25 } as const;

/** So many worlds have a key and seal their ledgers. Signing costs more than anything a bare world does. */
const signedShare = { bare: 0.1, whole: 0.5 } as const;

/** So many worlds have trouble for minutes instead of seconds. */
const longShare = 0.25;

/** The world that belongs to a seed, whole or bare as the seed has it unless told. Every mission meets every weather, in changing company. */
export function settingOf(seed: number, kind: WorldKind = seed % wholeEvery === 0 ? 'whole' : 'bare'): Setting {
  const random = seeded(seed ^ 0x5bd1e995);
  const upTo = (count: number) => Math.floor(random() * count);
  const written = writtenMissions[upTo(writtenMissions.length)];
  const weather = weathers[upTo(weathers.length)];
  if (!written || !weather) throw new Error('there is no mission or no weather');
  const apps = 1 + upTo(2);
  const setting = { seed, kind, weather, apps, workers: upTo(3), disturbances: random() < 0.5 ? 0 : 1 + upTo(5), troubleMs: 20_000 + upTo(80_000) };
  // Drawn last, so that the worlds of other seeds stay what they are when missions are added here.
  const inLanguage = random() < languageShare[kind] ? languageMissions[upTo(languageMissions.length)] : undefined;
  const mission = inLanguage ?? written;
  const signs = random() < signedShare[kind];
  // Waivers, merges and tags come late: in some worlds what is done last meets trouble too.
  const lasts = mission.waives === true || random() < longShare;
  return { ...setting, written: mission, troubleMs: setting.troubleMs * (lasts ? 4 : 1), gitTroubleMs: setting.troubleMs, signs };
}

/** The same mission on a good day: what the disturbed ones must come to. */
export function calmSetting(setting: Setting): Setting {
  return { ...setting, weather: calmWeather, apps: 1, workers: 1, disturbances: 0, troubleMs: 0, gitTroubleMs: 0, signs: false };
}
