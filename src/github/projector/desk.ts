import type { MissionSource } from '../../core/mission/source.ts';
import { sha256 } from '../../kit/hash.ts';
import type { Clock } from '../../kit/time.ts';
import type { EvidenceLinks } from '../../engine/evidence-links.ts';
import type { ObjectRecord, Projection } from '../../engine/ports/projector.ts';
import { HostError } from '../../engine/ports/repository-host.ts';
import { createBranch } from '../branches.ts';
import { NotOurs } from '../client.ts';
import type { InstallationClient, WriteOptions } from '../client.ts';
import { createInk } from '../messages/ink.ts';
import type { Ink, Redact } from '../messages/ink.ts';
import type { OurBot } from '../webhooks/mapping.ts';
import type { Octokit } from '@octokit/rest';

export interface DeskParts {
  readonly client: InstallationClient;
  readonly projection: Projection;
  readonly records: readonly ObjectRecord[];
  readonly clock: Clock;
  readonly redact: Redact;
  readonly ourBot: OurBot;
  readonly evidenceLinks: EvidenceLinks | null;
  readonly settleMs: number;
}

/** A write at the desk; that the turn is still ours is asked for each. */
export interface DeskWrite extends Omit<WriteOptions, 'confirm'> {
  /** A last look before the call is sent: true, and it is not, as if the turn were lost. */
  readonly unless?: () => Promise<boolean>;
}

/** How to make one object that must not be made twice. */
export interface Creation {
  readonly key: string;
  /** Digest of what is written. */
  readonly rendered: string;
  readonly memory?: string | null;
  readonly write: DeskWrite;
  /** Looks for the object by its marker with list calls; called when an earlier creation may have reached GitHub. */
  readonly find: (since: number) => Promise<number | null>;
  /** Makes it and returns its id or number. */
  readonly make: (octokit: Octokit) => Promise<number>;
}

/** GitHub's clock and ours may differ by a minute (tokens would be refused otherwise); this is on the safe side. */
const clockDifferenceMs = 15 * 60_000;

/**
 * The desk at which one sync writes: what is known of the mission's objects, the way to make and change them, and the
 * count of writes. Every write asks first whether the turn is still ours.
 */
export class Desk {
  readonly client: InstallationClient;
  readonly projection: Projection;
  readonly source: MissionSource;
  readonly ink: Ink;
  readonly redact: Redact;
  readonly ourBot: OurBot;
  readonly evidenceLinks: EvidenceLinks | null;
  readonly at: { readonly owner: string; readonly repo: string };
  readonly #parts: DeskParts;
  readonly #records: Map<string, ObjectRecord>;
  #writes = 0;

  constructor(parts: DeskParts) {
    const { source } = parts.projection.state;
    this.#parts = parts;
    this.client = parts.client;
    this.projection = parts.projection;
    this.source = source;
    this.redact = parts.redact;
    this.ink = createInk(parts.redact);
    this.ourBot = parts.ourBot;
    this.evidenceLinks = parts.evidenceLinks;
    this.at = { owner: source.repository.owner, repo: source.repository.name };
    this.#records = new Map(parts.records.map((record) => [record.key, record]));
  }

  get writes(): number {
    return this.#writes;
  }

  get missionId(): string {
    return this.projection.missionId;
  }

  record(key: string): ObjectRecord | null {
    return this.#records.get(key) ?? null;
  }

  /** The object as known to exist; null while it is only intended or unknown. */
  present(key: string): ObjectRecord | null {
    const record = this.record(key);
    return record?.state === 'present' ? record : null;
  }

