// A worker process of its own: opens a workspace, starts a program that outlives it, says so, and waits to be killed.
import { createGitWorkspaces } from '../../../src/worker/git-workspaces.ts';
import { systemClock, testRedactor } from './workspace-world.ts';

const [dataDir, cloneUrl, username, password, baseCommit] = process.argv.slice(2) as [string, string, string, string, string];
const quiet = (): void => undefined;
const workspaces = createGitWorkspaces({ dataDir, clock: systemClock, redactor: testRedactor, log: { debug: quiet, info: quiet, warn: quiet } });
const workspace = await workspaces.open({
  repository: { key: 'local-1', cloneUrl },
  credentials: async () => ({ username, password }),
  baseCommit,
  name: 'dying',
  signal: new AbortController().signal,
});
await workspace.writeFile('program.sh', 'echo $$ > pid; exec sleep 600\n');
void workspace.run({ argv: ['sh', 'program.sh'] });
process.stdout.write(`${workspace.root}\n`);
