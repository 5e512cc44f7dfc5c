import { describe, expect, it } from 'vitest';

import { simulatedStage } from './stage.ts';
import type { SimulatedStage } from './stage.ts';

const at = { owner: 'author', repo: 'project' };

function begin() {
  const stage = simulatedStage();
  const { gitHub } = stage;
  const issue = gitHub.asPerson('author').openIssue('A mission');
  const main = gitHub.head('main') ?? '';
  return { gitHub, issue, main, octokit: clientOf(stage) };
}

function clientOf({ world, gitHub }: SimulatedStage) {
  return world.credentials.installation(gitHub.app.installationId).octokit;
}

describe('what exists twice', () => {
  it('is a comment with one marker, but not what a person quotes of it', async () => {
    const { gitHub, issue, octokit } = begin();
    const body = 'Done.\n\n<!-- mg:o r100001-i1 0123 -->';
    await octokit.rest.issues.createComment({ ...at, issue_number: issue, body });
    gitHub.asPerson('author').comment(issue, body);
    expect(gitHub.doubles()).toEqual([]);
    await octokit.rest.issues.createComment({ ...at, issue_number: issue, body });
    expect(gitHub.doubles()).toEqual(['comment <!-- mg:o r100001-i1 0123 --> ×2']);
  });

  it('is a check of one kind on one commit, but not on another one', async () => {
    const { gitHub, main, octokit } = begin();
    const other = gitHub.pushFromWorker('mission/1/api', main, { 'api.txt': 'x' });
    const check = (head_sha: string) => octokit.rest.checks.create({ ...at, name: 'gate/build', external_id: 'mg:r100001-i1:gate/build:1', head_sha });
    await check(main);
    await check(other);
    expect(gitHub.doubles()).toEqual([]);
    await check(main);
    expect(gitHub.doubles()).toEqual([`check gate/build ${main} mg:r100001-i1:gate/build:1 ×2`]);
  });

  it('is an annotation of one check that was posted again', async () => {
    const { gitHub, main, octokit } = begin();
    const annotation = { path: 'src/app.ts', start_line: 3, end_line: 3, annotation_level: 'failure' as const, message: 'x is never used', title: 'no-unused-vars' };
    const output = { title: 'T', summary: 'S', annotations: [annotation] };
    const { data } = await octokit.rest.checks.create({ ...at, name: 'gate/build', external_id: 'mg:r100001-i1:gate/build:1', head_sha: main, output });
    expect(gitHub.doubles()).toEqual([]);
    await octokit.rest.checks.update({ ...at, check_run_id: data.id, output });
    expect((await octokit.rest.checks.listAnnotations({ ...at, check_run_id: data.id })).data).toHaveLength(2);
    expect(gitHub.doubles()).toEqual(['annotation of mg:r100001-i1:gate/build:1 at src/app.ts:3 no-unused-vars: x is never used ×2']);
  });

  it('is a second pull request of the App', async () => {
    const { gitHub, main, octokit } = begin();
    const trunk = 'mission/1/trunk';
    gitHub.push(trunk, main);
    const merge = (commit: string) => octokit.rest.repos.merge({ ...at, base: trunk, head: commit, commit_message: 'Merge mission/1/api: Do api' });
    const first = gitHub.pushFromWorker('mission/1/api', main, { 'api.txt': 'first' });
    await merge(first);
    await merge(first);
    const open = async () => (await octokit.rest.pulls.create({ ...at, title: 'T', head: trunk, base: 'main' })).data.number;
    gitHub.asPerson('author').closePull(await open());
    expect(gitHub.doubles()).toEqual([]);
    await open();
    expect(gitHub.doubles()).toEqual([`pull ${trunk} ×2`]);
  });
});

describe('a snapshot', () => {
  it('does not tell commits, times and numbers, but everything else', () => {
    const play = (more: string, pause: number) => {
      const { gitHub, world } = simulatedStage();
      const author = gitHub.asPerson('author');
      const issue = author.openIssue('A mission', 'Body');
      world.clock.advance(pause);
      const commit = gitHub.pushFromWorker(`mission/${issue}/api`, gitHub.head('main') ?? '', { 'api.txt': 'x' });
      author.comment(issue, `${commit} after ${pause} ms, at ${new Date(world.clock.now()).toISOString()}, see #${issue}${more}`);
      return gitHub.snapshot();
    };
    expect(play('', 1000)).toEqual(play('', 5000));
    expect(play('', 1000)).not.toEqual(play('!', 1000));
  });
});
