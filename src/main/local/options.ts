import { CannotRun } from './exit-codes.ts';

/** What both commands take. */
export interface SharedOptions {
  readonly repo: string;
  readonly out?: string;
  readonly yesTo: readonly string[];
  readonly merge: boolean;
  readonly format: string;
}

export interface RunOptions extends SharedOptions {
  readonly input: readonly string[];
  readonly dryRun: boolean;
  readonly maxParallel?: string;
  readonly new: boolean;
}

export interface ResumeOptions extends SharedOptions {
  readonly budget: readonly string[];
  readonly cancel: boolean;
}

export function checkFormat(format: string): 'text' | 'json' {
  if (format === 'text' || format === 'json') return format;
  throw new CannotRun(`--format: found ${JSON.stringify(format)}, expected text or json`);
}

export function checkMaxParallel(text: string | undefined): number | null {
  if (text === undefined) return null;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 100) throw new CannotRun(`--max-parallel: found ${JSON.stringify(text)}, expected a whole number from 1 to 100`);
  return value;
}

/** `--input name=value`, each name once. */
export function checkInputs(inputs: readonly string[]): Readonly<Record<string, string>> {
  const values: Record<string, string> = {};
  for (const input of inputs) {
    const at = input.indexOf('=');
    if (at <= 0) throw new CannotRun(`--input: found ${JSON.stringify(input)}, expected name=value`);
    const name = input.slice(0, at);
    if (Object.hasOwn(values, name)) throw new CannotRun(`--input: "${name}" is given twice`);
    values[name] = input.slice(at + 1);
  }
  return values;
}

/** Says yes to the gates that were named; a name that no gate has is told before anything begins. */
export function checkYesTo(named: readonly string[], gates: readonly string[]): (phase: string) => boolean {
  const unknown = named.filter((name) => name !== 'all' && !gates.includes(name));
  if (unknown.length > 0) throw new CannotRun(`--yes-to: there is no gate ${unknown.map((name) => JSON.stringify(name)).join(', ')}. ${gates.length === 0 ? 'The mission has no gates.' : `Gates are: ${gates.join(', ')} (or: all).`}`);
  return (phase) => named.includes('all') || named.includes(phase);
}

const parts = ['tokens', 'usd', 'minutes'] as const;

export function checkBudget(given: readonly string[]): { readonly [part in (typeof parts)[number]]?: string } {
  return Object.fromEntries(
    given.map((text) => {
      const [name = '', value = ''] = text.split('=');
      if (!parts.some((part) => part === name) || !/^\d{1,15}(\.\d{1,6})?$/.test(value)) throw new CannotRun(`--budget: found ${JSON.stringify(text)}, expected tokens=<number>, usd=<number> or minutes=<number>`);
      return [name, value];
    }),
  );
}

/** `--yes-to a,b --yes-to c` */
export function collectNames(text: string, before: readonly string[]): readonly string[] {
  return [...before, ...text.split(',').map((name) => name.trim()).filter((name) => name !== '')];
}

export function collect(text: string, before: readonly string[]): readonly string[] {
  return [...before, text];
}
