import type { BomPart, Dossier } from '../../../core/dossier/dossier.ts';
import type { Block, Section } from '../document.ts';
import { heading, table, text } from '../document.ts';
import { brief, counted, number, shown } from '../words.ts';

/** What was looked for, and what was found: vulnerabilities, static analysis, secrets, components and their licences. */
export function security({ security: part }: Dossier): Section {
  return {
    id: 'security',
    title: 'Security',
    blocks: [
      heading('Scans'),
      part.measured.length === 0
        ? text('No guard of this mission looked for vulnerabilities, insecure code, secrets or licences: that nothing is listed here does not mean that there is nothing.')
        : table([['metric', 3], ['what it counts', 6], ['gate', 2], ['value', 1]], part.measured.map(({ metric, meaning, phase, value }) => [[{ code: metric }], [meaning], [{ code: phase }], [/^(?:critical|high)_|^secrets$|denied/.test(metric) && value > 0 ? { state: 'failed', text: number(value) } : number(value)]])),
      heading('Software bill of materials'),
      ...(part.boms.length === 0 ? [text('No bill of materials (CycloneDX or SPDX) was made in this mission.')] : part.boms.flatMap(bomBlocks)),
      heading('Findings'),
      ...(part.findings.length === 0 ? [text('The guards of the last rounds reported no finding.')] : [table([['level', 9], ['rule', 20], ['finding', 40], ['where', 21], ['gate', 10]], part.findings.map(({ level, rule, message, path, line, phase }) => [[{ state: level === 'error' ? 'failed' : level === 'warning' ? 'waived' : 'pending', text: level }], [{ code: shown(rule, 200) }], [shown(message, 500)], path === null ? ['–'] : [{ code: `${shown(path, 300)}${line === null ? '' : `:${line}`}` }], [{ code: phase }]]))]),
      ...(part.findingsLeftOut > 0 ? [text(`… and ${counted(part.findingsLeftOut, 'more finding')}; the artifacts of the export hold them all.`)] : []),
    ],
  };
}

function bomBlocks(bom: BomPart): readonly Block[] {
  const shownLicences = bom.licences.slice(0, 30);
  return [
    { kind: 'facts', rows: [['file', [shown(bom.name, 300), ' ', brief(bom.digest)]], ['format', [bom.format]], ['components', [`${number(bom.components)}, of ${number(bom.unlicensed)} of which no licence is known`]], ['vulnerabilities listed', [number(bom.vulnerabilities)]]] },
    ...(shownLicences.length === 0 ? [] : [table([['licence', 4], ['components', 1]], shownLicences.map(({ licence, components }) => [[shown(licence, 200)], [number(components)]]))]),
  ];
}
