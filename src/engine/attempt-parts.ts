import type { AttemptResult } from '../core/mission/signal.ts';
import type { Clock } from '../kit/time.ts';
import type { Outside } from '../steps/outside.ts';
import type { StepRegistry } from '../steps/registry.ts';
import type { AgentRunner } from '../steps/step-type.ts';
import type { FreeSlots } from './free-slots.ts';
import type { Log } from './ports/log.ts';
import type { RepositoryHost } from './ports/repository-host.ts';
import type { ArtifactContent, Store } from './ports/store.ts';
import type { CommitIdentity, Workspaces } from './ports/workspaces.ts';

export interface RunAttemptParts {
  readonly store: Store;
  readonly host: RepositoryHost;
  readonly workspaces: Workspaces;
  readonly steps: StepRegistry;
  readonly agent: AgentRunner | null;
  /** What steps reach beyond their workspace; steps that need it refuse where it is absent. */
  readonly outside?: Outside;
  readonly clock: Clock;
  readonly log: Log;
  /** Name of this worker in the ledger: host and process. */
  readonly worker: string;
  readonly identity: CommitIdentity;
  readonly redact: (text: string) => string;
  readonly advance: (missionId: string) => Promise<void>;
  readonly slots: FreeSlots;
  /** False shortly after the store was out of reach: whoever holds a lease that ran out meanwhile gets the time to be heard. */
  readonly mayExpireLeases: () => boolean;
  /** How long a lease lasts without a heartbeat; heartbeats come three times as often. */
  readonly leaseMs: number;
}

/** What running a subject gives: the result for the ledger and the texts it refers to. */
export interface SubjectResult {
  readonly result: AttemptResult;
  readonly contents: readonly ArtifactContent[];
}
