import { isWanted } from '../../core/ledger/audit.ts';
import type { AuditFilter } from '../../core/ledger/audit.ts';
import { ledgerLine, verifyChain } from '../../core/ledger/chain.ts';
import { DecisionRecords } from '../../core/ledger/decision-record.ts';
import { kindOf, ledgerKinds } from '../../core/ledger/kinds.ts';
import type { LedgerKind } from '../../core/ledger/kinds.ts';
import { canonicalJson } from '../../kit/canonical-json.ts';
import type { Json } from '../../kit/json.ts';
import { nearestWord } from '../../kit/nearest-word.ts';
import { systemClock } from '../../kit/system-clock.ts';
import { queryLedger } from '../../store/ledger-query.ts';
import { withDatabase } from '../export-to-folder.ts';
import { fileLines } from '../file-lines.ts';
import { AuditUsageError, ledgerFile, withMissionFiles } from './ledger-source.ts';

export interface AuditExportOptions {
  readonly mission?: string;
  readonly all: boolean;
  readonly kind: readonly string[];
  readonly since?: string;
  readonly until?: string;
  readonly records: boolean;
}

/** `missiongate audit export`: 0 written, 1 the chain is broken (what stands before the break was written), 2 called wrongly. */
export async function auditExport(path: string | undefined, options: AuditExportOptions): Promise<number> {
  try {
    const filter = filterOf(options, systemClock.now());
    if ([path, options.mission, options.all || undefined].filter((one) => one !== undefined).length !== 1) throw new AuditUsageError('name one of these: a folder or ledger.jsonl, --mission <id>, or --all');
    if (path === undefined) return (await writeStored(options.mission ?? null, filter, options.records)) ?? 2;
    return (await withMissionFiles(path, undefined, (place) => writeEntries(place, filter, options.records))) ?? 1;
  } catch (error) {
    if (!(error instanceof AuditUsageError)) throw error;
    console.error(`missiongate audit export: ${error.message}`);
    return 2;
  }
}

function writeEntries(place: string, filter: AuditFilter, asRecords: boolean): number {
  const records = new DecisionRecords();
  const chain = verifyChain(fileLines(ledgerFile(place)), (entry, line) => {
    const record = asRecords ? records.see({ missionId: entry.mission, seq: entry.seq, at: Date.parse(entry.at), body: entry.body }, entry.hash) : null;
    if (!isWanted(filter, entry)) return;
    if (record !== null) process.stdout.write(`${canonicalJson(record as unknown as Json)}\n`);
    // The line as it stands, so that it can be held against the ledger, with its kind in front.
    else if (!asRecords) process.stdout.write(`{"kind":"${kindOf(entry.type)}","entry":${line}}\n`);
  });
  if (chain.fault === null) return 0;
  console.error(`missiongate audit export: the ledger is broken at line ${chain.fault.line}: ${chain.fault.message}; entries before it were written`);
  return 1;
}

/** From the database itself: nothing is exported first. */
function writeStored(missionId: string | null, filter: AuditFilter, asRecords: boolean): Promise<number | null> {
  return withDatabase(async (database) => {
    let records = new DecisionRecords();
    let of: string | null = null;
    // A record is made from everything that was decided before.
    for await (const entry of queryLedger(database, missionId, asRecords ? {} : filter)) {
      if (entry.mission !== of) records = new DecisionRecords();
      of = entry.mission;
      const record = asRecords ? records.see({ missionId: entry.mission, seq: entry.seq, at: Date.parse(entry.at), body: entry.body }, entry.hash) : null;
      if (!isWanted(filter, entry)) continue;
      if (record !== null) process.stdout.write(`${canonicalJson(record as unknown as Json)}\n`);
      else if (!asRecords) process.stdout.write(`{"kind":"${kindOf(entry.type)}","entry":${ledgerLine(entry)}}\n`);
    }
    return 0;
  });
}

/** What the options ask for. Throws `AuditUsageError`. */
export function filterOf({ kind, since, until }: Pick<AuditExportOptions, 'kind' | 'since' | 'until'>, now: number): AuditFilter {
  const kinds = kind.flatMap((words) => words.split(',')).map((word) => kindNamed(word.trim()));
  return { ...(kinds.length === 0 ? {} : { kinds }), ...(since === undefined ? {} : { since: momentOf('--since', since, now) }), ...(until === undefined ? {} : { until: momentOf('--until', until, now) }) };
}

function kindNamed(word: string): LedgerKind {
  const found = ledgerKinds.find((kind) => kind === word);
  if (found !== undefined) return found;
  const near = nearestWord(word, ledgerKinds);
  throw new AuditUsageError(`--kind: found "${word}", expected ${ledgerKinds.join(', ')}${near === null ? '' : ` (did you mean "${near}"?)`}`);
}

const units: { readonly [unit: string]: number } = { m: 60_000, h: 3_600_000, d: 86_400_000 };

function momentOf(option: string, text: string, now: number): number {
  const ago = /^(\d{1,5})([mhd])$/.exec(text);
  if (ago) return now - Number(ago[1]) * (units[ago[2] ?? ''] ?? 0);
  const moment = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(moment)) throw new AuditUsageError(`${option}: found "${text}", expected a time such as 2026-03-01, 2026-03-01T12:00:00Z, or 7d, 12h, 30m ago`);
  return moment;
}
