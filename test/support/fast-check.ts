import { configureGlobal, readConfigureGlobal } from 'fast-check';

/** What properties are tried on is the same every time, unless `MISSIONGATE_SEED` names another whole number: what lands must not depend on luck. */
const seed = Number(process.env['MISSIONGATE_SEED'] ?? 1);
if (!Number.isSafeInteger(seed)) throw new Error(`MISSIONGATE_SEED: found "${process.env['MISSIONGATE_SEED'] ?? ''}", expected a whole number`);
configureGlobal({ ...readConfigureGlobal(), seed });

export * from 'fast-check';
