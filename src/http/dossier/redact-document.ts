import type { DossierDocument } from './document.ts';

/** The document with every text of it redacted; what of it is no text stays as it is. */
export function redactDocument(document: DossierDocument, redact: (text: string) => string): DossierDocument {
  return redacted(document, redact) as DossierDocument;
}

function redacted(value: unknown, redact: (text: string) => string): unknown {
  if (typeof value === 'string') return redact(value);
  if (Array.isArray(value)) return value.map((one) => redacted(one, redact));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, redacted(one, redact)]));
}
