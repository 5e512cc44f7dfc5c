import type { SecretRange } from './secret-range.ts';

/** Shorter texts are no secrets worth the name, and replacing them everywhere would make nonsense of every text. */
const SHORTEST_SECRET = 6;

/** Piece of a token by which a cut copy of it is recognised: any run of 2 × 12 − 1 of its characters holds a whole piece. */
const PIECE = 12;

/** What may stand between the characters of a copy without changing what a reader (or a decoder) gets: white space and invisible characters. */
const IGNORED = /[\s\u00ad\u200b-\u200f\u2060-\u2064\ufeff]/;

export interface KnownSecrets {
  find(text: string, secrets: readonly string[]): SecretRange[];
}

interface Needle {
  readonly text: string;
  /** For a piece: the token it is from and where it stands there. */
  readonly whole?: { readonly token: string; readonly offset: number };
}

/**
 * Finds given secrets exactly, in encodings (base64 and base64url at any alignment, hex, percent, JSON, HTML, reversed), wrapped
 * or spaced out, and, for random tokens, cut at either end.
 */
export function createKnownSecrets(): KnownSecrets {
  const cache = new Map<string, readonly Needle[]>();

  function needlesOf(secret: string): readonly Needle[] {
    const existing = cache.get(secret);
    if (existing) return existing;
    const needles = buildNeedles(secret);
    cache.set(secret, needles);
    return needles;
  }

  return {
    find(text, secrets) {
      const wanted = new Set(secrets.filter((secret) => secret.length >= SHORTEST_SECRET));
      // Tokens that are no longer in use are forgotten.
      for (const secret of cache.keys()) if (!wanted.has(secret)) cache.delete(secret);
      if (wanted.size === 0 || text.length < SHORTEST_SECRET) return [];
      const compact = compacted(text);
      const ranges: SecretRange[] = [];
      for (const secret of wanted) {
        for (const needle of needlesOf(secret)) collect(compact, needle, ranges);
      }
      return ranges;
    },
  };
}

interface Compact {
  readonly text: string;
  /** Position in the original of each character of `text`; null when nothing was left out. */
  readonly positions: Uint32Array | null;
}

function compacted(text: string): Compact {
  if (!IGNORED.test(text)) return { text, positions: null };
  const positions = new Uint32Array(text.length);
  const parts: string[] = [];
  let length = 0;
  let partStart = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    // The common case first: visible ASCII.
    if ((code > 0x20 && code < 0x7f) || !IGNORED.test(text[at]!)) {
      positions[length] = at;
      length += 1;
    } else {
      if (at > partStart) parts.push(text.slice(partStart, at));
      partStart = at + 1;
    }
  }
  parts.push(text.slice(partStart));
  return { text: parts.join(''), positions };
}

function collect(compact: Compact, needle: Needle, ranges: SecretRange[]): void {
  const { text, positions } = compact;
  for (let at = text.indexOf(needle.text); at !== -1; at = text.indexOf(needle.text, at)) {
    let start = at;
    let end = at + needle.text.length;
    if (needle.whole) {
      const { token, offset } = needle.whole;
      while (offset - (at - start) > 0 && text[start - 1] === token[offset - (at - start) - 1]) start -= 1;
      while (end < text.length && offset + (end - at) < token.length && text[end] === token[offset + (end - at)]) end += 1;
    }
    ranges.push(positions ? { start: positions[start]!, end: positions[end - 1]! + 1 } : { start, end });
    at = end;
  }
}

function buildNeedles(secret: string): readonly Needle[] {
  const bytes = Buffer.from(secret, 'utf8');
  const plain = new Set([
    secret,
    Array.from(secret).toReversed().join(''),
    bytes.toString('hex'),
    bytes.toString('hex').toUpperCase(),
    encodeUri(secret),
    everyByte(bytes, (hex) => `%${hex}`),
    everyByte(bytes, (hex) => `%${hex.toUpperCase()}`),
    everyByte(bytes, (hex) => `\\x${hex}`),
    JSON.stringify(secret).slice(1, -1),
    JSON.stringify(JSON.stringify(secret)).slice(3, -3),
    secret.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;'),
    ...base64Forms(bytes),
  ]);
  const needles: Needle[] = [];
  for (const form of plain) {
    const text = compacted(form).text;
    if (text.length >= SHORTEST_SECRET) needles.push({ text });
  }
  return [...needles, ...pieces(secret)];
}

function encodeUri(secret: string): string {
  try {
    return encodeURIComponent(secret);
  } catch {
    // A lone surrogate has no URI form.
    return secret;
  }
}

function everyByte(bytes: Buffer, form: (hex: string) => string): string {
  return [...bytes].map((byte) => form(byte.toString(16).padStart(2, '0'))).join('');
}

/**
 * What a secret looks like inside the base64 of a longer text: three alignments, without the characters at both ends that
 * also depend on the neighbours.
 */
function base64Forms(bytes: Buffer): string[] {
  const forms: string[] = [];
  for (let before = 0; before < 3; before += 1) {
    const encoded = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64').replace(/=+$/, '');
    const whole = Math.floor(((before + bytes.length) * 8) / 6);
    const form = encoded.slice(Math.ceil((before * 8) / 6), whole);
    // Fewer characters than this are found by chance.
    if (form.length < 8) continue;
    forms.push(form, form.replaceAll('+', '-').replaceAll('/', '_'));
  }
  return forms;
}

/** Pieces of a random token, each with letters and digits; none for phrases and addresses, whose pieces are words. */
function pieces(secret: string): Needle[] {
  if (!/^[A-Za-z0-9_-]{24,512}$/.test(secret)) return [];
  const found: Needle[] = [];
  for (let offset = 0; offset + PIECE <= secret.length; offset += PIECE) {
    const text = secret.slice(offset, offset + PIECE);
    if (/\d/.test(text) && /[A-Za-z]/.test(text)) found.push({ text, whole: { token: secret, offset } });
  }
  return found;
}
