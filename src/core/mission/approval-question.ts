import { err, ok } from '../../kit/result.ts';
import type { Result } from '../../kit/result.ts';
import type { Json, JsonObject } from '../../kit/json.ts';
import { roleReaches } from './definition.ts';
import type { RepositoryRole } from './definition.ts';

/** What a task of the step type `approval` asks. */
export interface ApprovalQuestion {
  readonly question: string;
  /** Different persons who must agree. */
  readonly count: number;
  readonly from: readonly string[];
  readonly allowRequester: boolean;
}

/** Who may answer: `role:write` and everybody above, or `@login`. */
export const approverPattern = '^(?:role:(?:read|triage|write|maintain|admin)|@[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})(?:_[A-Za-z0-9]{1,20})?)$';
export const longestQuestion = 10_000;
export const mostApprovals = 10;
export const mostApprovers = 20;
export const defaultApprovers: readonly string[] = ['role:write'];

/** Reads the parameters once more with their templates filled in: a value may not fit where a template stood. */
export function readQuestion({ question, count = 1, from = defaultApprovers, 'allow-requester': allowRequester = true }: JsonObject): Result<ApprovalQuestion, string> {
  const text = typeof question === 'number' || typeof question === 'boolean' ? String(question) : question;
  if (typeof text !== 'string' || text.trim() === '') return err('with.question is empty: say what people are to decide.');
  if (typeof count !== 'number' || !Number.isInteger(count) || count < 1 || count > mostApprovals) return err(`with.count is ${JSON.stringify(count)}; expected a whole number from 1 to ${mostApprovals}.`);
  const approver = new RegExp(approverPattern);
  const list = Array.isArray(from) ? (from as readonly Json[]) : [];
  const wrong = list.find((one) => typeof one !== 'string' || !approver.test(one));
  if (list.length === 0 || list.length > mostApprovers || wrong !== undefined) return err(`with.from ${wrong === undefined ? `has ${list.length} entries` : `names ${JSON.stringify(wrong).slice(0, 80)}`}; expected 1 to ${mostApprovers} of role:read, role:triage, role:write, role:maintain, role:admin and @login.`);
  if (typeof allowRequester !== 'boolean') return err('with.allow-requester must be true or false.');
  return ok({ question: text.slice(0, longestQuestion), count, from: list as readonly string[], allowRequester });
}

/** The lowest role that may answer; null where only persons are named. */
export function lowestRole(from: readonly string[]): RepositoryRole | null {
  const roles = from.flatMap((one) => (one.startsWith('role:') ? [one.slice('role:'.length) as RepositoryRole] : []));
  return roles.reduce<RepositoryRole | null>((lowest, role) => (lowest === null || roleReaches(lowest, role) ? role : lowest), null);
}

/** Named in person; GitHub's logins are the same in any case. */
export function isNamed(from: readonly string[], login: string): boolean {
  return from.some((one) => one.toLowerCase() === `@${login.toLowerCase()}`);
}
