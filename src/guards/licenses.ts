import type { ConjunctionInfo, Info, LicenseInfo } from 'spdx-expression-parse';

import { matcherOf } from '../steps/globs.ts';
import { GuardError } from './guard-type.ts';
import { counted, inNumbers } from './numbers.ts';
import { reportGuard, reportLimits } from './report-guard.ts';
import type { Report } from './report-guard.ts';
import { readSbom } from './sbom.ts';
import type { Tally } from './tally.ts';

interface LicenseParameters {
  readonly allow: readonly string[];
  readonly ignore?: readonly string[];
  readonly 'allow-unknown'?: boolean;
}

/** Longer ones are not parsed: the parser is recursive. */
const longestExpression = 2_000;

const names = { type: 'array', minItems: 1, maxItems: 500, uniqueItems: true, items: { type: 'string', minLength: 1, maxLength: 200 } } as const;

/** Which licences the parts of the product may have. */
export const licenses = reportGuard({
  name: 'licenses',
  summary: 'Compares the licences in a software bill of materials (CycloneDX or SPDX) with those that are allowed. SPDX expressions are understood: one side of OR suffices, both sides of AND are needed.',
  noun: 'bill of materials',
  usualPath: 'reports/bom.json',
  metrics: ['sbom_components', 'components_unlicensed', 'licenses_denied'],
  limits: { licenses_denied: 0 },
  maximumBytes: reportLimits.jsonBytes,
  parameters: {
    allow: { ...names, description: 'Licences that are allowed, by their SPDX ids: MIT, Apache-2.0, GPL-2.0-only WITH Classpath-exception-2.0. A name that is no SPDX id allows what is written exactly so.' },
    ignore: { ...names, description: 'Components that are not looked at, by name or glob: "@ours/*".' },
    'allow-unknown': { type: 'boolean', description: 'Lets components pass of which no licence is known.' },
  },
  required: ['allow'],
  examples: [{ path: 'reports/bom.json', allow: ['MIT', 'Apache-2.0', 'BSD-3-Clause', 'ISC'] }, { path: 'reports/*.spdx.json', allow: ['MIT'], ignore: ['@ours/*'], 'allow-unknown': true }],
  read: compareLicenses,
  say: (tally) => `${counted(tally.count('sbom_components'), 'component')}, ${tally.count('licenses_denied') === 0 ? 'every licence allowed' : `${inNumbers(tally.count('licenses_denied'))} not allowed`}`,
});

async function compareLicenses(report: Report, tally: Tally): Promise<void> {
  const { allow, ignore, 'allow-unknown': allowUnknown = false } = report.parameters as unknown as LicenseParameters;
  const { components } = await readSbom(report);
  if (components.length === 0) throw new GuardError(`${report.name} lists no component: nothing was looked at.`);
  const isAllowed = await allowance(allow);
  const isIgnored = ignore ? matcherOf(ignore) : () => false;
  const answers = new Map<string, boolean>();
  for (const { name, version, license } of components) {
    tally.add('sbom_components');
    if (license === null) tally.add('components_unlicensed');
    if (isIgnored(name)) continue;
    const answer = license === null ? allowUnknown : (answers.get(license) ?? isAllowed(license));
    if (license !== null) answers.set(license, answer);
    if (answer) continue;
    tally.add('licenses_denied');
    const shown = version === null ? name : `${name} ${version}`;
    tally.findings.add({ rule: license === null ? 'license/unknown' : `license/${license}`, level: 'error', message: license === null ? `${shown} tells no licence.` : `${shown} is licensed under ${license}, which is not allowed.`, path: null, line: null });
  }
}

/** Whether an expression is satisfied by the licences that are allowed. */
async function allowance(allow: readonly string[]): Promise<(license: string) => boolean> {
  const [{ default: parse }, { default: satisfies }] = await Promise.all([import('spdx-expression-parse'), import('spdx-satisfies')]);
  const read = (text: string): Info | null => {
    if (text.length > longestExpression) return null;
    try {
      return parse(text);
    } catch {
      return null;
    }
  };
  const exact = new Set(allow.map((one) => one.trim().toLowerCase()));
  const known = allow.filter((one) => isSimple(read(one)));
  const holds = (info: Info): boolean => {
    if (isConjunction(info)) return info.conjunction === 'or' ? holds(info.left) || holds(info.right) : holds(info.left) && holds(info.right);
    const written = `${info.license}${info.plus ? '+' : ''}${info.exception === undefined ? '' : ` WITH ${info.exception}`}`;
    if (exact.has(written.toLowerCase())) return true;
    // The library expands AND and OR, which can take for ever: it is asked about one licence at a time.
    try {
      return known.length > 0 && satisfies(written, known);
    } catch {
      return false;
    }
  };
  return (license) => {
    if (exact.has(license.trim().toLowerCase())) return true;
    const info = read(license);
    return info !== null && holds(info);
  };
}

function isConjunction(info: Info): info is ConjunctionInfo {
  return 'conjunction' in info;
}

function isSimple(info: Info | null): info is LicenseInfo {
  return info !== null && !isConjunction(info);
}
