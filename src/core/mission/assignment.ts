import { isSame } from './contributors.ts';

/** What GitHub says of somebody who is to be assigned. */
export type Assignable = 'yes' | 'no-access' | 'no-person' | 'nobody';

/** Looked up for `/assign` and `/unassign`, now. */
export interface AssignmentLook {
  /** The assignees. */
  readonly present: readonly string[];
  /** Those who are named and not assigned yet, in that order. */
  readonly people: readonly { readonly login: string; readonly assignable: Assignable }[];
}

/** A review of the mission's pull request that is requested, or taken back. */
export interface ReviewWish {
  readonly people: readonly string[];
  readonly pull: number;
  /** The commit that waits. */
  readonly head: string;
}

/** Somebody whom `/assign` asked. */
export interface Asked {
  readonly login: string;
  /** Where their review was requested; the latest time counts. */
  readonly review: { readonly pull: number; readonly head: string } | null;
}

/** GitHub's own limit. */
export const maximumAssignees = 10;

/** The people a command means: those it names, `me` being who wrote it, who is meant too where nobody is named. */
export function peopleMeant(writer: string, named: readonly string[]): readonly string[] {
  const meant = named.length === 0 ? [writer] : named.map((login) => (isSame(login, 'me') ? writer : login));
  return meant.filter((login, index) => meant.findIndex((other) => isSame(other, login)) === index);
}

export function isAmong(login: string, logins: readonly string[]): boolean {
  return logins.some((other) => isSame(other, login));
}

/** Whom the mission has asked, after it asked some more. */
export function askedAfter(before: readonly Asked[], { people, review }: { readonly people: readonly string[]; readonly review: ReviewWish | null }): readonly Asked[] {
  const requested = review?.people ?? [];
  const known = new Map(before.map((one) => [one.login.toLowerCase(), one]));
  for (const login of [...people, ...requested]) {
    const key = login.toLowerCase();
    const wish = review !== null && isAmong(login, requested) ? { pull: review.pull, head: review.head } : (known.get(key)?.review ?? null);
    known.set(key, { login, review: wish });
  }
  return [...known.values()];
}
