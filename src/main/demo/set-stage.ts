import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';

import { readSettings } from '../../config/settings.ts';
import type { AppSettings, Settings } from '../../config/settings.ts';
import type { CreatedApp, Forge, RepositoryInspection } from '../../forge/forge.ts';
import { appEvents, appPermissions } from '../../github/app-manifest.ts';
import { cast } from './cast.ts';
import { demoRepository } from './demo-repository.ts';
import { DemoUsageError } from './mission-text.ts';

export interface SetStage {
  readonly repository: RepositoryInspection;
  readonly app: CreatedApp;
  readonly settings: Settings & { readonly app: AppSettings };
}

/** Gives the forge its people, the repository and the App, and makes the settings a real installation would have. */
export async function setStage(forge: Forge, dataDir: string, repo: string | undefined): Promise<SetStage> {
  for (const login of [cast.author, cast.reviewer, cast.stranger]) forge.createUser({ login });
  forge.createOrganization({ login: cast.owner, members: { [cast.author]: 'member' } });
  const local = repo === undefined ? null : localRepository(repo);
  const repository = await forge.createRepository(
    local === null || repo === undefined
      ? { owner: cast.owner, name: 'slugs', defaultBranch: 'main', files: demoRepository }
      : { owner: cast.owner, name: nameOf(repo), defaultBranch: local.branch, from: local },
  );
  forge.setRole(repository.fullName, cast.author, 'write');
  forge.setRole(repository.fullName, cast.reviewer, 'maintain');
  forge.setRole(repository.fullName, cast.stranger, 'read');
  const webhookSecret = randomBytes(32).toString('hex');
  const app = await forge.createApp({ slug: 'missiongate', name: 'Missiongate', owner: cast.owner, webhookSecret, events: [...appEvents], permissions: appPermissions });
  const port = await freePort();
  const result = readSettings(
    {
      APP_ID: String(app.appId),
      PRIVATE_KEY: app.privateKey,
      WEBHOOK_SECRET: webhookSecret,
      GITHUB_API_URL: forge.apiUrl,
      GITHUB_URL: forge.url,
      MISSIONGATE_DATA_DIR: dataDir,
      PORT: String(port),
      MISSIONGATE_PUBLIC_URL: `http://127.0.0.1:${port}`,
      // The forge sets no pace of its own; on github.com a second lies between two writes.
      MISSIONGATE_GITHUB_WRITE_SPACING_MS: '0',
      LOG_LEVEL: 'warn',
      LOG_FORMAT: 'pretty',
    },
    () => '',
  );
  if (!result.ok || result.settings.app === null) throw new Error('the demo made settings that are not usable');
  return { repository, app, settings: { ...result.settings, app: result.settings.app } };
}

/** A port for the product: links to its pages are made before it listens. */
async function freePort(): Promise<number> {
  const probe = createServer();
  probe.listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}

/** A local repository and the branch that is checked out there. It is only read. */
function localRepository(path: string): { readonly path: string; readonly branch: string } {
  const folder = resolve(path);
  const git = (...args: string[]) => execFileSync('git', ['-C', folder, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], env: { PATH: process.env.PATH, HOME: process.env.HOME, GIT_OPTIONAL_LOCKS: '0' } }).trim();
  try {
    const branch = git('symbolic-ref', '--short', 'HEAD');
    git('rev-parse', '--verify', `${branch}^{commit}`);
    return { path: git('rev-parse', '--absolute-git-dir'), branch };
  } catch {
    throw new DemoUsageError(`--repo: ${folder} is no git repository with a branch checked out and at least one commit`);
  }
}

function nameOf(path: string): string {
  const name = resolve(path).split(/[\\/]/).at(-1)?.replaceAll(/[^A-Za-z0-9._-]/g, '-') ?? '';
  return name === '' || name.startsWith('.') ? 'repository' : name;
}
