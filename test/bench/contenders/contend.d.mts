import type { Workload } from '../workloads.ts';

export interface Brief {
  readonly workloads: readonly Workload[];
  readonly warmUp: Workload;
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly profile: 'embedded' | 'postgres' | 'redis';
}

export interface Contender {
  /** Runs a workload to its end; may say how long the running itself took, when missions are prepared first. */
  run(workload: Workload): Promise<{ readonly seconds: number; readonly groups?: number } | void>;
  close(): Promise<void>;
}

export function contend(open: (brief: Brief) => Promise<Contender>): Promise<void>;

export function onQueue(add: (mission: number, ids: readonly string[]) => Promise<void>): {
  run(workload: Workload): Promise<void>;
  handled(task: { readonly mission: number; readonly id: string }): Promise<void>;
};
