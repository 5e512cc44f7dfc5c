import type { Log, Result as SarifResult } from 'sarif';

import type { Problem } from '../core/mission/definition.ts';

/** What was found in some files. */
export interface Findings {
  readonly files: readonly string[];
  readonly problems: readonly Problem[];
}

export const problemFormats = ['text', 'json', 'github', 'sarif'] as const;
export type ProblemFormat = (typeof problemFormats)[number];

export function formatProblems(format: ProblemFormat, findings: Findings, version: string): string {
  switch (format) {
    case 'text': return asText(findings);
    case 'json': return JSON.stringify({ valid: findings.problems.length === 0, ...findings }, null, 2);
    case 'github': return asAnnotations(findings);
    case 'sarif': return JSON.stringify(sarifLog(findings, version), null, 2);
  }
}

function asText({ files, problems }: Findings): string {
  const counted = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`;
  const lines = problems.map((found) => `${place(found)}  ${found.message}  [${found.code}]`);
  const wrong = new Set(problems.map(({ file }) => file)).size;
  const end = problems.length === 0 ? `${counted(files.length, 'file')} checked, no problems.` : `${counted(problems.length, 'problem')} in ${wrong} of ${counted(Math.max(files.length, wrong), 'file')}.`;
  return [...lines, ...(lines.length > 0 ? [''] : []), end].join('\n');
}

function place({ file, line, column }: Problem): string {
  return line === 0 ? file : `${file}:${line}:${column}`;
}

/** Workflow commands: GitHub shows them at the lines of a pull request. */
function asAnnotations({ problems }: Findings): string {
  return problems
    .map(({ file, line, column, code, message }) => `::error file=${property(file)}${line === 0 ? '' : `,line=${line},col=${column}`},title=${property(`Missiongate ${code}`)}::${data(message)}`)
    .join('\n');
}

function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}

function sarifLog({ files, problems }: Findings, version: string): Log {
  const rules = [...new Set(problems.map(({ code }) => code))].sort();
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'Missiongate', version, rules: rules.map((id) => ({ id, shortDescription: { text: `Mission file: ${id.replaceAll('-', ' ')}` } })) } },
        columnKind: 'utf16CodeUnits',
        artifacts: files.map((file) => ({ location: locationOf(file) })),
        results: problems.map((found): SarifResult => ({
          ruleId: found.code,
          ruleIndex: rules.indexOf(found.code),
          level: 'error',
          message: { text: found.message },
          locations: [{ physicalLocation: { artifactLocation: locationOf(found.file), ...(found.line === 0 ? {} : { region: { startLine: found.line, startColumn: found.column } }) } }],
        })),
      },
    ],
  };
}

function locationOf(file: string): { readonly uri: string; readonly uriBaseId: string } {
  return { uri: file.split('/').map((part) => encodeURIComponent(part)).join('/'), uriBaseId: '%SRCROOT%' };
}
