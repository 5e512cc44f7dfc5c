/** Prefix that names a mission shipped with the product: `template:fix-bug`. */
const prefix = 'template:';

/** The name behind `template:`, or null when the text names no template. */
export function templateName(text: string): string | null {
  const name = text.startsWith(prefix) ? text.slice(prefix.length).replace(/\.ya?ml$/i, '') : '';
  return /^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(name) && name.length <= 63 ? name : null;
}

/** What a template is called in messages and as the place a definition comes from. */
export function templateFile(name: string): string {
  return `${prefix}${name}`;
}
