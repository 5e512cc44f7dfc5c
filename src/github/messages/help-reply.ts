import { accessTo, commandSpecs, findCommand } from '../../core/command/command-spec.ts';
import { repositoryRoles, roleReaches } from '../../core/mission/definition.ts';
import type { Exclusion, RepositoryRole } from '../../core/mission/definition.ts';
import { exclusionOf } from '../../core/mission/contributors.ts';
import { ruleOfGate } from '../../core/mission/gate-approvals.ts';
import { isMission, isOver } from '../../core/mission/state.ts';
import type { Mission } from '../../core/mission/state.ts';
import { whoMayUse } from '../commands/who-may-use.ts';
import type { AnswerInput, AnswerText } from './answers/answer.ts';
import type { Ink } from './ink.ts';
import { roleWords, short } from './words.ts';

/** More lines than these are no help. */
const maximumLines = 8;

/** `/help`: what the person who asks may do here and now, then every command; `/help retry`: one of them. */
export const helpReply: AnswerText = (input) => {
  const { facts } = input;
  const role = repositoryRoles.find((known) => known === facts.text('role'));
  const one = findCommand(facts.text('command'));
  const have = role === undefined ? 'I could not find out what you may do here, so ask again if a command is refused.' : `You have ${roleWords[role]}.`;
  if (one !== null) {
    return [`\`${one.usage}\`: ${one.summary} For ${whoMayUse(one.name)}. ${have}`, '', '```text', ...one.examples, '```'].join('\n');
  }
  const rows = commandSpecs.map((spec) => `| \`${spec.usage.replaceAll('|', '\\|')}\` | ${spec.summary} | ${mark(role, accessTo(spec.name).minimum)}${whoMayUse(spec.name)} |`);
  const now = linesForNow(input, role);
  return [
    `here is what I understand. ${have}`,
    '',
    ...(now.length === 0 ? [] : ['**What you can do here now**', '', ...now.map((line) => `- ${line}`), '']),
    '| command | what it does | who |',
    '| --- | --- | --- |',
    ...rows,
    '',
    'A command stands at the start of a line; where another bot uses the same word, put `/mg` in front. The labels `mission:queue` and `mission:pause` work too, and an approving review approves the gate that waits.',
  ].join('\n');
};

function mark(role: RepositoryRole | undefined, minimum: RepositoryRole): string {
  if (role === undefined) return '';
  return roleReaches(role, minimum) ? '✅ ' : '🔒 ';
}

/** Lines to copy: what waits here for somebody who may do what this person may. */
function linesForNow({ ink, facts, state }: AnswerInput, role: RepositoryRole | undefined): readonly string[] {
  if (role === undefined || !isMission(state)) return [];
  const may = (command: string): boolean => roleReaches(role, accessTo(command).minimum);
  const lines = [
    ...(may('resume') ? beginning(state) : []),
    ...(may('approve-gate') ? gates(ink, state, role, facts.text('login')) : []),
    ...questions(ink, state),
    ...(may('retry') ? repairs(ink, state) : []),
  ];
  return lines.slice(0, maximumLines);
}

function beginning({ status }: Mission): readonly string[] {
  if (status === 'planned') return ['`/resume` begins the mission; so does the label `mission:queue`.'];
  return status === 'paused' ? ['`/resume` lets the mission go on.'] : [];
}

function gates(ink: Ink, mission: Mission, role: RepositoryRole, login: string): readonly string[] {
  if (isOver(mission)) return [];
  return mission.plan.phases.flatMap(({ id, gate: rule }) => {
    const gate = mission.phases.get(id)?.gate;
    if (!gate || rule === null) return [];
    if (gate.status === 'failed' || gate.status === 'rejected') return [`${ink.code(`/retry ${id}`)} examines ${ink.code(`gate/${id}`)} once more.`];
    if (gate.status !== 'awaiting' || gate.head === null) return [];
    const reject = `${ink.code(`/reject-gate ${id} <reason>`)} keeps it shut.`;
    const obstacle = whyNot(mission, id, role, login);
    if (obstacle !== null) return [`${ink.code(`gate/${id}`)} waits for an approval, but not for yours: ${obstacle} ${reject}`];
    return [`${ink.code(`/approve-gate ${id} ${short(gate.head)}`)} approves ${ink.code(`gate/${id}`)}; ${reject}`];
  });
}

/** What keeps this person from approving; null: nothing that is known before they try (teams and owners are looked up then). */
function whyNot(mission: Mission, phase: string, role: RepositoryRole, login: string): string | null {
  const own = mission.index.phases.get(phase)?.gate?.approvals;
  const rule = ruleOfGate(mission, phase);
  if (own === undefined || rule === null) return null;
  if (own.from === undefined && rule.any.length === 0 && rule.all.length === 1 && !roleReaches(role, own.minimumRole)) return `it asks for ${roleWords[own.minimumRole]} or more.`;
  const excluded = exclusionOf(mission, rule.exclude, login);
  return excluded === null ? null : made[excluded];
}

const made: { readonly [exclusion in Exclusion]: string } = {
  author: 'you wrote part of the change.',
  committer: 'you committed part of the change.',
  'co-author': 'you are named as a co-author of the change.',
  requester: 'you started the mission.',
};

function questions(ink: Ink, mission: Mission): readonly string[] {
  if (mission.counts.waiting === 0 || isOver(mission)) return [];
  return [...mission.tasks.values()].flatMap(({ id, status, wait }) => (status === 'waiting' && wait?.for === 'people' ? [`${ink.code(`/approve ${id}`)} or ${ink.code(`/reject ${id} <reason>`)} answers what ${ink.code(id)} asks, if it asks you.`] : []));
}

function repairs(ink: Ink, mission: Mission): readonly string[] {
  if (mission.status === 'cancelled' || mission.status === 'completed' || mission.rollback !== undefined) return [];
  return [...mission.tasks.values()].flatMap(({ id, status, undoes }) => (status === 'failed' && undoes === undefined ? [`${ink.code(`/retry ${id}`)} has the failed task done again; ${ink.code(`/skip ${id} <reason>`)} goes on without it.`] : []));
}
