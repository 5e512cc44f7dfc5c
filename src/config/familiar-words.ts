/** Words that people bring along from GitHub Actions and its like, where they are no keys here: what to write instead, by what was being written. */
const workerDecides = 'What a task runs on is a matter of the worker, not of the mission.';
const noSecrets = 'A definition holds no secrets: the worker’s configuration does, and steps name them ("secret-headers", "connection").';
const belongsToTask = 'It belongs to a task of the phase.';
const belongsToGate = 'It belongs to the phase, under "gate".';
const underSettings = 'It belongs under "settings".';
const underWith = 'It is a parameter of the step type: write it under "with".';

const instead: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'A mission': {
    jobs: 'Write "phases", each with "tasks".', steps: 'Write "phases", each with "tasks".', stages: 'Write "phases", each with "tasks".', tasks: 'Tasks stand in a phase: phases: [{ id: build, tasks: […] }].',
    on: 'What starts a mission is no part of it: an issue, a command, or a routine in .github/routines.', schedule: 'A routine in .github/routines starts a mission by the clock.',
    'run-name': 'Write "name", which may use inputs.', title: 'Write "name".', id: 'A mission is known by its file; write "name".', defaults: 'There are none: write "env", or the parameter at each task.', permissions: 'What a mission may do is said by the policy file and the worker’s configuration.',
    concurrency: 'How many attempts run at once is "settings: { max-parallel }".', secrets: noSecrets, 'runs-on': workerDecides,
    'max-parallel': underSettings, 'fail-fast': underSettings, 'on-failure': underSettings, merge: underSettings, gate: 'A gate belongs to a phase.', guards: 'Guards belong to a phase.',
  },
  'A phase': {
    name: 'Write "title".', jobs: 'Write "tasks".', steps: 'Write "tasks".', uses: belongsToTask, with: belongsToTask, run: 'Write a task: { id: test, uses: command, with: { run: [npm, test] } }.', strategy: belongsToTask, retry: belongsToTask, scope: belongsToTask, compensate: belongsToTask, persona: belongsToTask,
    outputs: 'Outputs belong to tasks, and to the mission as a whole.', 'continue-on-error': 'Write "parallelism: partial" (one task that succeeds is enough), "fail-fast: false", or "continue-on-error" at a task.', 'runs-on': workerDecides, container: workerDecides, services: workerDecides,
    approvals: 'It belongs under "gate".', rubric: 'It belongs under "gate".', environment: 'People are asked at the "gate".', 'depends-on': 'Write "needs".', permissions: 'What a mission may do is said by the policy file and the worker’s configuration.', secrets: noSecrets,
  },
  'A task': {
    name: 'Write "title".', run: 'Write "uses: command" and "with: { run: [program, argument] }".', shell: 'No shell reads a program’s arguments. Lines for a shell go into a script file: with: { run: [bash, scripts/check.sh] }.', 'working-directory': 'Write "with: { cwd: folder }".',
    steps: 'A task is one step: write several tasks, with "needs" between them.', script: underWith, prompt: underWith, command: 'Write "uses: command" and "with: { run: [program, argument] }".', args: underWith, parameters: 'Write "with".', 'step-type': 'Write "uses".',
    matrix: 'It belongs under "strategy".', 'for-each': 'It belongs under "strategy".', collect: 'It belongs under "strategy".', 'max-parallel': 'It belongs under "strategy".', parallelism: 'It belongs to the phase.', 'max-attempts': 'It belongs under "retry".', retries: 'Write "retry: { max-attempts: 3 }".',
    'depends-on': 'Write "needs".', timeout: 'Write "timeout-minutes" or "timeout-seconds".', 'runs-on': workerDecides, container: workerDecides, services: workerDecides, secrets: noSecrets, permissions: 'What a mission may do is said by the policy file and the worker’s configuration.',
    gate: 'A gate belongs to a phase.', guards: 'Guards belong to a phase.', approvals: belongsToGate, rubric: belongsToGate, environment: 'People are asked at the phase’s "gate", or by a task with "uses: approval".', concurrency: 'How many run at once is "max-parallel" of the phase.', 'on-failure': 'It belongs under "settings" of the mission.', rollback: 'Write "compensate: { uses, with }".',
  },
};

/** ` Write "title".`, or nothing: what to write instead of a key that a mission, a phase or a task does not have. */
export function familiarKey(noun: string, key: string): string {
  const words = instead[noun];
  const plain = key.replace(/([a-z])([A-Z])/g, '$1-$2').replaceAll('_', '-').toLowerCase();
  return words !== undefined && Object.hasOwn(words, plain) ? ` ${words[plain]}` : '';
}

/** The same for a step type: an action of GitHub, or the program that a line would be given to. */
export function familiarStep(uses: string): string {
  if (/^(?:\.{0,2}\/|docker:)|@/.test(uses)) return ' Actions of GitHub are not run here: "uses" names a step type, and "command" runs a program. What is in the repository is checked out already.';
  return /^(?:run|shell|bash|sh|script|exec|program)$/i.test(uses) ? ' Did you mean "command"?' : '';
}
