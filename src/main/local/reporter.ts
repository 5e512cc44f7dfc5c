import type { Problem } from '../../core/mission/definition.ts';
import type { Mission } from '../../core/mission/state.ts';
import type { StoredEvent } from '../../engine/ports/store.ts';
import type { ExitCode } from './exit-codes.ts';
import type { GateSheet } from './gate-sheet.ts';
import type { MissionRecord } from './mission-folder.ts';

/** How a run ended. */
export interface RunEnd {
  readonly number: number;
  readonly status: string;
  readonly exitCode: ExitCode;
  /** Why, and what to type now; sentences. */
  readonly words: readonly string[];
  readonly trunk: string;
  /** Head of the trunk; null while it is at the base. */
  readonly head: string | null;
  readonly base: string;
  /** Folder with ledger and evidence; null when nothing was there to write. */
  readonly export: string | null;
  readonly ledgerHead: string | null;
  readonly elapsedMs: number;
  readonly outputs: { readonly [name: string]: unknown } | null;
}

/** What the program of a failed task printed. */
export interface FailedOutput {
  readonly task: string;
  readonly name: string;
  readonly text: string;
}

/** Tells whoever watches what goes on: a person at a terminal, a log, a program. */
export interface Reporter {
  /** The run begins, or goes on. */
  begun(record: MissionRecord, how: 'begun' | 'resumed', notes: readonly string[]): void;
  happened(event: StoredEvent, record: MissionRecord): void;
  /** How the mission stands now; called often. */
  stands(mission: Mission): void;
  gate(sheet: GateSheet, record: MissionRecord): void;
  note(text: string): void;
  problems(problems: readonly Problem[], file: string): void;
  /** `mission` as it stands at the end; `failures`: what failed tasks left. */
  ended(end: RunEnd, mission: Mission, failures: readonly FailedOutput[]): void;
  /** Between these two the terminal belongs to somebody else. */
  suspend(): void;
  resume(): void;
}
