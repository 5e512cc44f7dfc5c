import { metrics } from '../gate/metrics.ts';
import type { Metric } from '../gate/metrics.ts';
import { readFindings } from '../mission/read-findings.ts';
import type { Mission } from '../mission/state.ts';
import type { BomPart, SecurityPart } from './dossier.ts';
import type { Told } from './follow.ts';
import type { DossierInput } from './input.ts';

/** Metrics that tell of security, in the order in which they are shown. */
const ofSecurity = ['critical_cves', 'high_cves', 'medium_cves', 'low_cves', 'unrated_cves', 'critical_sast', 'high_sast', 'medium_sast', 'low_sast', 'sast_errors', 'sast_warnings', 'secrets', 'secrets_in_history', 'sbom_components', 'components_unlicensed', 'licenses_denied'];
const known: { readonly [name: string]: Metric } = metrics;

/** Most findings that a dossier lists; the rest is counted, and stands in the export's artifacts. */
const mostFindings = 500;
const order = ['error', 'warning', 'note'] as const;

/** What guards found and what bills of materials say, as of the last round of every gate. */
export function securityOf(mission: Mission, { rounds }: Told, { artifact, bom }: Pick<DossierInput, 'artifact' | 'bom'>): SecurityPart {
  const last = mission.plan.phases.flatMap(({ id }) => rounds.get(id)?.at(-1) === undefined ? [] : [{ phase: id, round: rounds.get(id)?.at(-1) }]);
  const measured = last.flatMap(({ phase, round }) => ofSecurity.flatMap((metric) => (round !== undefined && Object.hasOwn(round.metrics, metric) ? [{ metric, meaning: known[metric]?.meaning ?? '', value: round.metrics[metric] ?? 0, phase }] : [])));
  const textOf = (digest: string | null = null): string => (digest === null ? null : artifact(digest)) ?? '[]';
  const findings = last.flatMap(({ phase, round }) =>
    (round?.guards ?? []).flatMap(({ guard, findings: found }) => readFindings(textOf(found?.digest)).map((finding) => ({ ...finding, phase, guard }))),
  );
  const sorted = order.flatMap((level) => findings.filter((finding) => finding.level === level));
  return { measured, boms: bomsOf(mission, artifact, bom), findings: sorted.slice(0, mostFindings), findingsLeftOut: Math.max(0, sorted.length - mostFindings) };
}

function bomsOf(mission: Mission, artifact: DossierInput['artifact'], bom: DossierInput['bom']): readonly BomPart[] {
  const seen = new Set<string>();
  const reports = [...mission.phases.values()].flatMap(({ gate }) => gate.reports.flatMap(({ artifacts }) => artifacts));
  const tasks = [...mission.tasks.values()].flatMap(({ evidence }) => evidence?.artifacts ?? []);
  return [...reports, ...tasks].flatMap(({ name, digest, mediaType }) => {
    if (seen.has(digest) || !/s?bom|cyclonedx|spdx/i.test(`${name} ${mediaType}`)) return [];
    seen.add(digest);
    const text = artifact(digest);
    return text === null ? [] : (bom(name, digest, text) ?? []);
  });
}
