import { isJsonObject } from '../kit/json.ts';
import type { Json, JsonObject } from '../kit/json.ts';
import { readCycloneDxXml, readShortCycloneDxXml } from './cyclonedx-xml.ts';
import { GuardError } from './guard-type.ts';
import { listOf, numberOf, objectOf, textOf } from './loose-json.ts';
import { linesOf } from './lines.ts';
import { readJson } from './read-json.ts';
import type { Report } from './report-guard.ts';
import type { Severity } from './severity.ts';
import { severityOfScore, severityOfWord } from './severity.ts';

export interface Component {
  readonly name: string;
  readonly version: string | null;
  /** SPDX expression, or what stands in its place; null when nothing is known. */
  readonly license: string | null;
}

export interface Sbom {
  readonly format: 'CycloneDX' | 'SPDX';
  readonly components: readonly Component[];
  readonly vulnerabilities: readonly { readonly id: string; readonly severity: Severity | null; readonly message: string }[];
}

/** A software bill of materials: CycloneDX as JSON or XML, SPDX 2 as JSON or tag-value, SPDX 3 as JSON-LD. Throws `GuardError`. */
export async function readSbom(report: Report): Promise<Sbom> {
  return isXml(report) ? cycloneDx(await readCycloneDxXml(report)) : readOtherSbom(report);
}

/** The same at once, for a short text, as kept artifacts are. */
export function readShortSbom(report: Report): Sbom {
  return isXml(report) ? cycloneDx(readShortCycloneDxXml(report)) : readOtherSbom(report);
}

function isXml({ text }: Report): boolean {
  return /^\s*</.test(text);
}

