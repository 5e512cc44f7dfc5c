import { readAnchor } from '../../src/core/ledger/anchor.ts';
import type { Anchor } from '../../src/core/ledger/anchor.ts';
import { findingsOfPack } from './findings-of-round.ts';
import type { SimulatedGitHub } from './github/simulated-github.ts';
import type { MemoryTables } from './memory-store.ts';
import { Violation } from './violation.ts';

type CheckRun = ReturnType<SimulatedGitHub['checkRuns']>[number];

/** A gate's check, as its marker names it. */
interface ShownGate {
  readonly missionId: string;
  readonly phase: string;
  readonly round: number;
  readonly run: CheckRun;
}

/**
 * What gates show of the ledger, of their rules and of findings, held to what was recorded. Reads the texts as people do: nothing here
 * renders, and a check whose text is the same as before is not read again.
 */
export class ShownRules {
  readonly #gitHub: SimulatedGitHub;
  readonly #tables: MemoryTables;
  readonly #read = new Map<number, string>();
  /** Every place where a ledger was ever anchored, by its text. */
  readonly #anchored = new Map<string, { readonly place: string; readonly missionId: string }>();

  constructor(gitHub: SimulatedGitHub, tables: MemoryTables) {
    this.#gitHub = gitHub;
    this.#tables = tables;
  }

  /** After every write to GitHub. */
  check(): void {
    for (const gate of this.#gates()) {
      const { run } = gate;
      const summary = run.summary ?? '';
      if (this.#read.get(run.id) === summary) continue;
      this.#read.set(run.id, summary);
      this.#anchor(gate.missionId, `${run.name}, round ${gate.round}`, summary);
      this.#rulesShown(gate, summary);
    }
  }

  /** When everything is over: what is shown at lines of files is what was found, all of it in the newest round of a gate. */
  checkEnd(): void {
    const newest = new Map<string, number>();
    for (const { phase, round } of this.#gates()) newest.set(phase, Math.max(round, newest.get(phase) ?? 0));
    for (const gate of this.#gates()) this.#findingsShown(gate, newest.get(gate.phase) === gate.round);
    for (const [text, { place, missionId }] of this.#anchored) this.#isPrefix(missionId, place, text);
  }

  /** Where the ledger of a mission was ever anchored, its tag included; only signed heads say how long it was. */
  anchorsOf(missionId: string, issue: number): readonly Anchor[] {
    const tags = [...this.#gitHub.tags()].flatMap(([name, message]) => (name.startsWith(`missiongate/${issue}/`) ? [{ place: name, text: message }] : []));
    const checks = [...this.#anchored].flatMap(([text, anchored]) => (anchored.missionId === missionId ? [{ place: anchored.place, text }] : []));
    return [...tags, ...checks].map(({ place, text }) => {
      const anchor = readAnchor(place, text);
      if (anchor === null) throw new Violation(`${place} does not say where the ledger stands`);
      return anchor;
    });
  }

  #gates(): readonly ShownGate[] {
    return this.#gitHub.checkRuns().flatMap((run) => {
      const [, missionId, phase = '', round] = /^mg:([^:]+):gate\/([^:]+):(\d+)$/.exec(run.externalId) ?? [];
      return missionId === undefined ? [] : [{ missionId, phase, round: Number(round), run }];
    });
  }

  #anchor(missionId: string, place: string, summary: string): void {
    const [, text] = /(ledger `(?:\d+:)?[0-9a-f]{64}`(?: · root `[0-9a-f]{64}`)?)/.exec(summary) ?? [];
    if (text === undefined) throw new Violation(`${place} does not say where the ledger stands`);
    this.#anchored.set(text, { place, missionId });
    this.#isPrefix(missionId, place, text);
  }

  #isPrefix(missionId: string, place: string, text: string): void {
    const [, size, head] = /`(?:(\d+):)?([0-9a-f]{64})`/.exec(text) ?? [];
    const { events } = this.#tables.run(missionId);
    const entry = size === undefined ? events.find(({ hash }) => hash === head) : events[Number(size) - 1];
    if (entry?.hash !== head) throw new Violation(`${place} shows ${text}, which is not how the ledger began`);
  }

  /** What did not pass is shown as anything but passed, whether or not it is waived. */
  #rulesShown({ missionId, phase, round }: ShownGate, summary: string): void {
    const pack = this.#tables.packs(missionId).find((one) => one.phase === phase && one.round === round)?.pack;
    for (const { rule, passed } of pack?.rubric ?? []) {
      const name = rule.replace(/^guard /, '');
      if (!passed && summary.split('\n').some((row) => row.startsWith('| ✅ |') && row.includes(`\`${name}\``))) throw new Violation(`gate ${phase} shows ${rule} as passed, which it did not in round ${round}`);
    }
  }

  #findingsShown({ missionId, phase, round, run }: ShownGate, isNewest: boolean): void {
    const pack = this.#tables.packs(missionId).find((one) => one.phase === phase && one.round === round)?.pack;
    const found = pack === undefined ? [] : [...findingsOfPack(this.#tables, missionId, pack).values()].flat();
    const recorded = new Set(found.flatMap(({ path, line, message }) => (path === null ? [] : [`${path}:${line ?? 1} ${message}`])));
    const shown = run.annotations.map(({ path, startLine, message }) => `${path}:${startLine} ${message}`);
    const unknown = shown.find((one) => !recorded.has(one));
    if (unknown !== undefined) throw new Violation(`gate ${phase} shows a finding in round ${round} that nobody recorded: ${unknown}`);
    if (!isNewest && run.status !== 'completed') throw new Violation(`gate ${phase} goes on showing round ${round} as if it were being examined`);
    if (isNewest && run.status === 'completed' && shown.length !== recorded.size) throw new Violation(`gate ${phase} shows ${shown.length} of the ${recorded.size} findings of round ${round}`);
  }
}
