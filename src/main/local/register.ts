import type { Command } from 'commander';

import { collect, collectNames } from './options.ts';
import type { ResumeOptions, RunOptions } from './options.ts';

/** Adds `run` and `resume` to the command line. Everything behind them is loaded when one of them is called. */
export function registerLocalCommands(program: Command, version: string): void {
  withSharedOptions(program.command('run'))
    .description('carry a mission out in a local git repository, with no GitHub at all')
    .argument('<file>', 'mission file, usually in .github/missions/, or template:<name>')
    .option('--input <name=value>', 'value for an input of the mission; repeat for more', collect, [])
    .option('--dry-run', 'show the plan and what it would do, and do nothing', false)
    .option('--max-parallel <number>', 'attempts at the same time, instead of what the file says')
    .option('--new', 'begin another mission although one from this file is under way', false)
    .addHelpText('after', exitCodesHelp)
    .action(async (file: string, options: RunOptions) => {
      const { runCommand } = await import('./run-command.ts');
      process.exitCode = await runCommand(file, options, version);
    });
  withSharedOptions(program.command('resume'))
    .description('go on with a local mission that was interrupted, waits for a person, or failed')
    .argument('[mission]', 'its number; the one under way when there is only one')
    .option('--budget <part=number>', 'a larger bound for the budget that is used up: tokens=…, usd=… or minutes=…', collect, [])
    .option('--cancel', 'give the mission up instead; its branches stay', false)
    .addHelpText('after', exitCodesHelp)
    .action(async (mission: string | undefined, options: ResumeOptions) => {
      const { resumeCommand } = await import('./resume-command.ts');
      process.exitCode = await resumeCommand(mission, options, version);
    });
}

function withSharedOptions(command: Command): Command {
  return command
    .option('--repo <path>', 'the repository', '.')
    .option('--out <folder>', 'leave ledger and evidence there (default: inside the git folder)')
    .option('--yes-to <gates>', 'approve these gates without asking: names with commas between, or all', collectNames, [])
    .option('--merge', 'when it is completed, merge it into the branch you are on, if that is clean', false)
    .option('--format <format>', 'text or json (one event per line)', 'text');
}

const exitCodesHelp = '\nExit codes: 0 completed, 1 failed, 2 called wrongly or invalid file, 3 waits for a person, 130 interrupted.';
