import type { Json, JsonObject } from '../kit/json.ts';
import type { Environment } from '../core/mission/definition.ts';
import { quoted } from './problems.ts';
import type { YamlPath } from './read-yaml.ts';
import type { Shape } from './shape.ts';

export const environmentName = /^[A-Za-z_][A-Za-z0-9_]{0,199}$/;
export const outputName = /^[A-Za-z_][A-Za-z0-9_-]{0,99}$/;
const longestValue = 100_000;

/** `env`: names of environment variables and texts. A number or a yes/no is the text that stands there. */
export function readEnvironment(shape: Shape, value: Json | undefined, path: YamlPath): Environment | undefined {
  return namedTexts(shape, value, path, 'env', (name) => (environmentName.test(name) ? null : `${quoted(name)} is no name of an environment variable: letters, digits and "_", not beginning with a digit.`));
}

/** `outputs`: names and templates. */
export function readOutputs(shape: Shape, value: Json | undefined, path: YamlPath): { readonly [name: string]: string } | undefined {
  return namedTexts(shape, value, path, 'outputs', (name) => (outputName.test(name) ? null : `${quoted(name)} is no name of an output: letters, digits, "-" and "_", beginning with a letter.`));
}

function namedTexts(shape: Shape, value: Json | undefined, path: YamlPath, noun: string, wrongName: (name: string) => string | null): { readonly [name: string]: string } | undefined {
  const found = shape.anyMapping(value, path, noun, 'names and texts');
  if (!found) return undefined;
  const read: Record<string, string> = {};
  for (const [name, item] of Object.entries(found)) {
    const wrong = wrongName(name);
    if (wrong !== null) shape.report('bad-name', [...path, name], wrong, 'key');
    const text = textValue(shape, item, [...path, name], `${noun}.${name.slice(0, 60)}`);
    if (text !== undefined) read[name] = text;
  }
  return read;
}

/** Empty text is a value here. */
function textValue(shape: Shape, value: Json | undefined, path: YamlPath, noun: string): string | undefined {
  if (value === '') return '';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return shape.text(value ?? null, path, noun, longestValue);
}

/** `with:`. Undefined when it is there and no mapping: then its content is not checked further. */
export function readParameters(shape: Shape, value: Json | undefined, path: YamlPath): JsonObject | undefined {
  return value === undefined ? {} : shape.anyMapping(value, path, 'with', 'parameters');
}

/** A list of ids, or one alone, as in Actions. Ids of any spelling are kept: one that is not kebab-case leads nowhere and is reported as such. */
export function readNeeds(shape: Shape, value: Json | undefined, path: YamlPath): readonly string[] | undefined {
  if (typeof value === 'string') return [shape.text(value, path, 'needs', 256) ?? []].flat();
  const listed = shape.list(value, path, 'needs');
  const ids = listed?.map((item, index) => shape.text(item, [...path, index], 'An entry of needs', 256));
  return ids?.filter((id) => id !== undefined);
}

/** `if`: an expression, or simply true or false. */
export function readCondition(shape: Shape, value: Json | undefined, path: YamlPath): string | undefined {
  if (typeof value === 'boolean') return String(value);
  return shape.text(value, path, 'if', 8_192);
}

/** `scope`: globs of files of the repository. */
export function readScope(shape: Shape, value: Json | undefined, path: YamlPath): readonly string[] | undefined {
  const listed = shape.list(value, path, 'scope');
  if (listed?.length === 0) shape.report('empty', path, 'scope names at least one glob, like "src/**"; leave it out to allow every file.');
  return listed?.flatMap((item, index) => {
    const glob = shape.text(item, [...path, index], 'An entry of scope', 4_096);
    const wrong = glob === undefined ? null : globProblem(glob);
    if (wrong !== null) shape.report('bad-glob', [...path, index], `${quoted(glob)} is no glob of files in the repository: ${wrong}.`);
    return glob ?? [];
  });
}

function globProblem(glob: string): string | null {
  if (glob.includes('${{')) return 'it holds a template, and the scope is known when the file is read';
  if (glob.startsWith('/')) return 'it begins with "/"; paths are relative to the root of the repository';
  if (glob.includes('\\')) return 'it holds "\\"; folders are separated by "/"';
  if (glob.startsWith('!')) return 'it begins with "!"; scope says what may be touched, and nothing else may be';
  const parts = glob.split('/');
  if (parts.includes('..')) return 'it leaves its folder with ".."';
  if (parts.includes('') && !glob.endsWith('/')) return 'it holds "//"';
  for (const [open, close] of [['[', ']'], ['{', '}'], ['(', ')']] as const) {
    if (glob.split(open).length !== glob.split(close).length) return `"${open}" and "${close}" do not match`;
  }
  return null;
}
