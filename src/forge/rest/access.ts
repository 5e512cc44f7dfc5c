import { covers } from '../model/world.ts';
import { permits, roleAtLeast, roleOf } from '../model/roles.ts';
import type { Repository } from '../model/records.ts';
import { accountOf } from './actor.ts';
import type { Actor } from './actor.ts';
import { notAccessible, notFound, Problem, requiresAuthentication } from './problem.ts';
import { lacksRole } from './request-context.ts';
import type { Access } from './router.ts';

/** True when the caller may know that the repository exists. */
export function repositoryIsVisible(actor: Actor, repository: Repository): boolean {
  if (!repository.private) return true;
  if (actor.kind === 'installation') return installationCovers(actor, repository);
  // An App as itself sees what its installations cover; endpoints for Apps check that on their own.
  if (actor.kind === 'app') return true;
  return roleAtLeast(roleOf(repository, accountOf(actor)), 'read');
}

function installationCovers(actor: Extract<Actor, { kind: 'installation' }>, repository: Repository): boolean {
  return covers(actor.installation, repository) && (actor.repositoryIds === null || actor.repositoryIds.has(repository.id));
}

/** Throws what GitHub answers to a caller that may not use an endpoint. */
export function demandAccess(actor: Actor, access: Access, repository: Repository | null): void {
  if (access.by === 'app') {
    if (actor.kind === 'app') return;
    throw actor.kind === 'anonymous' ? requiresAuthentication() : new Problem(401, 'A JSON web token could not be decoded');
  }
  if (actor.kind === 'app') {
    // Public endpoints without a repository (`/meta`, `/apps/{slug}`, `/rate_limit`) answer Apps too.
    if (access.by === 'anyone' && repository === null) return;
    throw notAccessible();
  }
  if (repository !== null && !repositoryIsVisible(actor, repository)) throw notFound();
  if (actor.kind === 'anonymous') {
    if (access.by !== 'anyone') throw requiresAuthentication();
    return;
  }
  if (actor.kind === 'installation') {
    if (access.by === 'user') throw notAccessible();
    demandPermission(actor, access, repository);
    return;
  }
  if (access.by === 'installation') throw new Problem(403, 'You must authenticate via a GitHub App.');
  const needed = access.role ?? 'read';
  if (repository !== null && !roleAtLeast(roleOf(repository, actor.account), needed)) throw lacksRole(needed);
}

/**
 * An installation needs the permission also where the repository is public and GitHub would let anybody read:
 * what works here must work in a private repository too.
 */
function demandPermission(actor: Extract<Actor, { kind: 'installation' }>, access: Access, repository: Repository | null): void {
  if (repository !== null && !installationCovers(actor, repository)) throw notAccessible();
  const wanted = access.permission ?? [];
  if (wanted.length > 0 && !wanted.some(([name, level]) => permits(actor.permissions, name, level))) throw notAccessible();
}
