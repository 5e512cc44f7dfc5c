import { chainEntry, genesisHash, ledgerLine } from '../../src/core/ledger/chain.ts';
import { Frontier, leafHash } from '../../src/core/ledger/merkle.ts';
import { signHead } from '../../src/core/ledger/signed-head.ts';
import type { LedgerHead, SignedHead } from '../../src/core/ledger/signed-head.ts';
import type { Signer } from '../../src/core/ledger/signing.ts';
import { verifyMission } from '../../src/core/ledger/verify.ts';
import type { MissionFiles, VerificationReport } from '../../src/core/ledger/verify.ts';
import type { EventBody, MissionEvent } from '../../src/core/mission/event.ts';
import { sealAfter } from '../../src/engine/seal.ts';
import { canonicalJson } from '../../src/kit/canonical-json.ts';
import type { Json } from '../../src/kit/json.ts';
import { isoTime } from '../../src/kit/time.ts';
import { definition, phase, task } from './definitions.ts';
import { PureWorld } from './pure-world.ts';

/** What is told of a mission with two gates, from its request to its end. */
export function toldByMission(): readonly { readonly at: number; readonly body: EventBody }[] {
  return carriedOut().events;
}

function carriedOut(): PureWorld {
  const world = new PureWorld(definition([phase('build', [task('a'), task('b')]), phase('ship', [task('c')], { needs: ['build'] })])).start();
  world.settle();
  world.say('reviewer', 'approve-gate', 'build');
  world.settle();
  world.say('admin', 'approve-gate', 'ship');
  world.settle();
  return world;
}

/** The events in their places, sealed as the product seals them; without a signer, as they are. */
export function sealed(told: readonly { readonly at: number; readonly body: EventBody }[], signer: Signer | null, missionId = 'r10-i7'): readonly MissionEvent[] {
  const events: MissionEvent[] = [];
  let head = genesisHash;
  const add = (event: MissionEvent) => {
    events.push(event);
    head = chainEntry(event, head).hash;
  };
  for (const { at, body } of told) {
    const event = { missionId, seq: events.length + 1, at, body };
    const seal = sealAfter(signer, head, [event], at);
    add(event);
    if (seal !== null) add(seal);
  }
  return events;
}

export function linesOf(events: readonly MissionEvent[]): readonly string[] {
  let head = genesisHash;
  return events.map((event, index) => {
    const entry = chainEntry({ ...event, seq: index + 1 }, head);
    head = entry.hash;
    return ledgerLine(entry);
  });
}

/** Where a ledger of these lines stands. */
export function headOf(lines: readonly string[], mission = 'r10-i7'): LedgerHead {
  const tree = new Frontier();
  for (const line of lines) tree.append(leafHash(line));
  const last = JSON.parse(lines.at(-1) ?? '{}') as { hash?: string; at?: string };
  return { mission, size: lines.length, root: tree.root(), head: last.hash ?? genesisHash, at: last.at ?? isoTime(0) };
}

/** A signed head as an export writes it. */
export function headLine(head: SignedHead): string {
  return `${canonicalJson(head as unknown as Json)}\n`;
}

/** The files of a mission that was carried out, sealed, and exported with its signed head. */
export function exportedMission(signer: Signer) {
  const world = carriedOut();
  const events = sealed(world.events, signer);
  const packs = world.packs.map(({ phase: id, round, pack }) => ({ file: `evidence/${id}-${round}.json`, text: canonicalJson(pack as unknown as Json) }));
  const ledger = linesOf(events);
  const files = { ledger, packs, artifacts: [], expectedHead: null, heads: headLine(signHead(headOf(ledger), signer)), keys: [{ ...signer.publicKey, state: 'active' as const }], keysAreGiven: true } satisfies MissionFiles;
  return { events, files };
}

export function verdictOn(files: MissionFiles): VerificationReport['verdict']['kind'] {
  return verifyMission(files).verdict.kind;
}
