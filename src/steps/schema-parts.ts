import type { JsonObject } from '../kit/json.ts';

/** A path that stays in the repository: relative, without `..`, backslashes and control characters, not into a git folder. The worker looks closer when it is used. */
const inside = String.raw`^(?!/)(?![A-Za-z]:)(?!(?:[\s\S]*/)?(?:\.\.|\.[gG][iI][tT])(?:/|$))[^\\\u0000-\u001f\u007f]*`;

/** Parts that the schemas of several step types share. */
export const pathSchema = { type: 'string', minLength: 1, maxLength: 4096, pattern: String.raw`${inside}[^\\/\u0000-\u001f\u007f]$` } as const;
export const folderSchema = { type: 'string', minLength: 1, maxLength: 4096, pattern: `${inside}$` } as const;
/** What git takes as the name of a branch. */
export const branchPattern = String.raw`^(?!-|refs/|@$|HEAD$)(?!(?:[\s\S]*/)?\.)(?![\s\S]*(?:\.\.|@\{|//|\.lock(?:/|$)))[^\u0000- \u007f~\^:?*\[\\]*[^\u0000- \u007f~\^:?*\[\\.\/]$`;

/** What a pattern asks for, in words: nobody reads regular expressions in a problem. */
export const patternWords: ReadonlyMap<string, string> = new Map([
  [pathSchema.pattern, 'is no file inside the repository: write it relative to the root, with "/" between names, without ".." and not into .git'],
  [folderSchema.pattern, 'is no folder inside the repository: write it relative to the root, with "/" between names, without ".." and not into .git'],
  [branchPattern, 'is no name of a branch: letters, digits, "-", "_", "." and "/", without "..", not beginning with "-" or "refs/"'],
]);

export function path(description: string): JsonObject {
  return { ...pathSchema, description };
}

/** Like `path`, for folders: `.` and a `/` at the end may stand. */
export function folder(description: string): JsonObject {
  return { ...folderSchema, description };
}

export function globs(description: string): JsonObject {
  return { type: 'array', minItems: 1, maxItems: 50, uniqueItems: true, items: { type: 'string', minLength: 1, maxLength: 500 }, description };
}

export function text(description: string, maxLength: number, minLength = 0): JsonObject {
  return { type: 'string', ...(minLength > 0 ? { minLength } : {}), maxLength, description };
}

export function whole(description: string, minimum: number, maximum: number): JsonObject {
  return { type: 'integer', minimum, maximum, description };
}

export function flag(description: string): JsonObject {
  return { type: 'boolean', description };
}

export function oneOf(values: readonly string[], description: string): JsonObject {
  return { enum: [...values], description };
}

/** Program and arguments, as `command` takes them. */
export const argvSchema = { type: 'array', minItems: 1, maxItems: 1000, items: { type: 'string', maxLength: 100_000, pattern: '^[^\\u0000]*$' } } as const;

export function closed(properties: Readonly<Record<string, JsonObject>>, required: readonly string[] = []): JsonObject {
  return { type: 'object', additionalProperties: false, ...(required.length > 0 ? { required: [...required] } : {}), properties };
}
