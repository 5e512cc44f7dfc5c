import { sha256 } from '../kit/hash.ts';

export interface FoundSecret {
  readonly rule: string;
  readonly line: number;
  /** Equal for the same secret, wherever it stands. */
  readonly identity: string;
}

/** This rule of the preset obeys comments; whoever wrote a secret may not say that it is none. */
const excuses = '@secretlint/secretlint-rule-filter-comments';

/** Whether these bytes are no text. */
export function isBinary(bytes: Buffer): boolean {
  return bytes.subarray(0, 8_192).includes(0) && !hasByteOrder(bytes);
}

function hasByteOrder(bytes: Buffer): boolean {
  return bytes.length >= 2 && ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff));
}

/** What is no text is searched as if every byte were a letter: a key in a program or an archive's name is a key all the same. */
function textOf(bytes: Buffer): string {
  if (isBinary(bytes)) return bytes.toString('latin1').replaceAll('\u0000', '\n');
  if (!hasByteOrder(bytes)) return bytes.toString('utf8');
  const even = bytes.subarray(2, bytes.length - (bytes.length % 2));
  return (bytes[0] === 0xfe ? Buffer.from(even).swap16() : even).toString('utf16le');
}

/** Kinds, lines and identities, never the secret itself; several words of one rule on one line are one secret. */
export async function secretsIn(path: string, bytes: Buffer): Promise<readonly FoundSecret[]> {
  const [{ lintSource }, { rules }] = await Promise.all([import('@secretlint/core'), import('@secretlint/secretlint-rule-preset-recommend')]);
  const content = textOf(bytes);
  const result = await lintSource({
    source: { filePath: `/${path}`, content, ext: /\.[^./]*$/.exec(path)?.[0] ?? '', contentType: 'text' },
    options: { config: { rules: rules.filter(({ meta }) => meta.id !== excuses).map((rule) => ({ id: rule.meta.id, rule })) }, maskSecrets: true, noPhysicFilePath: true },
  });
  const found = new Map<string, FoundSecret>();
  for (const { type, ruleId, loc, range } of result.messages) {
    if (type !== 'message') continue;
    const rule = ruleId.replace(/^@secretlint\/secretlint-rule-/, '');
    const place = `${rule}:${loc.start.line}`;
    const words = `${found.get(place)?.identity ?? rule}\n${content.slice(...range)}`;
    found.set(place, { rule, line: loc.start.line, identity: sha256(words) });
  }
  return [...found.values()];
}
