import { expect, it } from 'vitest';

import { Play, scripts } from './play.ts';
import { SimulatedGitHub } from './simulated-github.ts';
import { simulatedStage } from './stage.ts';

type Step = (gitHub: SimulatedGitHub) => unknown;

/** Processor time, not the clock's: whoever else is at work on this machine does not count. */
function microsOf(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

it('tells how fast it is', async () => {
  const [script] = scripts;
  if (script === undefined) throw new Error('there is no script');
  // What one mission asks, to be asked again and again.
  const stage = simulatedStage();
  const steps: Step[] = [];
  let requests = 0;
  let now = 0;
  for (const name of ['handle', 'commit', 'push', 'asPerson'] as const) {
    const real = stage.gitHub[name].bind(stage.gitHub) as (...given: readonly unknown[]) => unknown;
    const record = (...given: readonly unknown[]): unknown => {
      const at = stage.world.clock.now();
      if (name === 'handle') requests += 1;
      const step = (of: string, args: readonly unknown[]): void => {
        steps.push((gitHub) => {
          now = at;
          const target = of === name ? gitHub : gitHub.asPerson(String(given[0]));
          return (target as unknown as Record<string, (...all: readonly unknown[]) => unknown>)[of]?.(...args);
        });
      };
      const answer = real(...given);
      if (name !== 'asPerson') {
        step(name, given);
        return answer;
      }
      return new Proxy(answer as object, {
        get: (person, action) => (...args: readonly unknown[]) => {
          step(String(action), args);
          return (Reflect.get(person, action) as (...all: readonly unknown[]) => unknown).apply(person, [...args]);
        },
      });
    };
    Object.assign(stage.gitHub, { [name]: record });
  }
  now = stage.world.clock.now();
  const begun = now;
  await script.play(await Play.open(stage, script.definition));
  const replay = (): SimulatedGitHub => {
    now = begun;
    const gitHub = new SimulatedGitHub({ now: () => now, files: { 'README.md': '# Project\n', 'docs/plan.md': 'plan\n' }, slug: 'gatekeeper' });
    for (const step of steps) step(gitHub);
    return gitHub;
  };
  expect(replay().snapshot()).toEqual(stage.gitHub.snapshot());
  const rounds = 100;
  for (let round = 0; round < rounds; round += 1) replay();
  const micros = microsOf(() => {
    for (let round = 0; round < rounds; round += 1) replay();
  });
  process.stdout.write(`simulated GitHub: ${requests} requests in a mission, ${(micros / rounds / requests).toFixed(1)} µs for each with all that belongs to it\n`);
  expect(requests).toBeGreaterThan(50);
});

it('tells what a look costs that finds nothing new', async () => {
  const stage = simulatedStage();
  const [script] = scripts;
  if (script === undefined) throw new Error('there is no script');
  const play = await Play.open(stage, script.definition);
  await script.play(play);
  const { gitHub, world } = stage;
  const { credentials } = world;
  const authorizations: (string | undefined)[] = [];
  gitHub.observe = ({ headers }) => void authorizations.push(headers['authorization']);
  await credentials.app.request('GET /app/installations');
  const client = credentials.installation(gitHub.app.installationId).octokit;
  await client.request('GET /installation/repositories');
  gitHub.observe = null;
  const [jwt, token] = [authorizations[0], authorizations.at(-1)];
  const at = '/repos/author/project';
  const since = 'since=2020-01-01T00%3A00%3A00Z&per_page=100&page=1';
  const paths = ['/app/installations?per_page=100&page=1', '/installation/repositories?per_page=100&page=1', `${at}/issues?labels=mission&state=open&sort=updated&direction=desc&per_page=100&page=1`, `${at}/issues/1?`, `${at}/issues/1/comments?${since}`, `${at}/issues/1/events?per_page=100&page=1`, `${at}/activity?ref=refs%2Fheads%2Fmission%2F1%2Ftrunk&per_page=100`, `${at}/pulls/${play.pull}?`, `${at}/pulls/${play.pull}/reviews?per_page=100&page=1`];
  for (const address of paths) {
    const [path = '', query = ''] = address.split('?');
    const by = path.startsWith('/app/') ? jwt : token;
    const { etag = '' } = gitHub.handle('GET', path, query, undefined, by).headers;
    const headers = { 'if-none-match': etag };
    const ask = (): number => gitHub.handle('GET', path, query, undefined, by, headers).status;
    const rounds = 5000;
    for (let round = 0; round < rounds; round += 1) ask();
    const micros = microsOf(() => {
      for (let round = 0; round < rounds; round += 1) ask();
    });
    process.stdout.write(`simulated GitHub: ${(micros / rounds).toFixed(1)} µs for 304 to ${path}\n`);
    expect(ask()).toBe(304);
  }
  const path = `${at}/issues/1`;
  const { etag = '' } = gitHub.handle('GET', path, '', undefined, token).headers;
  const rounds = 3000;
  const before = process.cpuUsage();
  for (let round = 0; round < rounds; round += 1) await client.request('GET /repos/{owner}/{repo}/issues/{issue_number}', { owner: 'author', repo: 'project', issue_number: 1, headers: { 'if-none-match': etag } }).catch(() => undefined);
  const { user, system } = process.cpuUsage(before);
  process.stdout.write(`with Octokit: ${((user + system) / rounds).toFixed(1)} µs\n`);
});
