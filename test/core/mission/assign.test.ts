import { describe, expect, it } from 'vitest';

import { peopleMeant } from '../../../src/core/mission/assignment.ts';
import type { Assignable } from '../../../src/core/mission/assignment.ts';
import { evolve } from '../../../src/core/mission/evolve.ts';
import type { EventBody } from '../../../src/core/mission/event.ts';
import type { MissionState } from '../../../src/core/mission/state.ts';
import { answerComment } from '../../../src/github/messages/answer-comment.ts';
import { plainInk } from '../../../src/github/messages/ink.ts';
import { statusReply } from '../../../src/github/messages/status-reply.ts';
import { factsOf } from '../../../src/github/messages/facts.ts';
import { definition, phase, task } from '../../support/definitions.ts';
import { commitId, person, PureWorld, source } from '../../support/pure-world.ts';

/** The flow with the assignees of an issue as GitHub keeps them. */
class Asking {
  readonly made = new PureWorld(definition([phase('build', [task('a')])]));
  readonly present = new Set<string>();
  readonly people = new Map<string, Assignable>([['author', 'yes'], ['reviewer', 'yes'], ['admin', 'yes'], ['stranger', 'no-access'], ['robot[bot]', 'no-person']]);
  #count = 0;

  /** A mission whose gate waits, with its pull request. */
  static atGate(): Asking {
    const asking = new Asking();
    asking.made.start();
    while (asking.made.todo.length > 0) asking.made.work();
    asking.made.deliver('pull', { kind: 'pull.opened', pull: 8 });
    return asking;
  }

