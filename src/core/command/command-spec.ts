import type { RepositoryRole } from '../mission/definition.ts';

/** One argument of a slash command. */
export interface ArgumentSpec {
  /** Also the key: `gate=build`. */
  readonly name: string;
  readonly summary: string;
  readonly required: boolean;
  /** `rest` takes the remainder of the line as free words, `people` as logins; only the last argument may be one. */
  readonly kind: 'id' | 'rule' | 'sha' | 'number' | 'until' | 'text' | 'command' | 'people' | 'rest';
  /** It is never taken from its place: `reason="…"`. */
  readonly named?: true;
}

/** Who may use a command, as the deciding core decides it; a test compares both. */
export interface CommandAccess {
  /** Lowest repository role; `none`: everybody. */
  readonly minimum: RepositoryRole;
  /** What else is asked, in words; null: nothing. */
  readonly besides: string | null;
}

/** A slash command as data: the parser, `/help`, the documentation and the tests read the same table. */
export interface CommandSpec {
  readonly name: string;
  readonly usage: string;
  readonly summary: string;
  readonly examples: readonly string[];
  readonly arguments: readonly ArgumentSpec[];
  /** Absent: whoever may steer the mission. */
  readonly who?: CommandAccess;
  /** Names that other bots have for the same: they are answered with this one. */
  readonly alsoKnownAs?: readonly string[];
}

const everybody: CommandAccess = { minimum: 'none', besides: null };
const steering: CommandAccess = { minimum: 'write', besides: null };

const reason: ArgumentSpec = { name: 'reason', summary: 'why, in your own words', required: false, kind: 'rest' };
const gate: ArgumentSpec = { name: 'gate', summary: 'id of the phase whose gate is meant; the waiting one if there is only one', required: false, kind: 'id' };
const people: ArgumentSpec = { name: 'person', summary: 'GitHub logins, with or without `@`, several of them with blanks or commas between; whoever writes the command if there is none, or `me`', required: false, kind: 'people' };
const rule: ArgumentSpec = { name: 'rule', summary: 'the rule that is waived, as the check shows it', required: false, kind: 'rule' };