  /** Every object that exists or is intended. */
  get records(): readonly ObjectRecord[] {
    return [...this.#records.values()];
  }

  /** Remembers an object. Rejects with `NotOurs` when another process took over meanwhile: it may have written something newer since. */
  async remember(record: Omit<ObjectRecord, 'intendedAt'> & { readonly intendedAt?: number }): Promise<ObjectRecord> {
    const full: ObjectRecord = { ...record, intendedAt: record.intendedAt ?? this.record(record.key)?.intendedAt ?? this.#parts.clock.now() };
    if (!(await this.projection.records.put(this.missionId, full))) throw new NotOurs();
    this.#records.set(full.key, full);
    return full;
  }

  now(): number {
    return this.#parts.clock.now();
  }

  read<T>(what: string, call: (octokit: Octokit) => Promise<T>): Promise<T> {
    return this.client.read(what, call);
  }

  write<T>({ unless, ...options }: DeskWrite, call: (octokit: Octokit) => Promise<T>): Promise<T> {
    const confirm = async (): Promise<boolean> => (await this.projection.stillOurs()) && !(await unless?.());
    return this.client.write({ ...options, confirm }, (octokit) => {
      this.#writes += 1;
      return call(octokit);
    });
  }

  /** Creates a branch unless it is there already. */
  makeBranch(branch: string, commit: string): Promise<boolean> {
    return createBranch(this.client, this.source, branch, commit, async () => {
      const ours = await this.projection.stillOurs();
      if (ours) this.#writes += 1;
      return ours;
    });
  }

  /**
   * Makes an object exactly once. The intent is recorded before the call; where an intent stands already, the call may
   * have reached GitHub, and its marker is looked for before the call is made again.
   */
  async create(creation: Creation): Promise<ObjectRecord> {
    const { key, rendered, memory = null } = creation;
    const earlier = this.record(key);
    if (earlier?.state === 'present') return earlier;
    const made = earlier === null ? null : await this.outcomeOf(earlier, creation.find);
    if (made !== null) return made;
    await this.remember({ key, state: 'intended', remoteId: null, rendered, memory, intendedAt: this.#parts.clock.now() });
    const remoteId = await this.write(creation.write, creation.make);
    return this.remember({ key, state: 'present', remoteId, rendered, memory });
  }

  /** What became of an intent: the object, when it was made after all; null when it was not. */
  async outcomeOf(intent: ObjectRecord, find: Creation['find']): Promise<ObjectRecord | null> {
    if (intent.state === 'present') return intent;
    await this.settle(intent.intendedAt);
    const found = await find(intent.intendedAt - clockDifferenceMs);
    return found === null ? null : this.remember({ ...intent, state: 'present', remoteId: found });
  }

  /**
   * Changes an object whose content differs from what was last written; one that somebody deleted stays deleted. `memory` is what is
   * remembered of it from then on; until the change is known to be done, what the record holds is.
   */
  async update(record: ObjectRecord, rendered: string, options: DeskWrite, call: (octokit: Octokit, remoteId: number) => Promise<unknown>, memory = record.memory): Promise<ObjectRecord> {
    const { remoteId } = record;
    if (record.rendered === rendered || remoteId === null) return memory === record.memory ? record : this.remember({ ...record, memory });
    // While the outcome is unknown nobody knows what stands there: what stood there before may be wanted again meanwhile.
    await this.remember({ ...record, rendered: null });
    try {
      await this.write(options, (octokit) => call(octokit, remoteId));
    } catch (error) {
      if (!(error instanceof HostError) || error.failure !== 'gone') throw error;
    }
    return this.remember({ ...record, rendered, memory });
  }

  /** A call that was cut off may still be on its way at GitHub's side; looking for its result too early would find nothing. */
  async settle(intendedAt: number): Promise<void> {
    const { clock, settleMs } = this.#parts;
    const wait = intendedAt + settleMs - clock.now();
    if (wait > 0) await clock.sleep(Math.min(wait, settleMs));
  }
}

/** Hidden in every comment of ours: which object of which mission it is. */
export function objectMarker(missionId: string, key: string): string {
  return `<!-- mg:o ${missionId} ${sha256(key).slice(0, 24)} -->`;
}
