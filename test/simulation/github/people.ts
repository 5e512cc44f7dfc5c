import { roleAtLeast } from '../../../src/forge/model/roles.ts';
import { Problem } from '../../../src/forge/rest/problem.ts';
import { createPull, mergePull, moveBranch, submitReview } from './branches.ts';
import type { NewPull } from './branches.ts';
import { pressButton, rerequestRun, rerequestSuite } from './checks.ts';
import { changed } from './commit-graph.ts';
import { addComment, addLabel, closeIssue, deleteComment, editComment, editIssue, openIssue, removeLabel, reopenIssue } from './issues.ts';
import type { Account, CheckRun, Comment, Issue, PullIssue, Role } from './records.ts';
import type { World } from './world.ts';

/** What a person wanted and may not, or cannot do now. */
export class Refused extends Error {
  override readonly name = 'Refused';
}

/** One person at GitHub's pages. Everything takes effect at once; what GitHub would not let them do throws `Refused`. */
export class Person {
  readonly #world: World;
  readonly #account: Account;

  constructor(world: World, login: string) {
    this.#world = world;
    this.#account = world.account(login);
  }

  get login(): string {
    return this.#account.login;
  }

  #do<T>(needed: Role, what: (world: World, account: Account) => T): T {
    const role = this.#world.role(this.#account);
    if (!roleAtLeast(role, needed)) throw new Refused(`${this.login} has role ${role}; ${needed} is needed`);
    try {
      return what(this.#world, this.#account);
    } catch (error) {
      if (error instanceof Problem) throw new Refused(`${error.message} ${JSON.stringify(error.errors ?? '')}`);
      throw error;
    }
  }

  /** Labels of people below triage are dropped, as on GitHub. */
  openIssue(title: string, body: string | null = null, labels: readonly string[] = []): number {
    return this.#do('read', (world, account) => {
      const issue = openIssue(world, account, { title, body, pull: null });
      if (roleAtLeast(world.role(account), 'triage')) for (const label of labels) addLabel(world, issue, account, label);
      return issue.number;
    });
  }

  label(issue: number, name: string): void {
    this.#do('triage', (world, account) => addLabel(world, world.issue(issue), account, name));
  }

  unlabel(issue: number, name: string): void {
    this.#do('triage', (world, account) => removeLabel(world, world.issue(issue), account, name));
  }

  comment(issue: number, body: string): number {
    return this.#do('read', (world, account) => addComment(world, world.issue(issue), account, body).id);
  }

  editComment(id: number, body: string): void {
    this.#onComment(id, (world, comment, account) => editComment(world, comment, account, body));
  }

  deleteComment(id: number): void {
    this.#onComment(id, deleteComment);
  }

  #onComment(id: number, what: (world: World, comment: Comment, account: Account) => void): void {
    const comment = this.#world.comments.get(id);
    if (comment === undefined) throw new Refused(`there is no comment ${id}`);
    this.#do(comment.user === this.#account ? 'read' : 'write', (world, account) => what(world, comment, account));
  }

  editIssue(number: number, changes: { readonly title?: string; readonly body?: string | null }): void {
    this.#onIssue(number, 'write', (world, issue, account) => editIssue(world, issue, account, changes));
  }

  closeIssue(number: number, reason: 'completed' | 'not_planned' = 'completed'): void {
    this.#onIssue(number, 'triage', (world, issue, account) => closeIssue(world, issue, account, reason));
  }

  reopenIssue(number: number): void {
    this.#onIssue(number, 'triage', (world, issue, account) => reopenIssue(world, issue, account));
  }

  /** Authors may do with their own what others need a role for. */
  #onIssue(number: number, needed: Role, what: (world: World, issue: Issue, account: Account) => void): void {
    const issue = this.#world.issues.get(number);
    this.#do(issue?.user === this.#account ? 'read' : needed, (world, account) => what(world, world.issue(number), account));
  }

  /** Commits on a branch (made from the default branch where it is missing) and pushes. Returns the commit. */
  push(branch: string, files: Readonly<Record<string, string | null>>, message = `Change ${Object.keys(files).join(', ')}`): string {
    return this.#do('write', (world, account) => {
      const parent = world.branches.get(branch) ?? world.branches.get(world.repository.defaultBranch) ?? '';
      const signer = world.signerOf(account);
      const commit = world.graph.write({ parents: [parent], files: changed(world.graph.get(parent).files, files), message, author: signer, committer: signer, at: world.now() }, true);
      moveBranch(world, account, branch, commit.sha);
      return commit.sha;
    });
  }

  /** Puts a branch on any commit that GitHub knows, forced. */
  reset(branch: string, commit: string): void {
    this.#do('write', (world, account) => {
      if (world.graph.known(commit) === null) throw new Problem(422, 'Object does not exist');
      moveBranch(world, account, branch, commit);
    });
  }

  deleteBranch(branch: string): void {
    this.#do('write', (world, account) => {
      if (branch === world.repository.defaultBranch || !world.branches.has(branch)) throw new Problem(422, 'Reference does not exist');
      moveBranch(world, account, branch, null);
    });
  }

  openPull(pull: Omit<NewPull, 'draft' | 'body'> & Partial<NewPull>): number {
    return this.#do('write', (world, account) => createPull(world, account, { body: null, draft: false, ...pull }).number);
  }

  /** `commit` is the one that was looked at, which need not be the head any more. */
  review(pull: number, verdict: 'approve' | 'request-changes' | 'comment', body = '', commit: string | null = null): number {
    return this.#do('read', (world, account) => {
      const issue = world.pull(pull);
      if (issue.user === account && verdict !== 'comment') throw new Problem(422, 'Can not judge your own pull request');
      if (verdict !== 'approve' && body.trim() === '') throw new Problem(422, 'Body cannot be blank');
      const state = verdict === 'approve' ? 'APPROVED' : verdict === 'comment' ? 'COMMENTED' : 'CHANGES_REQUESTED';
      return submitReview(world, issue, account, { state, body, commit: commit ?? issue.pull.headSha }).id;
    });
  }

  mergePull(pull: number, method: 'merge' | 'squash' = 'merge'): string {
    return this.#onPull(pull, (world, issue, account) => mergePull(world, issue, account, { method, title: undefined, sha: undefined }));
  }

  closePull(pull: number): void {
    this.#onPull(pull, (world, issue, account) => closeIssue(world, issue, account, null));
  }

  #onPull<T>(number: number, what: (world: World, issue: PullIssue, account: Account) => T): T {
    return this.#do('write', (world, account) => what(world, world.pull(number), account));
  }

  /** Presses a button of the App's: `approve`, `reject`, `examine`. */
  press(checkRunId: number, identifier: string): void {
    this.#onRun(checkRunId, (world, run, account) => pressButton(world, run, account, identifier));
  }

  rerun(checkRunId: number): void {
    this.#onRun(checkRunId, rerequestRun);
  }

  #onRun(id: number, what: (world: World, run: CheckRun, account: Account) => void): void {
    const run = this.#world.checkRuns.get(id);
    if (run === undefined) throw new Refused(`there is no check run ${id}`);
    this.#do('write', (world, account) => what(world, run, account));
  }

  rerunAll(commit: string): void {
    this.#do('write', (world, account) => rerequestSuite(world, commit, account));
  }
}
