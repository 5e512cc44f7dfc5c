import type { Contributors } from '../core/mission/contributors.ts';

/** A commit as the compare call tells it; every part may be missing. */
export interface ComparedCommit {
  readonly author?: { readonly login?: string } | null;
  readonly committer?: { readonly login?: string } | null;
  readonly commit?: {
    readonly message?: string;
    readonly author?: { readonly email?: string } | null;
    readonly committer?: { readonly email?: string } | null;
  } | null;
}

/** GitHub itself, which commits what people merge and edit on its pages. */
const webFlow = new Set(['web-flow', 'noreply@github.com']);

/**
 * Everybody who wrote, committed or co-wrote the commits, all together and by what they did: logins where GitHub knows them, e-mail
 * addresses elsewhere. Our own bot and GitHub's web pages are left out. Sorted, so that equal histories give equal lists.
 */
export function authorsOf(commits: readonly ComparedCommit[], ourBot: string): { readonly authors: readonly string[]; readonly contributors: Contributors } {
  const found = { author: new Set<string>(), committer: new Set<string>(), 'co-author': new Set<string>() };
  const note = (kind: keyof Contributors, login: string | undefined, email: string | undefined): void => {
    const name = login ?? (email === undefined ? undefined : whoseAddress(email));
    if (name === undefined || name === '' || webFlow.has(name.toLowerCase()) || name.toLowerCase() === ourBot.toLowerCase()) return;
    found[kind].add(name.slice(0, 254));
  };
  for (const { author, committer, commit } of commits) {
    note('author', author?.login, commit?.author?.email);
    note('committer', committer?.login, commit?.committer?.email);
    for (const email of coAuthors(commit?.message ?? '')) note('co-author', undefined, email);
  }
  const contributors = { author: [...found.author].toSorted(), committer: [...found.committer].toSorted(), 'co-author': [...found['co-author']].toSorted() };
  return { authors: [...new Set(Object.values(contributors).flat())].toSorted(), contributors };
}

/** The login in one of GitHub's no-reply addresses (`123+octo@users.noreply.github.com`), else the address itself. */
function whoseAddress(email: string): string {
  const match = /^(?:\d+\+)?([^@\s]+)@users\.noreply\.[^@\s]+$/i.exec(email.trim());
  return match?.[1] ?? email.trim().toLowerCase();
}

function coAuthors(message: string): readonly string[] {
  return [...message.matchAll(/^[ \t]{0,8}co-authored-by[ \t]{0,8}:[^<\n]{0,1000}<[ \t]{0,8}([^<>\s]{1,254})[ \t]{0,8}>/gim)].flatMap((match) => match[1] ?? []);
}
