import { readFileSync } from 'node:fs';

export class DemoUsageError extends Error {
  override readonly name = 'DemoUsageError';
}

/** Title and body of an issue from a Markdown file: the first heading or line is the title, the rest the body. */
export function readIssueFile(path: string): { readonly title: string; readonly body: string } {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new DemoUsageError(`--issue: cannot read ${path} (${error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'})`);
  }
  const lines = text.split(/\r?\n/);
  const at = lines.findIndex((line) => line.trim() !== '');
  const first = lines[at];
  if (first === undefined) throw new DemoUsageError(`--issue: ${path} is empty; expected a title on its first line and the mission below it`);
  return { title: first.replace(/^#+\s*/, '').trim(), body: lines.slice(at + 1).join('\n') };
}