  /** Says it, and does on GitHub what it leads to. */
  say(login: string, name: 'assign' | 'unassign', ...words: readonly string[]): readonly EventBody[] {
    const others = name === 'assign' ? peopleMeant(login, words).filter((one) => !this.present.has(one)) : [];
    const assignment = { present: [...this.present], people: others.map((one) => ({ login: one, assignable: this.people.get(one) ?? ('nobody' as const) })) };
    const command = { name, arguments: words, text: '', problem: null };
    const events = this.made.force(`said:${(this.#count += 1)}`, { kind: 'command.given', source, conversation: 7, commentId: this.#count, actor: person(login), command }, { assignment });
    for (const { body } of events) {
      if (body.type === 'people.assigned') for (const one of body.people) this.present.add(one);
      if (body.type === 'people.unassigned') for (const one of body.people) this.present.delete(one);
    }
    return events.flatMap(({ body }) => (body.type === 'people.assigned' || body.type === 'people.unassigned' ? [body] : []));
  }

  /** The reply to the last command. */
  reply(): string {
    const last = this.made.events.findLast(({ body }) => body.type === 'answer.given')?.body;
    if (last?.type !== 'answer.given') throw new Error('there is no answer');
    return answerComment(plainInk, last, this.made.mission);
  }
}

describe('/assign', () => {
  it('means who wrote it where nobody is named, and by `me`; everybody once', () => {
    expect(peopleMeant('author', [])).toEqual(['author']);
    expect(peopleMeant('author', ['me', 'Author', 'reviewer', 'REVIEWER'])).toEqual(['author', 'reviewer']);
  });

  it('assigns people while nothing waits, and requests no review', () => {
    const asking = new Asking();
    asking.made.start();
    expect(asking.say('author', 'assign', 'reviewer', 'me')).toEqual([{ type: 'people.assigned', people: ['reviewer', 'author'], review: null, by: person('author') }]);
    expect(asking.made.lastAnswer()).toEqual({ accepted: true, code: 'assigned' });
    expect(asking.made.mission.asked).toEqual([{ login: 'reviewer', review: null }, { login: 'author', review: null }]);
  });

  it('requests a review while a gate waits, of everybody who wrote nothing of the change', () => {
    const asking = Asking.atGate();
    asking.made.trunk = { head: commitId('pushed'), authors: ['reviewer'] };
    asking.made.force('push', { kind: 'trunk.pushed', source, head: commitId('pushed'), actor: person('reviewer') });
    while (asking.made.todo.length > 0) asking.made.work();
    const review = { people: ['admin'], pull: 8, head: commitId('pushed') };
    expect(asking.say('author', 'assign', 'reviewer', 'admin')).toEqual([{ type: 'people.assigned', people: ['reviewer', 'admin'], review, by: person('author') }]);
  });

  it('requests the review as soon as there is a pull request, where a gate waited before it was known', () => {
    const asking = new Asking();
    asking.made.start();
    while (asking.made.todo.length > 0) asking.made.work();
    expect(asking.say('author', 'assign', 'reviewer')).toMatchObject([{ people: ['reviewer'], review: null }]);
    const later = asking.made.force('pull', { kind: 'pull.opened', pull: 8 }).map(({ body }) => body);
    expect(later).toMatchObject([{ type: 'pull.opened', number: 8 }, { type: 'people.assigned', people: [], review: { people: ['reviewer'], pull: 8 }, by: { kind: 'system' } }]);
    expect(asking.made.force('pull again', { kind: 'pull.opened', pull: 8 })).toEqual([]);
    expect(asking.say('author', 'unassign', 'reviewer')).toMatchObject([{ people: ['reviewer'], review: { people: ['reviewer'], pull: 8 } }]);
  });

  it('twice is once, and asks again for another commit, and again where a person has taken them off', () => {
    const asking = Asking.atGate();
    expect(asking.say('author', 'assign', 'reviewer')).toHaveLength(1);
    expect(asking.say('author', 'assign', 'Reviewer'.toLowerCase())).toEqual([]);
    expect(asking.made.lastAnswer()).toEqual({ accepted: true, code: 'assigned' });
    asking.present.delete('reviewer');
    expect(asking.say('author', 'assign', 'reviewer')).toMatchObject([{ people: ['reviewer'], review: null }]);
    asking.made.trunk = { head: commitId('pushed'), authors: ['author'] };
    asking.made.force('push', { kind: 'trunk.pushed', source, head: commitId('pushed'), actor: person('author') });
    while (asking.made.todo.length > 0) asking.made.work();
    expect(asking.say('admin', 'assign', 'reviewer')).toMatchObject([{ people: [], review: { people: ['reviewer'], head: commitId('pushed') } }]);
  });

  it('names each who is left out, says what to do, and assigns the others', () => {
    const asking = Asking.atGate();
    expect(asking.say('author', 'assign', 'reviewr', 'stranger', 'robot[bot]', 'admin')).toMatchObject([{ people: ['admin'] }]);
    expect(asking.made.lastAnswer()).toEqual({ accepted: true, code: 'assigned' });
    for (const words of ['assigned: `@admin`', '`@stranger` cannot be assigned here', '`/assign @stranger` again', '`@robot[bot]` is no person', '`@reviewr` is nobody GitHub knows']) expect(asking.reply()).toContain(words);
    asking.present.add('reviewer');
    expect(asking.say('author', 'assign', 'reviewr')).toEqual([]);
    expect(asking.made.lastAnswer()).toEqual({ accepted: false, code: 'nobody-assigned' });
    expect(asking.reply()).toContain('Did you mean `/assign @reviewer`?');
  });

  it('goes up to ten', () => {
    const asking = Asking.atGate();
    for (let number = 1; number <= 9; number += 1) asking.present.add(`p${number}`);
    expect(asking.say('author', 'assign', 'admin', 'reviewer')).toMatchObject([{ people: ['admin'] }]);
    expect(asking.reply()).toMatch(/`@reviewer` would be one too many[^\n]*`\/unassign @…`/);
  });

  it.each(['assign', 'unassign'] as const)('/%s is for those who may steer', (name) => {
    const asking = Asking.atGate();
    asking.present.add('stranger');
    expect(asking.say('stranger', name)).toEqual([]);
    expect(asking.made.lastAnswer()).toEqual({ accepted: false, code: 'permission-denied' });
  });

  it('is told by /status until they have approved, and is the same when the ledger is read again', () => {
    const asking = Asking.atGate();
    const status = () => statusReply({ ink: plainInk, facts: factsOf({ code: 'status', facts: {} }), state: asking.made.mission });
    expect(status()).not.toContain('Asked');
    asking.say('author', 'assign', 'reviewer', 'admin');
    expect(status()).toContain('Asked: `@reviewer` and `@admin`.');
    asking.say('author', 'unassign', 'admin');
    expect(status()).toContain('Asked: `@reviewer`.');
    const replayed = asking.made.events.reduce<MissionState | null>((state, event) => evolve(state, event), null);
    expect(replayed).toMatchObject({ asked: [{ login: 'reviewer', review: { pull: 8 } }] });
  });
});

describe('/unassign', () => {
  it('takes people off, and takes back the review that was requested of them', () => {
    const asking = Asking.atGate();
    asking.present.add('admin');
    asking.say('author', 'assign', 'reviewer');
    const { head } = asking.made.mission.trunk;
    expect(asking.say('author', 'unassign', 'reviewer', 'admin')).toEqual([{ type: 'people.unassigned', people: ['reviewer', 'admin'], review: { people: ['reviewer'], pull: 8, head }, by: person('author') }]);
    expect(asking.made.mission.asked).toEqual([]);
    expect(asking.say('author', 'assign', 'reviewer')).toMatchObject([{ review: { people: ['reviewer'] } }]);
  });

  it('says who was not assigned, and who is', () => {
    const asking = Asking.atGate();
    asking.present.add('reviewer');
    asking.say('author', 'unassign');
    expect(asking.made.lastAnswer()).toEqual({ accepted: false, code: 'nobody-unassigned' });
    for (const words of ['`@author` is not assigned', 'Assigned: `@reviewer`.']) expect(asking.reply()).toContain(words);
    asking.say('author', 'unassign', 'reviewer', 'admin');
    expect(asking.made.lastAnswer()).toEqual({ accepted: true, code: 'unassigned' });
    expect(asking.reply()).toContain('`@admin` is not assigned');
  });
});
