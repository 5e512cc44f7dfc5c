import { XMLParser, XMLValidator } from 'fast-xml-parser';

import type { JsonObject } from '../kit/json.ts';
import { StepError } from './step-type.ts';

const deepest = 100;

const parser = new XMLParser({
  ignoreAttributes: false, attributeNamePrefix: '@', textNodeName: '#text', ignoreDeclaration: true, ignorePiTags: true,
  // Values stay the text that is written: "007" is no number.
  parseTagValue: false, parseAttributeValue: false, trimValues: true, maxNestedTags: deepest,
});

/**
 * XML as JSON: attributes as `@name`, text beside other things as `#text`, repeated elements as lists. A document type is refused,
 * and with it every entity but the five of XML itself and numbers.
 */
export function readXml(name: string, content: string): JsonObject {
  if (/<!(?:DOCTYPE|ENTITY|ELEMENT|ATTLIST|NOTATION)/i.test(content)) throw new StepError('input', `${name} has a document type (<!DOCTYPE …>), which is not read because it may define entities. Remove it.`);
  const valid = XMLValidator.validate(content);
  if (valid !== true) throw new StepError('input', `${name}:${valid.err.line}:${valid.err.col}: it is not well-formed XML: ${valid.err.msg.slice(0, 200)}`);
  try {
    return parser.parse(content) as JsonObject;
  } catch (error) {
    throw new StepError('input', `${name} cannot be read as XML: ${error instanceof Error ? error.message.slice(0, 200) : 'it is malformed'}.`);
  }
}
