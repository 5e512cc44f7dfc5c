import { describe, expect, it } from 'vitest';

import { definition, phase, task } from '../../support/definitions.ts';
import { answered, answerLost, badGateway, secondaryLimit, serverError, tooManyRequests, unreachable } from './fetch-for-octokit.ts';
import type { Outcome, RequestHook } from './fetch-for-octokit.ts';
import { Play } from './play.ts';
import { simulatedStage } from './stage.ts';
import type { SimulatedStage } from './stage.ts';

const small = definition([phase('build', [task('api')])], { merge: 'squash' });

/** Deals with the n-th write (1-based) in its own way, and with everything else normally. */
function nthWrite(at: number, outcome: Outcome): { readonly hook: RequestHook; readonly writes: string[] } {
  const writes: string[] = [];
  return {
    writes,
    hook: async ({ method, path }) => {
      if (method === 'GET' || path.endsWith('/access_tokens')) return answered;
      writes.push(`${method} ${path}`);
      return writes.length === at ? outcome : answered;
    },
  };
}

async function wholeMission(stage: SimulatedStage): Promise<Play> {
  const play = await Play.open(stage, small);
  await play.by('author', (actor) => actor.label(play.mission.number, 'mission:queue'));
  await play.by('reviewer', (actor) => actor.comment(play.mission.number, '/approve-gate build'));
  return play;
}

const outcomes: readonly (readonly [string, Outcome])[] = [
  ['its answer is lost', answerLost],
  ['it never arrives', unreachable],
  ['it is done and 502 is answered', { kind: 'answered-otherwise', answer: badGateway }],
  ['GitHub is down', { kind: 'refused', answer: serverError(503) }],
  ['it was too much', { kind: 'refused', answer: secondaryLimit(30) }],
  ['it was too much, nobody knows for how long', { kind: 'refused', answer: secondaryLimit(null) }],
  ['it was too much (429)', { kind: 'refused', answer: tooManyRequests(5) }],
];

describe('calls to the simulated GitHub', () => {
  it.each(outcomes)('have taken effect or not, and fail as they do over a network, when %s', async (_, outcome) => {
    const stage = simulatedStage(nthWrite(1, outcome).hook);
    const issue = stage.gitHub.asPerson('author').openIssue('Faults');
    const client = stage.world.credentials.installation(stage.gitHub.app.installationId);
    const call = client.write({ write: 'comment', what: 'commenting', priority: 'status', content: true }, (octokit) => octokit.rest.issues.createComment({ owner: 'author', repo: 'project', issue_number: issue, body: 'x' }));
    const isLimit = outcome.kind === 'refused' && outcome.answer.status < 500;
    await expect(call).rejects.toMatchObject({ failure: isLimit ? 'rate-limit' : 'network' });
    expect(stage.gitHub.comments(issue)).toHaveLength(outcome.kind === 'answer-lost' || outcome.kind === 'answered-otherwise' ? 1 : 0);
  });

  it.each(outcomes)('leave the same behind, and nothing twice, when for each write in turn %s', async (_, outcome) => {
    const calm = simulatedStage();
    const { writes, hook } = nthWrite(0, answered);
    const counted = simulatedStage(hook);
    const [reference] = (await wholeMission(calm), calm.gitHub.snapshot(1));
    await wholeMission(counted);
    expect(counted.gitHub.snapshot()).toEqual([reference]);
    expect(writes.length).toBeGreaterThan(15);
    for (let at = 1; at <= writes.length; at += 1) {
      const disturbed = simulatedStage(nthWrite(at, outcome).hook);
      const play = await wholeMission(disturbed);
      expect(disturbed.gitHub.snapshot(), writes[at - 1]).toEqual([reference]);
      expect(disturbed.gitHub.doubles(), writes[at - 1]).toEqual([]);
      expect(play.failures + (outcome.kind === 'answer-lost' || outcome.kind === 'answered-otherwise' ? 1 : 0), writes[at - 1]).toBeGreaterThan(0);
    }
  });

  it('are noticed to have made things twice when the product forgets what it intended', async () => {
    const stage = simulatedStage(nthWrite(3, answerLost).hook);
    const play = await Play.open(stage, small).catch(() => null);
    expect(play).not.toBeNull();
    expect(stage.gitHub.doubles()).toEqual([]);
    play?.mission.records.clear();
    await play?.by('author', (actor) => actor.label(play.mission.number, 'mission:queue'));
    expect(stage.gitHub.doubles().join('\n')).toMatch(/^comment <!-- mg:o r100001-i1 [0-9a-f]+ --> ×2$/);
  });

  it('take effect when the hook decides, and are answered when it says', async () => {
    let decide = (_outcome: Outcome): void => undefined;
    const decided = new Promise<Outcome>((resolve) => {
      decide = resolve;
    });
    let arrive = (): void => undefined;
    const after = new Promise<void>((resolve) => {
      arrive = resolve;
    });
    const stage = simulatedStage(async ({ path }) => (path.endsWith('/comments') ? decided : answered));
    const issue = stage.gitHub.asPerson('author').openIssue('Slow');
    const { octokit } = stage.world.credentials.installation(stage.gitHub.app.installationId);
    let isAnswered = false;
    const call = octokit.rest.issues.createComment({ owner: 'author', repo: 'project', issue_number: issue, body: 'x' }).then((answer) => {
      isAnswered = true;
      return answer;
    });
    await new Promise(setImmediate);
    expect(stage.gitHub.comments(issue)).toEqual([]);
    decide({ kind: 'answered', after });
    await new Promise(setImmediate);
    expect([stage.gitHub.comments(issue).length, isAnswered]).toEqual([1, false]);
    arrive();
    expect((await call).status).toBe(201);
  });

  it('that nobody foresaw are loud', async () => {
    const stage = simulatedStage();
    const { octokit } = stage.world.credentials.installation(stage.gitHub.app.installationId);
    await expect(octokit.rest.repos.get({ owner: 'author', repo: 'project' })).rejects.toThrow('does not know GET /repos/author/project: add it');
    await expect(octokit.graphql('query { viewer { login } }')).rejects.toThrow('has no such query');
  });
});