/** Every command, in the order `/help` shows them. */
export const commandSpecs: readonly CommandSpec[] = [
  {
    name: 'approve-gate',
    usage: '/approve-gate [gate] [sha]',
    summary: 'Approves the waiting gate, on condition that the work is still at the commit you looked at.',
    examples: ['/approve-gate', '/approve-gate build', '/approve-gate build 0123abc'],
    arguments: [gate, { name: 'sha', summary: 'commit you looked at: 7 to 64 hex digits', required: false, kind: 'sha' }],
    who: { ...steering, besides: 'the gate may ask for more; nobody who wrote part of the change' },
  },
  {
    name: 'reject-gate',
    usage: '/reject-gate <gate> <reason…>',
    summary: 'Rejects the waiting gate; the reason is recorded.',
    examples: ['/reject-gate build the error path has no test'],
    arguments: [{ ...gate, summary: 'id of the phase whose gate is meant', required: true }, { ...reason, required: true }],
    who: { ...steering, besides: 'the gate may ask for more' },
  },
  {
    name: 'meet-criterion',
    usage: '/meet-criterion <gate> <words…>',
    summary: 'Confirms one criterion of a waiting gate; some of its words are enough, as long as no other criterion has them.',
    examples: ['/meet-criterion release changelog is written'],
    arguments: [{ ...gate, summary: 'id of the phase whose gate is meant', required: true }, { name: 'words', summary: 'words of the criterion, as the check shows it', required: true, kind: 'rest' }],
    who: { minimum: 'write', besides: 'the gate may ask for more; nobody who wrote part of the change' },
  },
  {
    name: 'approve',
    usage: '/approve [task]',
    summary: 'Answers yes to a task that asks people.',
    examples: ['/approve', '/approve release-today'],
    arguments: [{ name: 'task', summary: 'id of the task that asks; the one that waits if there is only one', required: false, kind: 'id' }],
    who: { ...everybody, besides: 'the task says who' },
  },
  {
    name: 'reject',
    usage: '/reject <task> <reason…>',
    summary: 'Answers no to a task that asks people: it has failed, and the reason is recorded.',
    examples: ['/reject release-today the changelog is not written'],
    arguments: [{ name: 'task', summary: 'id of the task that asks', required: true, kind: 'id' }, { ...reason, required: true }],
    who: { ...everybody, besides: 'the task says who' },
  },
  {
    name: 'retry',
    usage: '/retry [task] [reason…]',
    summary: 'Runs a task again, or examines a gate again; without a name it says what has failed.',
    examples: ['/retry build-api', '/retry build'],
    arguments: [{ name: 'task', summary: 'id of the task, or of the phase whose gate is meant', required: false, kind: 'id' }, reason],
  },
  {
    name: 'skip',
    usage: '/skip <task> <reason…>',
    summary: 'Leaves a task out: what needs it goes on without it, and the reason is recorded. `/retry` takes it up again.',
    examples: ['/skip update-changelog done by hand in #12'],
    arguments: [{ name: 'task', summary: 'id of the task', required: true, kind: 'id' }, { ...reason, required: true }],
  },
  { name: 'pause', usage: '/pause [reason…]', summary: 'Starts no further task until /resume; running ones finish.', examples: ['/pause', '/pause until Monday'], arguments: [reason] },
  { name: 'resume', usage: '/resume [reason…]', summary: 'Goes on after /pause.', examples: ['/resume'], arguments: [reason] },
  { name: 'cancel', usage: '/cancel [reason…]', summary: 'Stops the mission for good; its branches stay.', examples: ['/cancel', '/cancel not needed any more'], arguments: [reason] },
  {
    name: 'budget',
    usage: '/budget [scope] [tokens=…] [usd=…] [minutes=…]',
    summary: 'Says how much is used up; with numbers it sets a new bound, and a mission that was paused for it goes on.',
    examples: ['/budget', '/budget tokens=300000', '/budget build usd=12.50'],
    arguments: [
      { name: 'scope', summary: 'id of the phase or task that is meant; the mission if there is none', required: false, kind: 'id' },
      { name: 'tokens', summary: 'tokens that agents may use', required: false, kind: 'number' },
      { name: 'usd', summary: 'US dollars that may be spent', required: false, kind: 'number' },
      { name: 'minutes', summary: 'minutes that attempts may work, summed', required: false, kind: 'number' },
    ],
    who: { ...everybody, besides: 'a new bound needs write access or more' },
  },
  {
    name: 'waive',
    alsoKnownAs: ['waive-gate'],
    usage: '/waive <gate> [rule] until=… reason="…" control="…"',
    summary: 'Asks for an exception to one rule of a gate, for some time; somebody else has to confirm it.',
    examples: ['/waive build coverage_min until=7d reason="the report of the new module is broken" control="reviewed by hand, see #12"', '/waive build guard/lint until=2026-12-01 reason="the rule is wrong here" control="the linter is run by hand"'],
    arguments: [
      { ...gate, summary: 'id of the phase whose gate is meant', required: true },
      { ...rule, summary: 'the rule that did not pass, as the check shows it, `guard/lint` for a guard; without it I answer with the lines to paste' },
      { name: 'until', summary: 'how long it counts: `12h`, `7d`, or a day; at most 30 days', required: false, kind: 'until', named: true },
      { name: 'reason', summary: 'why the rule may be missed', required: false, kind: 'text', named: true },
      { name: 'control', summary: 'what is done instead, so that the risk stays small', required: false, kind: 'text', named: true },
    ],
  },
  {
    name: 'approve-waiver',
    usage: '/approve-waiver <gate> <rule>',
    summary: 'Confirms a waiver that somebody else asked for; from then on it counts.',
    examples: ['/approve-waiver build coverage_min'],
    arguments: [{ ...gate, summary: 'id of the phase whose gate is meant', required: true }, { ...rule, required: true }],
    who: { ...everybody, besides: 'maintain access or more, unless the gate or the policy of the repository asks for others; neither who asked for it nor anybody who wrote part of the change' },
  },
  {
    name: 'withdraw-waiver',
    usage: '/withdraw-waiver <gate> <rule>',
    summary: 'Takes a waiver back, or says no to one that was asked for; a gate that stood on it is shut again.',
    examples: ['/withdraw-waiver build coverage_min'],
    arguments: [{ ...gate, summary: 'id of the phase whose gate is meant', required: true }, { ...rule, required: true }],
    who: { ...everybody, besides: 'who asked for it, or who may confirm it' },
  },
  {
    name: 'assign',
    usage: '/assign [person…]',
    summary: 'Makes people assignees of the issue: you, or those you name. While a gate waits, their review of the pull request is requested too, unless they wrote part of the change.',
    examples: ['/assign', '/assign @octocat', '/assign octocat, hubot'],
    arguments: [people],
  },
  {
    name: 'unassign',
    usage: '/unassign [person…]',
    summary: 'Takes people off the issue again, and takes back the review that `/assign` requested of them.',
    examples: ['/unassign', '/unassign @octocat'],
    arguments: [people],
  },
  {
    name: 'plan',
    usage: '/plan',
    summary: 'Shows the plan as it is now: graph, longest chain of tasks, how far it is.',
    examples: ['/plan'],
    arguments: [],
    who: everybody,
  },
  { name: 'status', usage: '/status', summary: 'Says what runs, what waits, and who can unblock it.', examples: ['/status'], arguments: [], who: everybody },
  {
    name: 'help',
    usage: '/help [command]',
    summary: 'Lists the commands, or explains one.',
    examples: ['/help', '/help approve-gate'],
    arguments: [{ name: 'command', summary: 'name of a command', required: false, kind: 'command' }],
    who: everybody,
  },
];

export function findCommand(name: string, specs: readonly CommandSpec[] = commandSpecs): CommandSpec | null {
  return specs.find((spec) => spec.name === name) ?? null;
}

/** Who may use a command; of one that is not known: whoever may steer. */
export function accessTo(command: string): CommandAccess {
  return findCommand(command)?.who ?? steering;
}
