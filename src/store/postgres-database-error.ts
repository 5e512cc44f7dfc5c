import pg from 'pg';

/** SQLSTATE values that mean "the server is going away, starting, or full": the statement itself may be fine. */
const UNAVAILABLE_STATES: ReadonlySet<string> = new Set(['57P01', '57P02', '57P03', '57P05', '25P03']);
/** Classes of them: connection exceptions, and insufficient resources (disk full, out of memory, too many connections). */
const UNAVAILABLE_CLASSES = ['08', '53'];
/** Connection errors that pg reports as plain errors without a code. */
const UNAVAILABLE_MESSAGES =
  /Connection terminated|Query read timeout|timeout exceeded when trying to connect|connection error and is not queryable|pool after calling end|not queryable|has been closed|Client was closed/i;
/** Statement text kept in error messages, in characters: enough to find the statement, short enough for one log line. */
const STATEMENT_EXCERPT = 120;

/**
 * A statement that the database refused. Branch on `sqlstate` (for example `23505` for a unique violation) and
 * `constraint`, never on the message. The message holds the statement's text but never its values.
 */
export class StatementError extends Error {
  override readonly name = 'StatementError';
  /** Five-character SQLSTATE. */
  readonly sqlstate: string;
  /** Same as `sqlstate`, under the name Node programs look for. */
  readonly code: string;
  readonly constraint: string | undefined;
  readonly table: string | undefined;
  readonly column: string | undefined;
  /** The server's detail line. May quote stored values: for operators, not for people on GitHub. */
  readonly detail: string | undefined;

  constructor(cause: pg.DatabaseError, sqlstate: string, statement: string) {
    super(`SQL refused (${sqlstate}): ${cause.message} [${excerpt(statement)}]`, { cause });
    this.sqlstate = sqlstate;
    this.code = sqlstate;
    this.constraint = cause.constraint;
    this.table = cause.table;
    this.column = cause.column;
    this.detail = cause.detail;
  }

  /** True when the same transaction, run again from its start, may well succeed (deadlock, serialization failure). */
  get retryable(): boolean {
    return this.sqlstate === '40001' || this.sqlstate === '40P01';
  }
}

/**
 * The database cannot be reached or closed the connection. A write that was under way may or may not have happened.
 * The pool connects anew by itself: trying again later is the way out.
 */
export class DatabaseUnavailable extends Error {
  override readonly name = 'DatabaseUnavailable';
  readonly code = 'database_unavailable';
  /** SQLSTATE of the server's farewell, where it sent one. */
  readonly sqlstate: string | undefined;

  constructor(cause: Error, sqlstate: string | undefined, statement: string) {
    super(`The database is unavailable: ${cause.message || String(cause)} [${excerpt(statement)}]`, { cause });
    this.sqlstate = sqlstate;
  }
}

/** True for a violated unique or primary key; with `constraint`, for that one only. */
export function isUniqueViolation(error: unknown, constraint?: string): boolean {
  return (
    error instanceof StatementError &&
    error.sqlstate === '23505' &&
    (constraint === undefined || error.constraint === constraint)
  );
}

/** Turns what `pg` rejects with into the two classes above; anything else (a programming error) is returned unchanged. */
export function toDatabaseError(error: unknown, statement: string): unknown {
  if (!(error instanceof Error) || error instanceof StatementError || error instanceof DatabaseUnavailable) return error;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  if (error instanceof pg.DatabaseError && code !== undefined) {
    const gone = UNAVAILABLE_STATES.has(code) || UNAVAILABLE_CLASSES.some((one) => code.startsWith(one));
    return gone ? new DatabaseUnavailable(error, code, statement) : new StatementError(error, code, statement);
  }
  const system = code !== undefined && (/^E[A-Z]+$/.test(code) || code === 'embedded_database_failed');
  return system || UNAVAILABLE_MESSAGES.test(error.message) ? new DatabaseUnavailable(error, undefined, statement) : error;
}

function excerpt(statement: string): string {
  const line = statement.replace(/\s+/g, ' ').trim();
  return line.length > STATEMENT_EXCERPT ? `${line.slice(0, STATEMENT_EXCERPT)}…` : line;
}
