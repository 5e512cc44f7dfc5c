import { CsvError, parse } from 'csv-parse/sync';

import type { Json } from '../kit/json.ts';
import { checkSource, parsed, sourceOf, sourceSchema } from './data-source.ts';
import { closed, flag, text } from './schema-parts.ts';
import { StepError, type StepContext, type StepOutcome, type StepType } from './step-type.ts';

/** A row that is longer has a quote that was never closed. */
const longestRow = 256 * 1024;
const mostRows = 100_000;

/** Parses CSV. */
export const dataCsv: StepType = {
  name: 'data.csv',
  summary: 'Parses CSV (RFC 4180) from a file or a text into the output "value": a list of objects by the names of the first row, or of lists. Values stay text.',
  needsWorkspace: true,
  effects: ['reads-files'],
  parameters: closed({
    ...sourceSchema,
    header: flag('Whether the first row holds names; true when absent.'),
    delimiter: text('What stands between values; a comma when absent.', 1, 1),
  }),
  examples: [{ text: 'name,stars\nmissiongate,1\n' }, { text: 'a;b\nc;d\n', header: false, delimiter: ';' }],
  check: checkSource,
  async run(context: StepContext): Promise<StepOutcome> {
    const { header = true, delimiter = ',' } = context.parameters as { header?: boolean; delimiter?: string };
    const { name, content } = await sourceOf(context);
    return parsed(context, name, readCsv(name, content, header, delimiter));
  },
};

function readCsv(name: string, content: string, header: boolean, delimiter: string): Json {
  let rows: string[][];
  try {
    rows = parse(content, { bom: true, delimiter, skip_empty_lines: true, max_record_size: longestRow, to: mostRows + 1 });
  } catch (error) {
    if (error instanceof CsvError) throw new StepError('input', `${name} is not CSV: ${error.message.slice(0, 300)}. Every row needs as many values as the first.`);
    throw error;
  }
  if (rows.length > mostRows) throw new StepError('input', `${name} has more than ${mostRows} rows.`);
  if (!header) return rows;
  const [names = [], ...values] = rows;
  const twice = names.find((one, index) => names.indexOf(one) !== index);
  if (twice !== undefined) throw new StepError('input', `Two columns of ${name} are named ${JSON.stringify(twice)}. Rename one, or say "header: false".`);
  return values.map((row) => Object.fromEntries(names.map((one, index) => [one, row[index] ?? ''])));
}
