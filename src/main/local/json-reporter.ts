import type { Reporter } from './reporter.ts';

/** One JSON object a line: the ledger's events as they are recorded, and `run.…` for what the command itself does. */
export function createJsonReporter(write: (text: string) => void): Reporter {
  const say = (line: object) => write(`${JSON.stringify(line)}\n`);
  return {
    begun: (record, how, notes) => say({ type: `run.${how}`, mission: record.number, missionId: record.missionId, name: record.name, file: record.file, base: record.base, notes }),
    happened: ({ seq, at, body, hash }, record) => say({ ...body, mission: record.number, seq, at: new Date(at).toISOString(), hash }),
    stands: () => undefined,
    gate: (sheet, record) => say({ type: 'run.gate', mission: record.number, ...sheet }),
    note: (text) => say({ type: 'run.note', text }),
    problems: (problems) => say({ type: 'run.refused', problems }),
    ended: (end) => say({ type: 'run.ended', ...end }),
    suspend: () => undefined,
    resume: () => undefined,
  };
}
