import type { RepositoryRole } from '../../src/core/mission/definition.ts';
import { missionIdOf } from '../../src/core/mission/source.ts';
import { Refused } from './github/people.ts';
import type { Person } from './github/people.ts';
import type { SimulatedGitHub } from './github/simulated-github.ts';
import type { WrittenMission } from './missions.ts';
import type { Timeline } from './timeline.ts';

type Step = (world: PeopleOfAMission) => void;

/** Who is there, and what they may do. */
export const cast: Readonly<Record<string, RepositoryRole>> = { author: 'admin', reviewer: 'write', colleague: 'write', maintainer: 'maintain', stranger: 'read' };

/** After an approval a person waits this long before they look again. */
const patienceMs = 90_000;

/**
 * The people around one mission. The author asks for it; reviewers look at GitHub from time to time and approve the gates
 * that wait, each in a way of their own; in a busy world others interfere. What they do depends on what GitHub shows, never
 * on what the product thinks.
 */
export class PeopleOfAMission {
  readonly issue: number;
  readonly missionId: string;
  readonly #timeline: Timeline;
  readonly #gitHub: SimulatedGitHub;
  readonly #lastAct = new Map<string, number>();
  /** Commands that were said, and when. */
  readonly said: { readonly comment: number; readonly at: number; readonly text: string }[] = [];
  readonly #pushed: { readonly login: string; readonly commit: string }[] = [];
  readonly #acted: () => void;
  readonly #written: WrittenMission;
  #disturbances: number;
  #busyUntil = 0;
  #withdrew = false;
  #asked = false;
  readonly #busy: boolean;
  #left = false;

  constructor(parts: { readonly timeline: Timeline; readonly gitHub: SimulatedGitHub; readonly written: WrittenMission; readonly disturbances: number; readonly acted: () => void }) {
    this.#timeline = parts.timeline;
    this.#gitHub = parts.gitHub;
    this.#disturbances = parts.disturbances;
    this.#busy = parts.disturbances > 0;
    this.#written = parts.written;
    this.#acted = parts.acted;
    const author = parts.gitHub.asPerson('author');
    this.issue = author.openIssue(`Please do ${parts.written.name}`, parts.written.body);
    this.missionId = missionIdOf(parts.gitHub.repository.id, this.issue);
    this.#begin();
    this.#look();
    this.#disturb();
  }

  /** People who wrote what `head` has over `base`. */
  authorsBetween(base: string, head: string): readonly string[] {
    return this.#pushed.filter(({ commit }) => this.#gitHub.isAncestor(commit, head) && !this.#gitHub.isAncestor(commit, base)).map(({ login }) => login);
  }

  /**
   * Nobody looks at GitHub any more. People may think better of a waiver long after the mission came to rest; what the product does about
   * that would look as if it had written without a reason.
   */
  leave(): void {
    this.#left = true;
  }

  /** True when nobody has anything left to do. */
  get isAtRest(): boolean {
    return this.#disturbances === 0 && this.#timeline.now >= this.#busyUntil;
  }

