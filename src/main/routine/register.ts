import type { Command } from 'commander';

import type { SteerOptions } from './routine-commands.ts';

/** Adds `routine …` to the command line. Everything behind it is loaded when one of its commands is called. */
export function registerRoutineCommands(program: Command): void {
  const routine = program.command('routine').description('missions that start by themselves: see, pause, resume, activate and run the routines of this installation');
  const named = (command: string, description: string) => routine.command(command).description(description).argument('<routine>', 'its name; owner/repository/name where several repositories have one of that name');

  routine
    .command('list')
    .description('all routines of this installation: status, next due time, latest run')
    .option('--json', 'as JSON', false)
    .action(async (options: { json: boolean }) => {
      const { listRoutines } = await import('./routine-commands.ts');
      process.exitCode = await listRoutines(options);
    });
  named('show', 'one routine: what it starts when, who stands for it, its revisions and its latest runs')
    .option('--json', 'as JSON', false)
    .action(async (name: string, options: { json: boolean }) => {
      const { showRoutine } = await import('./routine-commands.ts');
      process.exitCode = await showRoutine(name, options);
    });
  for (const [command, description] of [
    ['pause', 'start nothing until it is resumed; due times that pass meanwhile are not made up for'],
    ['resume', 'start missions again, from the next due time on'],
    ['run', 'start a mission now, besides the schedule'],
  ] as const) {
    named(command, description)
      .option('--as <login>', 'who says so, for the history', 'an operator')
      .option('--json', 'as JSON', false)
      .action(async (name: string, options: SteerOptions) => {
        const { steerRoutine } = await import('./routine-commands.ts');
        process.exitCode = await steerRoutine(command, name, options);
      });
  }
  named('activate', 'let a routine that waits for a person start missions, in the name of somebody who may write to the repository')
    .requiredOption('--as <login>', 'whose permission its missions need and use; GitHub is asked for it at each start')
    .option('--json', 'as JSON', false)
    .action(async (name: string, options: SteerOptions) => {
      const { steerRoutine } = await import('./routine-commands.ts');
      process.exitCode = await steerRoutine('activate', name, options);
    });
  routine
    .command('next')
    .description('the next due times of a routine file; nothing is started and no database is needed')
    .argument('<file>', 'a routine file')
    .option('--count <number>', 'how many', '5')
    .option('--json', 'as JSON', false)
    .action(async (file: string, options: { count: string; json: boolean }) => {
      const { nextDueTimes } = await import('./next-due-times.ts');
      process.exitCode = nextDueTimes(file, options);
    });
}
