import { canonicalJson } from '../kit/canonical-json.ts';
import { isJsonObject } from '../kit/json.ts';
import type { Json } from '../kit/json.ts';
import { GuardError } from './guard-type.ts';
import { listOf, positionOf, textOf } from './loose-json.ts';
import { counted } from './numbers.ts';
import { readJson } from './read-json.ts';
import { reportGuard, reportLimits } from './report-guard.ts';
import type { Report } from './report-guard.ts';
import type { Tally } from './tally.ts';

/** One thing somebody says is so. */
interface Claim {
  readonly id: string | null;
  readonly subject: string;
  readonly statement: string | null;
  /** What it says; null when it only talks. */
  readonly value: string | null;
  readonly by: string | null;
  readonly path: string | null;
  readonly line: number | null;
}

/** Claims of one subject as they came, over all reports of one guard. */
const known = new WeakMap<Tally, Claims>();

interface Claims {
  readonly bySubject: Map<string, Claim[]>;
  readonly superseded: Set<string>;
  total: number;
}

/** Claims that are compared. */
const mostClaims = 100_000;

/** Whether what different people and agents claim goes together. */
export const contradictions = reportGuard({
  name: 'contradictions',
  summary: 'Compares claims that were handed over: two claims about one subject with different values are a contradiction.',
  noun: 'file of claims',
  usualPath: 'claims/*.json',
  metrics: ['claims', 'contradictions'],
  limits: { contradictions: 0 },
  maximumBytes: reportLimits.jsonBytes,
  read: readClaims,
  conclude: findContradictions,
  say: (tally) => `${counted(tally.count('claims'), 'claim')}, ${tally.count('contradictions') === 0 ? 'no contradiction' : counted(tally.count('contradictions'), 'contradiction')}`,
});

function readClaims(report: Report, tally: Tally): void {
  const content = readJson(report.name, report.text);
  const list = Array.isArray(content) ? (content as readonly Json[]) : isJsonObject(content) ? (content['claims'] ?? content['findings']) : null;
  if (!Array.isArray(list)) throw new GuardError(`${report.name} holds no claims: it is neither a list nor an object with "claims" or "findings".`);
  if (list.length === 0) throw new GuardError(`${report.name} holds no claim: nothing was handed over.`);
  const claims = known.get(tally) ?? { bySubject: new Map<string, Claim[]>(), superseded: new Set<string>(), total: 0 };
  known.set(tally, claims);
  for (const [index, one] of listOf(list).entries()) {
    const subject = isJsonObject(one) ? textOf(one['subject']) : null;
    if (!isJsonObject(one) || subject === null) throw new GuardError(`${report.name}: claim ${index + 1} has no "subject".`);
    if ((claims.total += 1) > mostClaims) throw new GuardError(`${report.name}: there are more than ${mostClaims} claims. Use several guards.`);
    tally.add('claims');
    for (const id of typeof one['supersedes'] === 'string' ? [one['supersedes']] : listOf(one['supersedes'])) if (typeof id === 'string') claims.superseded.add(id);
    const key = subject.normalize('NFKC').toLowerCase().replaceAll(/\s+/g, ' ').trim();
    const path = tally.paths.find(textOf(one['path']));
    const claim: Claim = { id: textOf(one['id']), subject, statement: textOf(one['statement']), value: one['value'] === undefined ? null : canonicalJson(one['value']), by: textOf(one['by']), path, line: path === null ? null : positionOf(one['line']) };
    const same = claims.bySubject.get(key);
    if (same) same.push(claim);
    else claims.bySubject.set(key, [claim]);
  }
}

function findContradictions(tally: Tally): void {
  const claims = known.get(tally);
  if (!claims) return;
  for (const all of claims.bySubject.values()) {
    const standing = all.filter((claim) => claim.value !== null && (claim.id === null || !claims.superseded.has(claim.id)));
    const byValue = new Map(standing.toReversed().map((claim) => [claim.value, claim]));
    if (byValue.size < 2) continue;
    tally.add('contradictions');
    const sides = [...byValue.values()].toReversed();
    const place = sides.find(({ path }) => path !== null);
    tally.findings.add({ rule: `contradiction/${sides[0]?.subject ?? ''}`, level: 'error', message: sides.slice(0, 5).map(sideOf).join(' — but '), path: place?.path ?? null, line: place?.line ?? null });
  }
}

function sideOf({ by, id, statement, value }: Claim): string {
  const who = by ?? id ?? 'somebody';
  return `${who.slice(0, 100)}: ${(statement ?? value ?? '').slice(0, 300)}${statement === null ? '' : ` (${(value ?? '').slice(0, 100)})`}`;
}
