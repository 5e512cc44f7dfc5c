import type { Json } from '../kit/json.ts';

/** A SQL parameter as `pg` takes it; objects for `jsonb` columns are passed as JSON text. */
export type SqlValue = string | number | bigint | boolean | null | Uint8Array | Date | readonly string[] | readonly number[];

export interface SqlResult<Row> {
  readonly rows: Row[];
  /** Rows returned, or rows affected for writes without RETURNING. */
  readonly rowCount: number;
}

/** What one statement can be sent to: the database itself (own implicit transaction) or an open transaction. */
export interface Sql {
  /**
   * Rejects with `StatementError` (has `sqlstate`) when the database refuses the statement, and with
   * `DatabaseUnavailable` when it cannot be reached; the statement may then have been carried out. Without values the
   * text may hold several statements; the last one's result counts.
   */
  query<Row = Record<string, Json>>(text: string, values?: readonly SqlValue[]): Promise<SqlResult<Row>>;
}

/**
 * PostgreSQL ≥ 14, on a server or embedded (PGlite): same SQL, same JS types (int8 and numeric as strings, timestamptz as
 * Date, jsonb parsed).
 */
export interface Database extends Sql {
  readonly kind: 'server' | 'embedded';
  /**
   * Runs `work` in one transaction (READ COMMITTED), committed when it resolves, rolled back when it rejects.
   * Inside `work` only the given `Sql` may be used: on the embedded database any other statement waits for the end.
   */
  transaction<T>(work: (sql: Sql) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}
