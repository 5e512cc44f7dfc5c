import { StepError } from './step-type.ts';
import type { Json } from '../kit/json.ts';

/** Outputs are kept in the ledger and read by expressions: large things belong into files. */
export const maximumOutputBytes = 256 * 1024;

/** The value, when it is small enough to be an output. */
export function asOutput<T extends Json>(value: T, wayOut: string): T {
  const bytes = Buffer.byteLength(JSON.stringify(value));
  if (bytes > maximumOutputBytes) throw new StepError('input', `The result has ${bytes} bytes; outputs have at most ${maximumOutputBytes}. ${wayOut}`);
  return value;
}
