import { pino, stdTimeFunctions, type Logger } from 'pino';

import { formatLine } from './pretty-line.ts';
import type { Redactor } from './redactor.ts';

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';

export interface LogDestination {
  write(line: string): unknown;
  readonly isTTY?: boolean;
}

export interface LoggerOptions {
  readonly level: LogLevel;
  /** `json`: one object per line, for machines. `pretty`: for people at a terminal, in colour when it is one. */
  readonly format: 'json' | 'pretty';
  readonly redactor: Redactor;
  readonly destination: LogDestination;
}

/**
 * The process's logger. Every line, whatever was put into it, passes through the redactor as the text that would be
 * written: fields, nested objects and stacks included.
 */
export function createLogger(options: LoggerOptions): Logger {
  const { redactor, destination } = options;
  const stream = {
    write(line: string): void {
      const { text } = redactor.redact(line.endsWith('\n') ? line.slice(0, -1) : line);
      destination.write(`${options.format === 'pretty' ? formatLine(text, destination.isTTY === true) : text}\n`);
    },
  };
  return pino({ level: options.level, base: null, timestamp: stdTimeFunctions.isoTime, formatters: { level: (label) => ({ level: label }) } }, stream);
}
