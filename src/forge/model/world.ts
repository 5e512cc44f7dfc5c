import type { Clock } from '../../kit/time.ts';
import { IdSequence } from './ids.ts';
import type { Account, App, Installation, InstallationToken, Issue, Pull, Repository, Team } from './records.ts';

/** An event to tell Apps about. The dispatcher decides who hears it and adds installation, repository and sender. */
export interface Emission {
  readonly event: string;
  readonly action: string | null;
  readonly repository: Repository | null;
  readonly sender: Account;
  readonly payload: Readonly<Record<string, unknown>>;
  /** Only this App hears it (check suites and buttons of its own checks, its installations). */
  readonly onlyAppId?: number;
  /** Sent whether subscribed or not (installation events). */
  readonly unconditional?: boolean;
  readonly installation?: Installation;
  /** Any one of these permissions at read level lets an App hear it; absent means the event's usual one. */
  readonly permissions?: readonly string[];
}

export interface ForgeLog {
  (line: string): void;
}

export interface ForgeSettings {
  /** GitHub computes mergeability in the background: the first look at a new head/base pair answers null. */
  mergeableNullFirst: boolean;
}

/** Everything the forge knows, in memory; git data alone lives on disk. */
export class World {
  readonly ids = new IdSequence();
  /** Called when a check of a commit was completed or a branch moved: the merge queue goes on. */
  queueMoved: (repository: Repository) => Promise<void> = async () => undefined;
  /** By login, lower case. */
  readonly accounts = new Map<string, Account>();
  readonly teams: Team[] = [];
  readonly apps = new Map<number, App>();
  readonly installations = new Map<number, Installation>();
  readonly installationTokens = new Map<string, InstallationToken>();
  /** By full name, lower case. */
  readonly repositories = new Map<string, Repository>();
  readonly settings: ForgeSettings = { mergeableNullFirst: true };
  readonly clock: Clock;
  readonly dataDir: string;
  readonly log: ForgeLog;
  /** Base of page URLs, without a slash at the end; set once the port is known. */
  webUrl = '';
  /** Where emissions go; the webhook dispatcher puts itself here. */
  emit: (emission: Emission) => void = () => undefined;

  constructor(options: { clock: Clock; dataDir: string; log: ForgeLog }) {
    this.clock = options.clock;
    this.dataDir = options.dataDir;
    this.log = options.log;
  }

  /** Base of REST URLs, without a slash at the end. */
  get apiUrl(): string {
    return `${this.webUrl}/api/v3`;
  }

  account(login: string): Account | undefined {
    return this.accounts.get(login.toLowerCase());
  }

  repository(owner: string, name: string): Repository | undefined {
    return this.repositories.get(`${owner}/${name}`.toLowerCase());
  }

  repositoryById(id: number): Repository | undefined {
    for (const repository of this.repositories.values()) if (repository.id === id) return repository;
    return undefined;
  }

  repositoriesOf(installation: Installation): Repository[] {
    return [...this.repositories.values()].filter((repository) => covers(installation, repository));
  }

  /** The installation of an App that covers a repository, if any. */
  installationFor(app: App, repository: Repository): Installation | undefined {
    for (const installation of this.installations.values()) {
      if (installation.app.id === app.id && covers(installation, repository)) return installation;
    }
    return undefined;
  }

  /** Pull requests, in whatever repository, whose head is this branch. */
  pullsFrom(repository: Repository, headRef: string): { repository: Repository; issue: Issue; pull: Pull }[] {
    return this.#pulls().filter(({ pull }) => pull.headRepositoryId === repository.id && pull.headRef === headRef);
  }

  /** Pull requests into this branch. */
  pullsInto(repository: Repository, baseRef: string): { repository: Repository; issue: Issue; pull: Pull }[] {
    return this.#pulls().filter((found) => found.repository.id === repository.id && found.pull.baseRef === baseRef);
  }

  #pulls(): { repository: Repository; issue: Issue; pull: Pull }[] {
    const found = [];
    for (const repository of this.repositories.values()) {
      for (const issue of repository.issues.values()) {
        if (issue.pull !== null) found.push({ repository, issue, pull: issue.pull });
      }
    }
    return found;
  }
}

/** True when an installation covers a repository. */
export function covers(installation: Installation, repository: Repository): boolean {
  if (installation.account.id !== repository.owner.id || installation.suspendedAt !== null) return false;
  return installation.repositoryIds === null || installation.repositoryIds.has(repository.id);
}
