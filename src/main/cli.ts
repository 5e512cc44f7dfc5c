#!/usr/bin/env node
import { readFileSync } from 'node:fs';

import { Command, CommanderError } from 'commander';

import { reasonOf } from '../kit/reason-of.ts';
import { registerAuditCommands } from './audit/register.ts';
import { registerLocalCommands } from './local/register.ts';
import { registerRoutineCommands } from './routine/register.ts';

/** Exit codes of every command: 0 done, 1 failed or invalid, 2 called wrongly. */
const usageError = 2;

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string };

const program = new Command('missiongate')
  .description('AI-agent missions inside GitHub: an issue is a mission, a checklist item a task, a check run a gate.')
  .version(version)
  .showHelpAfterError('(run `missiongate --help` for all commands)')
  .exitOverride();

program
  .command('start')
  .description('run the app: receive webhooks, decide, keep GitHub up to date; embedded, it runs the attempts as well')
  .option('--no-worker', 'leave all attempts to `missiongate worker` processes')
  .action(async (options: { worker: boolean }) => {
    const { startApp } = await import('./start-app.ts');
    process.exitCode = await startApp({ withWorker: options.worker, version });
  });

program
  .command('worker')
  .description('run attempts; start as many as you like, on any machine that reaches the database and the queue')
  .action(async () => {
    const { startWorker } = await import('./start-worker.ts');
    process.exitCode = await startWorker({ version });
  });

program
  .command('validate')
  .description('check mission files and routine files: every problem with its place; 0 all right, 1 problems found, 2 called wrongly')
  .argument('[file...]', 'files, folders, or template:<name>; .github/missions and .github/routines when absent')
  .option('--format <format>', 'text, json, github (annotations of a workflow) or sarif', 'text')
  .action(async (files: string[], options: { format: string }) => {
    const { validateFiles } = await import('./validate-files.ts');
    process.exitCode = validateFiles(files, { ...options, version });
  });

program
  .command('plan')
  .description('show what a mission would do: phases, order, critical path, width, budget, decisions it needs; nothing runs')
  .argument('<file>', 'a mission file, or template:<name>')
  .option('--input <name=value>', 'value of an input; repeatable', (value: string, before: string[]) => [...before, value], [])
  .option('--format <format>', 'text, mermaid or json', 'text')
  .action(async (file: string, options: { input: string[]; format: string }) => {
    const { planFile } = await import('./plan-file.ts');
    process.exitCode = planFile(file, options);
  });

program
  .command('list')
  .description('show the missions of this repository and the templates that ship with the product')
  .option('--format <format>', 'text or json', 'text')
  .action(async (options: { format: string }) => {
    const { listMissions } = await import('./list-missions.ts');
    process.exitCode = listMissions(options);
  });

program
  .command('suggest')
  .description('show the missions that fit a goal in your words, best first; 1 when none does')
  .argument('<goal...>', 'what you want: missiongate suggest raise the test coverage')
  .option('--format <format>', 'text or json', 'text')
  .action(async (goal: string[], options: { format: string }) => {
    const { suggestMissions } = await import('./list-missions.ts');
    process.exitCode = suggestMissions(goal, options);
  });

program
  .command('verify')
  .description('check what remains of a mission (ledger, signatures, evidence packs, artifacts), offline')
  .argument('<path>', 'a folder written by `missiongate demo --out` or `missiongate export`; a ledger.jsonl; an evidence pack, a signed statement, a dossier')
  .option('--key <file>', 'public key, key ring, or folder of keys of the installation; repeatable', (value: string, before: string[]) => [...before, value], [])
  .option('--anchor <anchor>', 'what was seen elsewhere: a file with a signed head, or <entries>:<hash> of a gate check; repeatable', (value: string, before: string[]) => [...before, value], [])
  .option('--head <hash>', 'ledger head known from a gate check on GitHub; shows whether entries were cut off or rewritten')
  .option('--format <format>', 'text or json', 'text')
  .action(async (path: string, options: { key: string[]; anchor: string[]; head?: string; format: string }) => {
    const { verifyPath } = await import('./verify-folder.ts');
    process.exitCode = verifyPath(path, options);
  });

program
  .command('lineage')
  .description('tell where a task’s or an artifact’s content comes from, back to the beginning: what made it, from which inputs, at which cost')
  .argument('<folder>', 'a folder written by `missiongate demo --out` or `missiongate export`')
  .argument('<task or digest>', 'a task, or six or more digits of an artifact’s digest')
  .option('--format <format>', 'text or json', 'text')
  .action(async (folder: string, asked: string, options: { format: string }) => {
    const { tellLineage } = await import('./tell-lineage.ts');
    process.exitCode = tellLineage(folder, asked, options);
  });

program
  .command('export')
  .description('write the ledger, evidence packs and artifacts of a mission to a folder')
  .argument('<mission>', 'the mission’s id, as every check shows it')
  .argument('<folder>', 'where to write')
  .action(async (mission: string, folder: string) => {
    const { exportToFolder } = await import('./export-to-folder.ts');
    process.exitCode = await exportToFolder(mission, folder);
  });

program
  .command('dossier')
  .description('write the release dossier of a mission (JSON, HTML, PDF): what was asked, done, examined and decided, for an auditor')
  .argument('[folder]', 'a folder written by `missiongate export` or `missiongate demo --out`; instead of --mission')
  .option('--mission <id>', 'a mission in the database, by the id that every check shows')
  .option('--format <format>', 'json, html, pdf or all', 'all')
  .option('--out <folder>', 'where to write; beside the export, or here, when absent')
  .action(async (folder: string | undefined, options: { mission?: string; format: string; out?: string }) => {
    const { dossierCommand } = await import('./dossier/dossier-command.ts');
    process.exitCode = await dossierCommand(folder, options);
  });

program
  .command('import')
  .description('turn somebody else’s file into a mission file: steps (YAML), a tasks.md of spec-kit, or a checklist')
  .argument('<file>', 'the file to read')
  .option('--from <format>', 'auto, steps, speckit or checklist', 'auto')
  .option('--out <file>', 'where to write; standard output when absent')
  .option('--force', 'replace the file that --out names')
  .action(async (file: string, options: { from: string; out?: string; force?: boolean }) => {
    const { importFile } = await import('./import-file.ts');
    process.exitCode = importFile(file, options);
  });

program
  .command('demo')
  .description('carry a mission from an issue to a merged pull request, on a sandbox GitHub, with nothing else installed')
  .option('--repo <path>', 'work on a copy of this local git repository instead of the demo’s own')
  .option('--issue <file>', 'Markdown file with the mission: first line the title, the rest the issue’s body')
  .option('--out <folder>', 'leave ledger, evidence, repository and timeline there')
  .option('--keep', 'wait for people at the gates and keep the pages up until Ctrl-C (usual in a terminal)')
  .option('--auto', 'let the cast do everything, also in a terminal')
  .option('--port <number>', 'port of the sandbox GitHub’s pages', '0')
  .action(async (options: { repo?: string; issue?: string; out?: string; keep?: boolean; auto?: boolean; port: string }) => {
    const { runDemo } = await import('./demo/run-demo.ts');
    process.exitCode = await runDemo(options, version);
  });

registerLocalCommands(program, version);
registerAuditCommands(program);
registerRoutineCommands(program);

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : usageError;
  else {
    console.error(`missiongate: ${reasonOf(error)}`);
    process.exitCode = 1;
  }
}
