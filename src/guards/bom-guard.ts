import { GuardError } from './guard-type.ts';
import type { GuardType } from './guard-type.ts';
import { counted, inNumbers } from './numbers.ts';
import { reportGuard, reportLimits } from './report-guard.ts';
import { readSbom } from './sbom.ts';
import type { Sbom } from './sbom.ts';
import { addVulnerability, sayVulnerabilities, vulnerabilityMetrics } from './severity.ts';

/** A guard over bills of materials of one format. */
export function bomGuard(format: Sbom['format'], names: { readonly name: string; readonly summary: string; readonly usualPath: string }): GuardType {
  const listsVulnerabilities = format === 'CycloneDX';
  return reportGuard({
    ...names,
    noun: `${format} bill of materials`,
    metrics: ['sbom_components', 'components_unlicensed', ...(listsVulnerabilities ? vulnerabilityMetrics : [])],
    limits: listsVulnerabilities ? { critical_cves: 0, high_cves: 0 } : {},
    maximumBytes: reportLimits.jsonBytes,
    async read(report, tally) {
      const sbom = await readSbom(report);
      if (sbom.format !== format) throw new GuardError(`${report.name} is ${sbom.format}, not ${format}. Use the guard "${sbom.format.toLowerCase()}".`);
      if (sbom.components.length === 0) throw new GuardError(`${report.name} lists no component: nothing was looked at.`);
      tally.add('sbom_components', sbom.components.length);
      tally.add('components_unlicensed', sbom.components.filter(({ license }) => license === null).length);
      for (const one of sbom.vulnerabilities) addVulnerability(tally, one);
    },
    say: (tally) => `${counted(tally.count('sbom_components'), 'component')}, ${inNumbers(tally.count('components_unlicensed'))} without a licence${listsVulnerabilities ? `, ${sayVulnerabilities(tally)}` : ''}`,
  });
}
