import { asTemplate } from '../../core/expression/template.ts';
import { isJsonObject, type Json } from '../../kit/json.ts';

/** `{{ name }}`, but not the `${{ … }}` of GitHub Actions, which is data of the source format. */
const variable = /(?<!\$)\{\{\s*([A-Za-z_][\w.-]*)\s*\}\}/g;
const alone = /^\{\{\s*([A-Za-z_][\w.-]*)\s*\}\}$/;

export type Lookup = (name: string) => Json | undefined;

/**
 * Puts the values of variables into every text of a value. A text that is one variable alone becomes its value, number or not. What
 * would be an expression of ours (`${{`) stays the text it was. `unknown` is told each name without a value, with its path.
 */
export function withVariables(value: Json, lookup: Lookup, unknown: (name: string, path: readonly (string | number)[]) => void, path: readonly (string | number)[] = []): Json {
  if (typeof value === 'string') {
    const name = alone.exec(value)?.[1];
    const found = name === undefined ? undefined : lookup(name);
    if (found !== undefined) return typeof found === 'string' ? literal(found) : found;
    const text = value.replace(variable, (written, one: string) => {
      const put = lookup(one);
      if (put === undefined) unknown(one, path);
      return put === undefined ? written : textOf(put);
    });
    return literal(text);
  }
  if (Array.isArray(value)) return (value as readonly Json[]).map((one, index) => withVariables(one, lookup, unknown, [...path, index]));
  if (isJsonObject(value)) return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, withVariables(one ?? null, lookup, unknown, [...path, key])]));
  return value;
}

/** The same letters, as a template of ours that says them; cut so that what is written has at most so many characters. */
export function literal(text: string, longest = Number.POSITIVE_INFINITY): string {
  const said = asTemplate(text);
  // Half of what keeps a template from being one would be other letters.
  return said.length <= longest ? said : said.slice(0, longest).replace(/\$+\{?$/, '');
}

function textOf(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
