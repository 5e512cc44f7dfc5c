import { describe, expect, it } from 'vitest';

import { definition, phase, task } from '../../../support/definitions.ts';
import { diligent, PureWorld } from '../../../support/pure-world.ts';
import { scriptedWorld } from '../../../support/scripted-world.ts';
import type { Play } from '../../../support/scripted-world.ts';

const undo = { uses: 'command', with: { run: ['undo'] } };
const chain = definition(
  [phase('one', [task('a', { compensate: undo }), task('b', { needs: ['a'], compensate: undo })], { gate: null }), phase('two', [task('c', { compensate: undo }), task('d', { needs: ['c'] })], { gate: null, needs: ['one'] })],
  { onFailure: 'rollback' },
);
const played = (play: Play) => {
  const seen: string[] = [];
  const world = scriptedWorld(chain, (subject, attempt, mission) => {
    seen.push(subject);
    return play(subject, attempt, mission);
  }).start();
  return { world, seen };
};

describe('rollback', () => {
  it('undoes what succeeded in reverse order of completion when the mission fails, then the mission has failed', () => {
    const { world, seen } = played((subject) => (subject === 'd' ? { fails: 'input' } : undefined));
    world.settle();
    expect(seen).toEqual(['a', 'b', 'c', 'd', 'undo/c', 'undo/b', 'undo/a']);
    expect(world.types().slice(-3)).toEqual(['task.completed', 'rollback.finished', 'mission.failed']);
    expect(world.mission.status).toBe('failed');
  });

  it('goes on with the others when one cannot be undone, and records it', () => {
    const { world, seen } = played((subject) => (subject === 'd' || subject === 'undo/b' ? { fails: 'input' } : undefined));
    world.settle();
    expect(seen.slice(-3)).toEqual(['undo/c', 'undo/b', 'undo/a']);
    expect(world.events.findLast(({ body }) => body.type === 'rollback.finished')?.body).toEqual({ type: 'rollback.finished', undone: ['c', 'a'], failed: ['b'] });
  });

  it('tries an attempt to undo again by the rules for attempts', () => {
    const { world } = played((subject, attempt) => (subject === 'd' ? { fails: 'input' } : subject === 'undo/c' && attempt < 3 ? { fails: 'network' } : undefined));
    world.settle();
    expect(world.mission.tasks.get('undo/c')).toMatchObject({ status: 'done', attempt: 3 });
  });

  it('leaves alone what people did by hand', () => {
    const { world, seen } = played((subject) => (subject === 'd' ? { fails: 'input' } : undefined));
    world.deliver('tick', { kind: 'issue.edited', source: world.mission.source, title: '', body: '', actor: { kind: 'person', login: 'author' } }, { intents: [{ kind: 'ticked', task: 'b' }] });
    world.settle();
    expect(seen).toEqual(['a', 'c', 'd', 'undo/c', 'undo/a']);
  });

  it('merges what undoing changed', () => {
    const world = new PureWorld(chain, (subject, attempt, mission) => (subject === 'd' ? { outcome: 'failed', failure: 'input', reason: 'no', evidence: null } : diligent(subject, attempt, mission))).start();
    const before = () => world.events.filter(({ body }) => body.type === 'trunk.moved').length;
    world.settle();
    expect(before()).toBe(6);
  });

  it('is not undone by /retry: the mission has to begin anew', () => {
    const { world } = played((subject) => (subject === 'd' ? { fails: 'input' } : undefined));
    world.settle();
    world.say('author', 'retry', 'd');
    expect([world.lastAnswer(), world.mission.status]).toEqual([{ accepted: false, code: 'rolled-back' }, 'failed']);
  });

  it.each([{ kind: 'ticked', task: 'd' } as const, { kind: 'removed', task: 'd' } as const, { kind: 'added', title: 'More', phaseTitle: 'two', checked: false } as const])('is not gone round in the checklist: $kind', (intent) => {
    const { world, seen } = played((subject) => (subject === 'd' ? { fails: 'input' } : undefined));
    world.settle();
    const before = seen.length;
    world.deliver('edit', { kind: 'issue.edited', source: world.mission.source, title: '', body: '', actor: { kind: 'person', login: 'author' } }, { intents: [intent] });
    world.settle();
    expect([world.lastAnswer(), world.mission.status, seen.length]).toEqual([{ accepted: false, code: 'edits-refused' }, 'failed', before]);
  });

  it('stops when somebody cancels', () => {
    const { world, seen } = played((subject) => (subject === 'd' ? { fails: 'input' } : undefined));
    while (!seen.includes('undo/c')) world.work();
    world.say('author', 'cancel');
    world.settle();
    expect([seen.includes('undo/a'), world.mission.status]).toEqual([false, 'cancelled']);
  });

  it('does not happen where nobody asked for it', () => {
    const world = scriptedWorld(definition([phase('p', [task('a', { compensate: undo }), task('b', { needs: ['a'] })], { gate: null })]), (subject) => (subject === 'b' ? { fails: 'input' } : undefined)).start();
    world.settle();
    expect(world.types()).not.toContain('rollback.started');
  });
});
