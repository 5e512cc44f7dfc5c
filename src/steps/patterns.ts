import { RE2JS } from 're2js';

/** Why a text is no regular expression of RE2; null when it is one. */
export function patternProblem(pattern: string): string | null {
  try {
    RE2JS.compile(pattern);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message.slice(0, 200) : 'it cannot be read';
  }
}

/** Whether a line holds a text, or matches an expression in linear time. */
export function lineMatcher(wanted: { readonly text?: string; readonly regex?: string }, ignoreCase: boolean): (line: string) => boolean {
  if (wanted.text !== undefined) {
    const needle = ignoreCase ? wanted.text.toLowerCase() : wanted.text;
    return (line) => (ignoreCase ? line.toLowerCase() : line).includes(needle);
  }
  const pattern = RE2JS.compile(wanted.regex ?? '', ignoreCase ? RE2JS.CASE_INSENSITIVE : 0);
  return (line) => pattern.matcher(line).find();
}

/** An engine for `pattern` in JSON Schemas that takes linear time whatever text it meets (ajv's option `code.regExp`). */
export function linearRegExp(pattern: string, flags: string): { test(text: string): boolean; toString(): string } {
  const compiled = RE2JS.compile(pattern, flags.includes('i') ? RE2JS.CASE_INSENSITIVE : 0);
  // The text is ajv's key for the pattern: two of one text would be taken for one.
  return { test: (text) => compiled.matcher(text).find(), toString: () => `${pattern}/${flags}` };
}
linearRegExp.code = 'linearRegExp';
