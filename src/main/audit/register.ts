import type { Command } from 'commander';

import type { AuditExportOptions } from './export-entries.ts';
import type { AuditReportOptions } from './report-command.ts';

const collect = (value: string, before: readonly string[]) => [...before, value];

/** Adds `audit report` and `audit export` to the command line. Everything behind them is loaded when one of them is called. */
export function registerAuditCommands(program: Command): void {
  const audit = program.command('audit').description('tell what happened in a mission, who decided what on which evidence, and whether it can be believed');
  audit
    .command('report')
    .description('the whole story of a mission, for people who were not there')
    .argument('[path]', 'a folder written by `missiongate export`, or a ledger.jsonl')
    .option('--mission <id>', 'a mission of this installation instead')
    .option('--format <format>', 'text, json or html', 'text')
    .option('--out <file>', 'where to write; standard output when absent')
    .option('--key <file>', 'public key, key ring, or folder of keys of the installation; repeatable', collect, [])
    .option('--anchor <anchor>', 'what was seen elsewhere: a file with a signed head, or <entries>:<hash>; repeatable', collect, [])
    .addHelpText('after', '\nExit codes: 0 written and the ledger is valid, 1 written but the ledger is not valid, 2 called wrongly.')
    .action(async (path: string | undefined, options: AuditReportOptions) => {
      const { auditReport } = await import('./report-command.ts');
      process.exitCode = await auditReport(path, options);
    });
  audit
    .command('prove')
    .description('show that one entry is in a ledger, without showing the rest; `missiongate verify` checks the proof')
    .argument('<folder>', 'a folder written by `missiongate export`')
    .requiredOption('--entry <number>', 'which entry')
    .action(async (folder: string, options: { entry: string }) => {
      const { proveOne } = await import('./prove-entry.ts');
      process.exitCode = proveOne(folder, options.entry);
    });
  audit
    .command('export')
    .description('entries of a ledger by kind and time, one JSON object a line')
    .argument('[path]', 'a folder written by `missiongate export`, or a ledger.jsonl')
    .option('--mission <id>', 'a mission of this installation instead')
    .option('--all', 'all missions of this installation', false)
    .option('--kind <kind>', 'task, gate, decision, artifact, cost or signature; repeatable', collect, [])
    .option('--since <time>', 'from this moment on: 2026-03-01, 2026-03-01T12:00:00Z, or 7d (days, h, m) ago')
    .option('--until <time>', 'before this moment')
    .option('--records', 'decision records instead of entries: rule, facts, verdict, outcome', false)
    .action(async (path: string | undefined, options: AuditExportOptions) => {
      const { auditExport } = await import('./export-entries.ts');
      process.exitCode = await auditExport(path, options);
    });
}
