import { bomGuard } from './bom-guard.ts';

/** CycloneDX, JSON and XML. */
export const cyclonedx = bomGuard('CycloneDX', {
  name: 'cyclonedx',
  summary: 'Reads a software bill of materials in CycloneDX, JSON or XML, with the vulnerabilities it lists.',
  usualPath: 'reports/bom.json',
});
