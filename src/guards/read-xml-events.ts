import { SaxesParser } from 'saxes';

import { breathe } from './breathe.ts';
import { GuardError } from './guard-type.ts';

export interface XmlHandler {
  /** `attributes` may be kept; names are as written, prefix included. */
  open(name: string, attributes: Readonly<Record<string, string>>): void;
  close?(name: string): void;
  /** Text and CDATA of the innermost element, in pieces. */
  text?(piece: string): void;
}

/** Elements within each other. Reports have about five levels. */
const deepest = 200;
/** Attributes of one element. */
const mostAttributes = 1_000;
/** Characters given to the parser at a time. */
const pieceLength = 256 * 1024;

/**
 * Reads XML piece by piece, so that memory does not grow with the report. Entities that a document defines itself are refused, and
 * with them every bomb; a document type that only names a DTD is passed over (Cobertura writes one) and never fetched.
 * Throws `GuardError` with file, line and column.
 */
export async function readXmlEvents(name: string, text: string, handler: XmlHandler): Promise<void> {
  const parser = parserOf(name, handler);
  for (let at = 0; at < text.length; at += pieceLength) {
    parser.write(text.slice(at, at + pieceLength));
    await breathe();
  }
  parser.close();
}

/** The same for a text that is short, as kept artifacts are: nothing else goes on meanwhile. */
export function readShortXmlEvents(name: string, text: string, handler: XmlHandler): void {
  parserOf(name, handler).write(text).close();
}

function parserOf(name: string, handler: XmlHandler): SaxesParser<{ position: true; xmlns: false }> {
  const parser = new SaxesParser({ position: true, xmlns: false as const });
  let depth = 0;
  let attributes = 0;
  const refuse = (what: string): never => {
    throw new GuardError(`${name}:${parser.line}:${parser.column + 1}: ${what}`);
  };
  parser.on('error', (error) => {
    refuse(`it is not well-formed XML: ${error.message.replace(/^\d+:\d+:\s*/, '').replace(/\.$/, '').slice(0, 120)}.`);
  });
  parser.on('doctype', (doctype) => {
    if (doctype.includes('[')) refuse('it defines a document type of its own, which is not read because it may define entities. Remove the <!DOCTYPE … [ … ]>.');
  });
  parser.on('opentagstart', () => {
    attributes = 0;
    depth += 1;
    if (depth > deepest) refuse(`its elements are nested more than ${deepest} levels deep.`);
  });
  parser.on('attribute', () => {
    attributes += 1;
    if (attributes > mostAttributes) refuse(`an element has more than ${mostAttributes} attributes.`);
  });
  parser.on('opentag', (tag) => {
    handler.open(tag.name, tag.attributes);
  });
  parser.on('closetag', (tag) => {
    depth -= 1;
    handler.close?.(tag.name);
  });
  if (handler.text) {
    const onText = (piece: string): void => handler.text?.(piece);
    parser.on('text', onText);
    parser.on('cdata', onText);
  }
  return parser;
}
