import { describeWorkspaces } from '../contracts/workspaces-contract.ts';
import { createWorkspaceWorld } from './support/workspace-world.ts';

describeWorkspaces('git workspaces', async () => {
  const world = await createWorkspaceWorld();
  return { workspaces: world.workspaces, author: world.author, request: world.request, open: world.open, remoteHead: world.server.head, close: world.close };
});
