import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** A bundle has them beside itself. */
const bundled = new URL('./missions/', import.meta.url);
/** Otherwise they lie beside `src` and `dist` alike. */
const folder = existsSync(bundled) ? bundled : new URL('../../config/missions/', import.meta.url);

/** Names of the missions that ship with the product, in order. */
export function templateNames(): readonly string[] {
  return readdirSync(folder).filter((name) => name.endsWith('.yml')).map((name) => name.slice(0, -'.yml'.length)).sort();
}

/** Text of a template, or null when there is none of that name. Names come from people: only those in the folder are read. */
export function readTemplate(name: string): string | null {
  return templateNames().includes(name) ? readFileSync(new URL(`${name}.yml`, folder), 'utf8') : null;
}
