import { missionIdOf } from '../../core/mission/source.ts';
import type { MissionSource } from '../../core/mission/source.ts';
import type { CommandRequest } from '../../core/mission/request.ts';
import { sha256 } from '../../kit/hash.ts';
import { commandRequests } from '../command-requests.ts';
import { readMissionMarker } from '../messages/pull-request.ts';
import { actorAt, isOurBot, sourceOfIssue, sourceOfNumber } from './mapping.ts';
import type { Delivery, EventMapping } from './mapping.ts';
import { missionLabel, labelsOf } from './issues.ts';
import { field, idAt, isObjectAt, nameAt, textAt } from './reading.ts';

/** Commands one comment may hold; whoever writes more means something else. */
const maximumCommands = 20;

/**
 * Slash commands in comments on the mission's issue or pull request. An edited comment gives only the commands that were
 * not in it before, and only when its author edited it. Deleting a comment never undoes anything.
 */
export const issueComment: EventMapping = (delivery) => {
  const comment = field(delivery.payload, 'comment');
  const issue = field(delivery.payload, 'issue');
  const commentId = idAt(comment, 'id');
  const author = actorAt(comment, 'user');
  const conversation = idAt(issue, 'number');
  if (commentId === null || author === null || conversation === null || author.kind === 'bot') return [];
  const source = missionOf(delivery, issue);
  if (source === null) return [];
  const commands = commandsOf(delivery, author.login).filter(({ command }) => command.problem === null || isMission(issue));
  const writtenAt = writtenAtOf(delivery, comment);
  return commands.map(({ command, times }) => ({
    missionId: missionIdOf(source.repository.id, source.issue.number),
    meaning: `comment:${commentId}:${sha256(same(command)).slice(0, 16)}:${times}`,
    answered: isMission(issue),
    signal: { kind: 'command.given', source, conversation, commentId, actor: author, command, ...(writtenAt === null ? {} : { writtenAt }) },
  }));
};

interface PlacedCommand {
  readonly command: CommandRequest;
  /** How often the comment has asked for the same before it: a comment gives each command once, however often it is edited. */
  readonly times: number;
}

/** When the words were written, as GitHub knows it (whole seconds). */
function writtenAtOf({ action }: Delivery, comment: unknown): number | null {
  const at = Date.parse(nameAt(comment, action === 'edited' ? 'updated_at' : 'created_at') ?? '');
  return Number.isNaN(at) ? null : at;
}

function commandsOf(delivery: Delivery, author: string): readonly PlacedCommand[] {
  const body = textAt(delivery.payload, 'comment', 'body') ?? '';
  const now = placed(commandRequests(body).slice(0, maximumCommands));
  if (delivery.action === 'created') return now;
  if (delivery.action !== 'edited' || delivery.actor.login !== author) return [];
  const from = textAt(delivery.payload, 'changes', 'body', 'from');
  if (from === null) return [];
  const before = commandRequests(from).slice(0, maximumCommands).map(same);
  return now.filter(({ command }) => {
    const at = before.indexOf(same(command));
    if (at === -1) return true;
    before.splice(at, 1);
    return false;
  });
}

function placed(commands: readonly CommandRequest[]): readonly PlacedCommand[] {
  const seen = new Map<string, number>();
  return commands.map((command) => {
    const key = same(command);
    const times = seen.get(key) ?? 0;
    seen.set(key, times + 1);
    return { command, times };
  });
}

/** Two commands are the same when they ask for the same. */
function same({ name, arguments: words, text, problem }: CommandRequest): string {
  return JSON.stringify([name, words, text, problem?.code ?? null]);
}

/**
 * The mission a conversation is about: the issue itself, or the one that the pull request's body names. The body is
 * trusted only when our own bot opened the pull request: anybody may write the marker into theirs, a fork's included.
 */
function missionOf(delivery: Delivery, issue: unknown): MissionSource | null {
  if (!isObjectAt(issue, 'pull_request')) return sourceOfIssue(delivery.repository, issue);
  const opener = actorAt(issue, 'user');
  if (opener === null || opener.kind !== 'bot' || !isOurBot(opener, delivery.ourBot)) return null;
  const missionId = readMissionMarker(textAt(issue, 'body') ?? '');
  const number = missionId === null ? null : issueOfMission(delivery, missionId);
  return number === null ? null : sourceOfNumber(delivery.repository, number);
}

/** The issue number of a mission id, when it is one of this repository. */
export function issueOfMission({ repository }: Delivery, missionId: string): number | null {
  const match = /^r([1-9][0-9]{0,15})-i([1-9][0-9]{0,9})$/.exec(missionId);
  return match !== null && Number(match[1]) === repository.id ? Number(match[2]) : null;
}

/** Where we are not known to be at work, a word that only looks like a command may belong to another bot. */
function isMission(issue: unknown): boolean {
  return isObjectAt(issue, 'pull_request') || labelsOf(issue).includes(missionLabel) || (textAt(issue, 'body') ?? '').includes('<!-- mg:');
}
