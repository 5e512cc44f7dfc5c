import type { JsonObject } from '../../kit/json.ts';

/** Structured logging; implementations redact every line. */
export interface Log {
  debug(message: string, facts?: JsonObject): void;
  info(message: string, facts?: JsonObject): void;
  warn(message: string, facts?: JsonObject): void;
  error(message: string, facts?: JsonObject): void;
}
