import { bomGuard } from './bom-guard.ts';

/** SPDX 2 (JSON, tag-value) and SPDX 3 (JSON-LD). */
export const spdx = bomGuard('SPDX', {
  name: 'spdx',
  summary: 'Reads a software bill of materials in SPDX: 2.x as JSON or tag-value, 3.x as JSON-LD.',
  usualPath: 'reports/sbom.spdx.json',
});
