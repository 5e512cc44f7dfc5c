import { asOutput, maximumOutputBytes } from './output-size.ts';
import { closed, path, whole } from './schema-parts.ts';
import { treeOf } from './step-context.ts';
import { StepError, type StepContext, type StepOutcome, type StepType } from './step-type.ts';

/** Reads a file into an output. */
export const fileRead: StepType = {
  name: 'file.read',
  summary: 'Reads a text file of the repository, or some of its lines, into the output "text".',
  needsWorkspace: true,
  effects: ['reads-files'],
  parameters: closed({
    path: path('The file, relative to the root of the repository; UTF-8.'),
    'from-line': whole('First line to read, from 1; the first one when absent.', 1, 10_000_000),
    'to-line': whole('Last line to read; the last one when absent.', 1, 10_000_000),
    'max-bytes': whole('A longer text fails the task; 262,144 when absent.', 1, maximumOutputBytes),
  }, ['path']),
  examples: [{ path: 'README.md' }, { path: 'README.md', 'from-line': 1, 'to-line': 1 }],
  async run(context: StepContext): Promise<StepOutcome> {
    const { path: file, 'from-line': from, 'to-line': to, 'max-bytes': maximum } = context.parameters as unknown as { path: string; 'from-line'?: number; 'to-line'?: number; 'max-bytes'?: number };
    const content = utf8(file, await treeOf(context).readBytes(file));
    const lines = from === undefined && to === undefined ? null : content.split(/(?<=\n)/);
    const read = lines ? lines.slice((from ?? 1) - 1, to ?? lines.length).join('') : content;
    const bytes = Buffer.byteLength(read);
    if (bytes > (maximum ?? maximumOutputBytes)) throw new StepError('input', `${file} has ${bytes} bytes; at most ${maximum ?? maximumOutputBytes} are read. Read some of its lines with "from-line" and "to-line".`);
    return { summary: `Read ${file} (${bytes} bytes).`, outputs: { path: file, bytes, text: asOutput(read, 'Read fewer lines.') }, artifacts: [] };
  },
};

/** Text of bytes that must be UTF-8. */
export function utf8(name: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes);
  } catch {
    throw new StepError('input', `${name} is not text in UTF-8.`);
  }
}
