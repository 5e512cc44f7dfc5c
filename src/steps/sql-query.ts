import type { Json } from '../kit/json.ts';
import { didYouMean } from '../kit/nearest-word.ts';
import { asOutput } from './output-size.ts';
import { closed, flag, text, whole } from './schema-parts.ts';
import { outsideOf } from './step-context.ts';
import { StepError, type StepContext, type StepOutcome, type StepType } from './step-type.ts';

interface SqlQueryParameters {
  readonly connection: string;
  readonly query: string;
  readonly values?: readonly Json[];
  readonly write?: boolean;
  readonly 'max-rows'?: number;
  readonly 'timeout-seconds'?: number;
}

/** Asks a database. */
export const sqlQuery: StepType = {
  name: 'sql.query',
  summary: 'Runs one SQL statement on a PostgreSQL database that the worker’s configuration names: outputs "rows", "columns", "count" and "truncated". The transaction can only read, unless "write" is true.',
  needsWorkspace: false,
  effects: ['network'],
  parameters: closed({
    connection: text('Name of the database in the worker’s configuration.', 100, 1),
    query: text('One statement. Values stand in it as $1, $2, …', 100_000, 1),
    values: { type: 'array', maxItems: 1000, description: 'Values for $1, $2, … They are bound, never put into the statement.' },
    write: flag('True: the statement may change data, where the configuration allows it. It is committed when it succeeded.'),
    'max-rows': whole('More rows are left out; 1,000 when absent.', 1, 10_000),
    'timeout-seconds': whole('For the statement; 30 when absent.', 1, 3600),
  }, ['connection', 'query']),
  examples: [{ connection: 'reporting', query: 'select count(*) from orders where state = $1', values: ['open'] }],
  async run(context: StepContext): Promise<StepOutcome> {
    const { connection, query, values, write, 'max-rows': rows, 'timeout-seconds': seconds } = context.parameters as unknown as SqlQueryParameters;
    const { databases } = outsideOf(context);
    const known = databases.names();
    if (!known.includes(connection)) throw new StepError('environment', `No database ${JSON.stringify(connection)} is configured on this worker${known.length === 0 ? '' : `, which has ${known.join(', ')}`}.${didYouMean(connection, known)} Whoever runs the worker can add it under "databases" in its configuration.`);
    const answer = await databases.query({
      connection, text: query, values: values ?? [], write: write ?? false, maximumRows: rows ?? 1000, maximumBytes: 200_000,
      timeoutMs: Math.min(context.timeoutMs, (seconds ?? 30) * 1000), signal: context.signal,
    });
    const count = answer.rows.length;
    return {
      summary: `${count}${answer.truncated ? ' or more' : ''} ${count === 1 ? 'row' : 'rows'} from ${connection}.`,
      outputs: { rows: asOutput(answer.rows, 'Select less.'), columns: answer.columns, count, truncated: answer.truncated, ...(answer.affected === null ? {} : { affected: answer.affected }) },
      artifacts: [],
    };
  },
};