function readOtherSbom(report: Report): Sbom {
  if (/^\s*(?:#.*\s*)*SPDXVersion:/.test(report.text.slice(0, 10_000))) return readTagValue(report);
  const content = readJson(report.name, report.text);
  const document = objectOf(content);
  const sbom = document['bomFormat'] === 'CycloneDX' ? cycloneDx(document) : typeof document['spdxVersion'] === 'string' ? spdx2(document) : Array.isArray(document['@graph']) ? spdx3(listOf(document['@graph'])) : null;
  if (sbom === null) throw new GuardError(`${report.name} is no bill of materials: it has neither "bomFormat": "CycloneDX" nor "spdxVersion" nor "@graph".`);
  return sbom;
}

function cycloneDx(document: JsonObject): Sbom {
  const components: Component[] = [];
  const open: Json[] = [...listOf(document['components'])].toReversed();
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (!isJsonObject(next)) continue;
    open.push(...listOf(next['components']).toReversed());
    const group = textOf(next['group']);
    const name = textOf(next['name']) ?? '(without a name)';
    components.push({ name: group === null ? name : `${group}/${name}`, version: textOf(next['version']), license: cycloneDxLicense(listOf(next['licenses'])) });
  }
  return { format: 'CycloneDX', components, vulnerabilities: listOf(document['vulnerabilities']).map(cycloneDxVulnerability) };
}

/** Several licences hold together, unless an expression says how. */
function cycloneDxLicense(licenses: readonly Json[]): string | null {
  const found = licenses.flatMap((one) => {
    const license = objectOf(objectOf(one)['license']);
    return textOf(objectOf(one)['expression']) ?? textOf(license['id']) ?? textOf(license['name']) ?? [];
  });
  return found.length === 0 ? null : found.length === 1 ? (found[0] ?? null) : found.map((one) => (/ (?:OR|WITH) /.test(one) ? `(${one})` : one)).join(' AND ');
}

function cycloneDxVulnerability(value: Json): Sbom['vulnerabilities'][number] {
  const one = objectOf(value);
  const ratings = listOf(one['ratings']).map(objectOf);
  const words = ratings.map((rating) => severityOfWord(textOf(rating['severity'])) ?? severityOfScore(numberOf(rating['score'])));
  const order: readonly (Severity | null)[] = ['critical', 'high', 'medium', 'low', null];
  const severity = order.find((word) => words.includes(word)) ?? null;
  return { id: textOf(one['id']) ?? '(without an id)', severity, message: textOf(one['description']) ?? textOf(one['detail']) ?? 'known vulnerability' };
}

function spdx2(document: JsonObject): Sbom {
  const described = new Set(listOf(document['documentDescribes']).filter((one) => typeof one === 'string'));
  for (const relation of listOf(document['relationships']).map(objectOf)) if (relation['relationshipType'] === 'DESCRIBES' && typeof relation['relatedSpdxElement'] === 'string') described.add(relation['relatedSpdxElement']);
  const packages = listOf(document['packages']).map(objectOf);
  // What the document describes is the product itself, not one of its parts.
  const parts = packages.filter((one) => !(typeof one['SPDXID'] === 'string' && described.has(one['SPDXID'])));
  return {
    format: 'SPDX',
    components: parts.map((one) => ({ name: textOf(one['name']) ?? '(without a name)', version: textOf(one['versionInfo']), license: spdxLicense(textOf(one['licenseConcluded'])) ?? spdxLicense(textOf(one['licenseDeclared'])) })),
    vulnerabilities: [],
  };
}

function spdxLicense(text: string | null): string | null {
  return text === null || text === 'NOASSERTION' || text === 'NONE' ? null : text;
}

/** SPDX 3: licences are elements of their own that relationships lead to. */
function spdx3(graph: readonly Json[]): Sbom {
  const elements = graph.map(objectOf);
  const expressions = new Map(elements.flatMap((one) => (textOf(one['simplelicensing_licenseExpression']) === null ? [] : [[textOf(one['spdxId']) ?? '', textOf(one['simplelicensing_licenseExpression'])] as const])));
  const licenses = new Map<string, string>();
  for (const kind of ['hasDeclaredLicense', 'hasConcludedLicense']) {
    for (const one of elements) {
      const to = listOf(one['to']).map((id) => (typeof id === 'string' ? (expressions.get(id) ?? null) : null)).find((text) => text !== null);
      if (one['relationshipType'] === kind && typeof one['from'] === 'string' && to !== undefined && to !== null) licenses.set(one['from'], to);
    }
  }
  const roots = new Set(elements.flatMap((one) => listOf(one['rootElement'])));
  const packages = elements.filter((one) => one['type'] === 'software_Package' && !roots.has(textOf(one['spdxId']) ?? ''));
  return { format: 'SPDX', components: packages.map((one) => ({ name: textOf(one['name']) ?? '(without a name)', version: textOf(one['software_packageVersion']), license: spdxLicense(licenses.get(textOf(one['spdxId']) ?? '') ?? null) })), vulnerabilities: [] };
}

/** SPDX 2 as `Tag: value` lines. */
function readTagValue(report: Report): Sbom {
  const packages: { name: string; version: string | null; concluded: string | null; declared: string | null; id: string | null }[] = [];
  const described = new Set<string>();
  for (const line of linesOf(report.text)) {
    const colon = line.indexOf(':');
    const tag = line.slice(0, Math.max(0, colon));
    const value = line.slice(colon + 1).trim();
    const last = packages.at(-1);
    if (tag === 'PackageName') packages.push({ name: value, version: null, concluded: null, declared: null, id: null });
    else if (tag === 'Relationship') {
      const [, id] = /^SPDXRef-DOCUMENT\s+DESCRIBES\s+(\S+)$/.exec(value) ?? [];
      if (id !== undefined) described.add(id);
    } else if (last && tag === 'PackageVersion') last.version = value;
    else if (last && tag === 'SPDXID') last.id ??= value;
    else if (last && tag === 'PackageLicenseConcluded') last.concluded = spdxLicense(value);
    else if (last && tag === 'PackageLicenseDeclared') last.declared = spdxLicense(value);
  }
  if (packages.length === 0 && /^FileName:/m.test(report.text)) throw new GuardError(`${report.name} lists files and no package: the licences of files are not compared. Have a tool write a bill of materials of the dependencies.`);
  return { format: 'SPDX', components: packages.filter(({ id }) => id === null || !described.has(id)).map(({ name, version, concluded, declared }) => ({ name, version, license: concluded ?? declared })), vulnerabilities: [] };
}
