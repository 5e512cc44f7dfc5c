import type { EvidencePack } from './pack.ts';

/** Everything a pack names by its digest: what attempts and guards left, and what guards found. Each digest once. */
export function namedArtifacts(pack: Pick<EvidencePack, 'tasks' | 'guardReports'>): readonly { readonly name: string; readonly digest: string }[] {
  const refs = [...pack.tasks.flatMap((task) => task.artifacts), ...pack.guardReports.flatMap((report) => report.artifacts)];
  const findings = pack.guardReports.flatMap(({ guard, findings: found }) => (found?.digest ? [{ name: `findings of ${guard}`, digest: found.digest }] : []));
  return [...new Map([...refs, ...findings].map(({ name, digest }) => [digest, { name, digest }])).values()];
}
