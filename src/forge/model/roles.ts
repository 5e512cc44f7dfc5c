import { ROLES } from './records.ts';
import type { Account, Permissions, PermissionLevel, Repository, Role } from './records.ts';

const LEVELS: readonly PermissionLevel[] = ['read', 'write', 'admin'];

/** True when `role` is at least `needed`. */
export function roleAtLeast(role: Role, needed: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(needed);
}

/** True when a granted set of permissions holds `name` at `level` or above. */
export function permits(permissions: Permissions, name: string, level: PermissionLevel): boolean {
  // Every App may read metadata; GitHub grants it without being asked.
  const granted = permissions[name] ?? (name === 'metadata' ? 'read' : undefined);
  return granted !== undefined && LEVELS.indexOf(granted) >= LEVELS.indexOf(level);
}

/** The role of an account in a repository, with what ownership and publicity give it. */
export function roleOf(repository: Repository, account: Account | null): Role {
  const floor: Role = repository.private ? 'none' : 'read';
  if (account === null || account.type !== 'User') return floor;
  const login = account.login.toLowerCase();
  if (repository.owner.id === account.id || repository.owner.members.get(login) === 'admin') return 'admin';
  const granted = repository.roles.get(login) ?? (repository.owner.members.has(login) ? 'read' : 'none');
  return roleAtLeast(granted, floor) ? granted : floor;
}

/** GitHub's older word for a role: what `permission` says in the collaborator permission answer. */
export function legacyPermission(role: Role): 'admin' | 'write' | 'read' | 'none' {
  if (role === 'maintain') return 'write';
  if (role === 'triage') return 'read';
  return role;
}

/** GitHub's word for how an account relates to a repository. */
export function authorAssociation(repository: Repository, account: Account): 'OWNER' | 'MEMBER' | 'COLLABORATOR' | 'CONTRIBUTOR' | 'NONE' {
  const login = account.login.toLowerCase();
  if (repository.owner.id === account.id) return 'OWNER';
  if (repository.owner.members.has(login)) return 'MEMBER';
  if (roleAtLeast(repository.roles.get(login) ?? 'none', 'read')) return 'COLLABORATOR';
  for (const issue of repository.issues.values()) {
    if (issue.user.id === account.id && issue.pull !== null && issue.pull.mergedAt !== null && account.type === 'User') return 'CONTRIBUTOR';
  }
  return 'NONE';
}