  #later(minimumMs: number, maximumMs: number, what: string, act: Step): void {
    const after = this.#timeline.between(minimumMs, maximumMs);
    this.#busyUntil = Math.max(this.#busyUntil, this.#timeline.now + after + 1);
    this.#timeline.schedule(after, null, what, () => this.#try(what, act));
  }

  #try(what: string, act: Step): void {
    try {
      this.#timeline.tell('people', what);
      act(this);
      this.#acted();
    } catch (error) {
      // What GitHub's pages do not offer, nobody can do.
      if (!(error instanceof Refused)) throw error;
      this.#timeline.tell('people', `cannot: ${error.message}`);
    }
  }

  #begin(): void {
    const author = this.#gitHub.asPerson('author');
    const labels = this.#timeline.chance(0.2) ? ['mission:queue', 'mission'] : ['mission', 'mission:queue'];
    this.#later(10, 2_000, `author labels #${this.issue} ${labels[0]}`, () => author.label(this.issue, labels[0] as string));
    this.#later(2_001, 9_000, `author labels #${this.issue} ${labels[1]}`, () => author.label(this.issue, labels[1] as string));
  }

  /** Every now and then somebody looks for gates that wait, and approves. */
  #look(): void {
    this.#timeline.schedule(this.#timeline.between(5_000, 15_000), null, 'people look', () => {
      if (this.#left) return;
      this.#maybeRaise();
      this.#maybeAskOnce();
      if (this.#written.waives === true) this.#maybeWaive();
      for (const run of this.#gitHub.checkRuns()) {
        if (run.conclusion !== 'action_required' || !run.name.startsWith('gate/') || !this.#isCurrent(run)) continue;
        for (const login of ['reviewer', 'maintainer', 'author', 'colleague']) this.#maybeApprove(login, run);
      }
      this.#look();
    });
  }

  /** In a busy world somebody asks how it stands as soon as all is done, so that the ledger goes on while the last is written. */
  #maybeAskOnce(): void {
    if (!this.#busy || this.#asked || !this.#gitHub.checkRuns().some(({ name, conclusion }) => name === 'missiongate' && conclusion === 'success')) return;
    this.#asked = true;
    for (let times = 0; times < 3; times += 1) this.#later(10, 30_000, 'reviewer comments /status', () => this.#say(this.#gitHub.asPerson('reviewer'), '/status'));
  }

  /** Where the issue says that a budget is used up and what to comment, somebody does. */
  #maybeRaise(): void {
    const command = this.#written.body.includes('budget:') ? / is used up: .*`(\/budget [^`]+)`/.exec(this.#gitHub.issue(this.issue).body ?? '')?.[1] : undefined;
    if (command === undefined || this.#timeline.now - (this.#lastAct.get(command) ?? -patienceMs) < patienceMs || !this.#timeline.chance(0.6)) return;
    this.#lastAct.set(command, this.#timeline.now);
    this.#later(100, 4_000, `author comments ${command}`, () => this.#say(this.#gitHub.asPerson('author'), command));
  }

  /** Where a gate shows the line that asks for a waiver the author pastes it, and what the issue says about confirming it the maintainer does. */
  #maybeWaive(): void {
    const lines = this.#gitHub.checkRuns().flatMap((run) => (run.conclusion === 'failure' && run.name.startsWith('gate/') && this.#isCurrent(run) ? [...(run.summary ?? '').matchAll(/`(\/waive [^`…]+)…([^`…]+)…"`/g)] : []));
    for (const [, before = '', between = ''] of lines) this.#sometimes('author', `${before}it is wrong${between}by hand"`);
    const body = this.#gitHub.issue(this.issue).body ?? '';
    this.#maybeWithdraw(body);
    for (const [, command = ''] of body.matchAll(/asks to waive .*`(\/approve-waiver [^`]+)`/g)) for (const login of ['author', 'maintainer']) this.#sometimes(login, command);
  }

  /** Once somebody may think better of a waiver that counts. */
  #maybeWithdraw(body: string): void {
    if (this.#withdrew || this.#gitHub.issue(this.issue).state === 'closed' || !body.includes('is waived until') || !this.#timeline.chance(0.3)) return;
    this.#withdrew = true;
    this.#later(100, 4_000, 'author comments /withdraw-waiver', () => this.#say(this.#gitHub.asPerson('author'), '/withdraw-waiver only guard/tests'));
  }

  /** Says something soon, and not again before some time has passed. */
  #sometimes(login: string, text: string): void {
    const about = `${login} ${text}`;
    if (this.#timeline.now - (this.#lastAct.get(about) ?? -patienceMs) < patienceMs || !this.#timeline.chance(0.6)) return;
    this.#lastAct.set(about, this.#timeline.now);
    this.#later(100, 4_000, `${login} comments ${text}`, () => this.#say(this.#gitHub.asPerson(login), text));
  }

  /** Only the newest check of a name asks anybody. */
  #isCurrent(run: { readonly id: number; readonly name: string }): boolean {
    return this.#gitHub.checkRuns().every((other) => other.name !== run.name || other.id <= run.id);
  }

  #maybeApprove(login: string, run: { readonly id: number; readonly name: string; readonly headSha: string; readonly actions: readonly unknown[] }): void {
    const timeline = this.#timeline;
    const about = `${login} ${run.id}`;
    if (timeline.now - (this.#lastAct.get(about) ?? -patienceMs) < patienceMs || !timeline.chance(0.6)) return;
    this.#lastAct.set(about, timeline.now);
    const person = this.#gitHub.asPerson(login);
    const gate = run.name.slice('gate/'.length);
    const pull = this.#gitHub.pulls().find((candidate) => candidate.state === 'open');
    const ways: [string, Step][] = [
      [`${login} comments /approve-gate ${gate}`, () => this.#say(person, `/approve-gate ${gate}`)],
      [`${login} comments /approve-gate ${gate} with the commit`, () => this.#say(person, `Fine with me.\n\n/approve-gate ${gate} ${run.headSha.slice(0, 10)}`)],
    ];
    if (run.actions.length > 0) ways.push([`${login} presses approve on ${run.name}`, () => person.press(run.id, 'approve')]);
    if (pull) ways.push([`${login} approves pull request #${pull.number}`, () => void person.review(pull.number, 'approve', '')]);
    const [what, act] = timeline.pick(ways);
    this.#later(100, 4_000, what, act);
  }

  /** One interference after the other, as many as this world has. */
  #disturb(): void {
    if (this.#disturbances === 0) return;
    this.#timeline.schedule(this.#timeline.between(3_000, 40_000), null, 'somebody interferes', () => {
      this.#disturbances -= 1;
      const [what, act] = this.#timeline.pick(this.#interferences());
      this.#try(what, act);
      this.#disturb();
    });
  }

  #interferences(): readonly (readonly [string, Step])[] {
    const { issue } = this;
    const author = this.#gitHub.asPerson('author');
    const reviewer = this.#gitHub.asPerson('reviewer');
    const stranger = this.#gitHub.asPerson('stranger');
    const trunk = `mission/${issue}/trunk`;
    const body = () => this.#gitHub.issue(issue).body ?? '';
    const own = this.#written.retries?.map((target): readonly [string, Step] => [`author comments /retry ${target}`, () => this.#say(author, `/retry ${target}`)]) ?? [];
    const waives: readonly (readonly [string, Step])[] = this.#written.waives === true ? [['author comments /withdraw-waiver', () => this.#say(author, '/withdraw-waiver only guard/tests')]] : [];
    return [
      ...own,
      ...waives,
      ['stranger comments /approve-gate only', () => this.#say(stranger, '/approve-gate only')],
      ['stranger comments /cancel', () => this.#say(stranger, '/cancel because I can')],
      ['author pushes to the trunk', () => this.#push('author', trunk)],
      ['reviewer pushes to the trunk', () => this.#push('reviewer', trunk)],
      ['author ticks the first open box', () => author.editIssue(issue, { body: body().replace('- [ ]', '- [x]') })],
      ['author unticks the first ticked box', () => author.editIssue(issue, { body: body().replace('- [x]', '- [ ]') })],
      ['author removes the first item', () => author.editIssue(issue, { body: body().replace(/^- \[[ x]\].*\n/m, '') })],
      ['author empties the issue', () => author.editIssue(issue, { body: '' })],
      ['author comments /pause', () => this.#pause(() => this.#say(author, '/pause'), () => this.#say(author, '/resume'))],
      ['author labels mission:pause', () => this.#pause(() => author.label(issue, 'mission:pause'), () => author.unlabel(issue, 'mission:pause'))],
      ['author comments /retry a', () => this.#say(author, '/retry a')],
      ['reviewer comments /reject-gate', () => this.#say(reviewer, '/reject-gate Not good enough')],
      ['reviewer comments /status twice', () => this.#twice(() => this.#say(reviewer, '/status'))],
      ['author edits a comment into a command', () => author.editComment(this.#say(author, 'Hello'), '/help')],
      ['author comments /cancel', () => (this.#timeline.chance(0.3) ? this.#say(author, '/cancel no longer wanted') : this.#say(author, '/status'))],
      ['somebody pushes to the default branch', () => void author.push('main', { 'elsewhere.txt': String(this.#timeline.now) }, 'Elsewhere')],
      ['reviewer asks for the gate checks again', () => this.#recheck()],
      ['author takes the label off and puts it on again', () => this.#relabel()],
    ];
  }

  #pause(stop: () => unknown, goOn: () => unknown): void {
    stop();
    this.#later(5_000, 60_000, 'author lets the mission go on', () => void goOn());
  }

  #say(person: Person, text: string): number {
    const comment = person.comment(this.issue, text);
    if (/^\/[a-z]/m.test(text)) this.said.push({ comment, at: this.#timeline.now, text });
    return comment;
  }

  #push(login: string, branch: string): void {
    const commit = this.#gitHub.asPerson(login).push(branch, { [`by-${login}.txt`]: String(this.#timeline.now) }, `By ${login}`);
    this.#pushed.push({ login, commit });
  }

  #twice(act: () => unknown): void {
    act();
    act();
  }

  #recheck(): void {
    const run = this.#gitHub.checkRuns().findLast(({ name }) => name.startsWith('gate/'));
    if (run) this.#gitHub.asPerson('reviewer').rerun(run.id);
  }

  #relabel(): void {
    const author = this.#gitHub.asPerson('author');
    author.unlabel(this.issue, 'mission:queue');
    author.label(this.issue, 'mission:queue');
  }
}
