import type { JsonObject } from '../kit/json.ts';
import { nearestWord } from '../kit/nearest-word.ts';
import { compileParameters } from '../steps/parameters.ts';
import type { ParameterProblem } from '../steps/step-type.ts';
import { clover } from './clover.ts';
import { cobertura } from './cobertura.ts';
import { command } from './command.ts';
import { commits } from './commits.ts';
import { contradictions } from './contradictions.ts';
import { cyclonedx } from './cyclonedx.ts';
import { diff } from './diff.ts';
import { eslint } from './eslint.ts';
import { istanbul } from './istanbul.ts';
import { junit } from './junit.ts';
import { lcov } from './lcov.ts';
import { licenses } from './licenses.ts';
import { npmAudit } from './npm-audit.ts';
import { osv } from './osv.ts';
import { requiredFiles } from './required-files.ts';
import { sarif } from './sarif.ts';
import { scope } from './scope.ts';
import { secrets } from './secrets.ts';
import { spdx } from './spdx.ts';
import { tap } from './tap.ts';
import type { GuardType } from './guard-type.ts';

/** The guard types that ship with the product. A new one is a file, its test, and a line here. */
export const builtInGuards: readonly GuardType[] = [
  clover,
  cobertura,
  command,
  commits,
  contradictions,
  cyclonedx,
  diff,
  eslint,
  istanbul,
  junit,
  lcov,
  licenses,
  npmAudit,
  osv,
  requiredFiles,
  sarif,
  scope,
  secrets,
  spdx,
  tap,
];

export interface GuardRegistry {
  /** In order of name. */
  readonly types: readonly GuardType[];
  names(): readonly string[];
  find(name: string): GuardType | null;
  /** The existing name closest to a mistyped one, or null when none is close. */
  nearest(name: string): string | null;
  /** Everything that is wrong with `with:` of a known guard type, all at once; an unknown one is a programming error and throws. */
  check(name: string, parameters: JsonObject): readonly ParameterProblem[];
}

/** Builds a registry; two types of one name are a programming error and throw. A type's schema is compiled when it is first needed. */
export function createGuardRegistry(types: readonly GuardType[]): GuardRegistry {
  const byName = new Map<string, GuardType>();
  for (const type of types) {
    if (byName.has(type.name)) throw new Error(`two guard types are named ${type.name}`);
    byName.set(type.name, type);
  }
  const checks = new Map<string, (parameters: JsonObject) => readonly ParameterProblem[]>();
  const sorted = types.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return {
    types: sorted,
    names: () => sorted.map((type) => type.name),
    find: (name) => byName.get(name) ?? null,
    nearest: (name) => nearestWord(name, [...byName.keys()]),
    check(name, parameters) {
      const type = byName.get(name);
      if (!type) throw new Error(`unknown guard type ${name}`);
      const check = checks.get(name) ?? compileParameters(type);
      checks.set(name, check);
      return check(parameters);
    },
  };
}

/** The guards of the product. They have no state and reach nothing but what they are given. */
export const guards: GuardRegistry = createGuardRegistry(builtInGuards);
