import { isJsonObject } from '../kit/json.ts';
import type { Json, JsonObject } from '../kit/json.ts';
import { GuardError } from './guard-type.ts';
import { linesOf } from './lines.ts';
import { listOf, numberOf, objectOf, textOf } from './loose-json.ts';
import { readJson } from './read-json.ts';

/** A known vulnerability, as a package manager tells of it. */
export interface Advisory {
  /** Equal for the same advisory. */
  readonly key: string;
  readonly id: string;
  readonly severity: string | null;
  readonly message: string;
}

/** What a report tells: its advisories, and how many vulnerable packages it says there are; null where it says no number. */
export interface Audit {
  readonly found: readonly Advisory[];
  readonly told: number | null;
}

/** The audits of npm, pnpm, Yarn and Bun, each in its own form. Throws `GuardError` for anything else, and where a package manager says that it could not audit. */
export function readAudit(name: string, text: string): Audit {
  if (/^\s*\{\s*"(?:type|value)"\s*:/.test(text.slice(0, 1_000))) return auditOfLines(name, text);
  const read = readJson(name, text);
  const content = objectOf(read);
  const trouble = content['error'];
  if (trouble !== undefined) throw new GuardError(`${name}: npm could not audit${isJsonObject(trouble) ? `: ${(textOf(trouble['summary']) ?? textOf(trouble['code']) ?? 'it says no more').slice(0, 200)}` : ''}.`);
  const { vulnerabilities, advisories } = content;
  const counts = objectOf(objectOf(content['metadata'])['vulnerabilities']);
  if (isJsonObject(vulnerabilities)) return { found: Object.entries(vulnerabilities).flatMap(([one, value]) => viaOf(one, objectOf(value))), told: sumOf(counts) ?? Object.keys(vulnerabilities).length };
  if (isJsonObject(advisories)) return { found: Object.entries(advisories).map(([id, one]) => olderAdvisory(id, objectOf(one))), told: sumOf(counts) };
  // What the registry answered with, when it knows no audits.
  const answer = textOf(content['message']);
  if (answer !== null) throw new GuardError(`${name}: npm could not audit: ${answer.slice(0, 200)}.`);
  if (isJsonObject(read) && Object.values(read).every(isListOfAdvisories)) return { found: Object.entries(read).flatMap(([one, list]) => listOf(list).map((advisory) => plainAdvisory(one, objectOf(advisory)))), told: null };
  throw new GuardError(`${name} is no audit of npm, pnpm, Yarn or Bun: it has neither "vulnerabilities" nor "advisories", nor lists of advisories by package.`);
}

/** `metadata.vulnerabilities`: its total, or what its counts add up to. */
function sumOf(counts: JsonObject): number | null {
  const numbers = Object.values(counts).map(numberOf).filter((one) => one !== null);
  return numberOf(counts['total']) ?? (numbers.length === 0 ? null : numbers.reduce((sum, one) => sum + one, 0));
}

/** Yarn writes a line for each advisory: Yarn 1 with a summary at the end, later ones without. */
function auditOfLines(name: string, text: string): Audit {
  const found: Advisory[] = [];
  let told: number | null = null;
  let number = 0;
  let isOlder = false;
  for (const line of linesOf(text)) {
    number += 1;
    if (line.trim() === '') continue;
    const entry = objectOf(readJson(`${name}:${number}`, line));
    const data = objectOf(entry['data']);
    switch (entry['type']) {
      case 'auditAdvisory': {
        const advisory = objectOf(data['advisory']);
        found.push(olderAdvisory(String(numberOf(advisory['id']) ?? number), advisory));
        break;
      }
      case 'auditSummary':
        told = sumOf(objectOf(data['vulnerabilities']));
        break;
      case 'error':
        throw new GuardError(`${name}: Yarn could not audit: ${(textOf(entry['data']) ?? 'it says no more').split('\n', 1)[0]?.slice(0, 200)}.`);
      case undefined:
        found.push(yarnAdvisory(name, number, entry));
        continue;
      default:
    }
    isOlder = true;
  }
  if (isOlder && told === null) throw new GuardError(`${name} ends without the summary that Yarn writes last: it did not finish.`);
  return { found, told };
}

/** `via` holds advisories, and names of packages through which it comes. */
function viaOf(name: string, one: JsonObject): readonly Advisory[] {
  return listOf(one['via']).flatMap((via) => {
    if (!isJsonObject(via)) return [];
    const url = textOf(via['url']);
    const source = numberOf(via['source']);
    const title = textOf(via['title']) ?? 'known vulnerability';
    return [{ key: url ?? String(source ?? `${name} ${title}`), id: idOf(url) ?? String(source ?? name), severity: textOf(via['severity']) ?? textOf(one['severity']), message: said(textOf(via['name']) ?? name, textOf(via['range']), title) }];
  });
}

/** npm 6, pnpm, Yarn 1. */
function olderAdvisory(id: string, one: JsonObject): Advisory {
  const [cve] = listOf(one['cves']);
  return {
    key: id,
    id: typeof cve === 'string' ? cve : (textOf(one['github_advisory_id']) ?? idOf(textOf(one['url'])) ?? id),
    severity: textOf(one['severity']),
    message: said(textOf(one['module_name']) ?? 'package', textOf(one['vulnerable_versions']), textOf(one['title'])),
  };
}

/** Yarn 2 and later. */
function yarnAdvisory(name: string, line: number, entry: JsonObject): Advisory {
  const { children } = entry;
  if (!isJsonObject(children) || textOf(children['Severity']) === null) throw new GuardError(`${name}:${line}: this is no advisory of Yarn: it has no "children" with a "Severity".`);
  const url = textOf(children['URL']);
  const key = url ?? String(numberOf(children['ID']) ?? `${line}`);
  return { key, id: idOf(url) ?? key, severity: textOf(children['Severity']), message: said(textOf(entry['value']) ?? 'package', textOf(children['Vulnerable Versions']), textOf(children['Issue'])) };
}

/** Bun: lists of advisories by package, as the registry answers. */
function plainAdvisory(name: string, one: JsonObject): Advisory {
  const url = textOf(one['url']);
  const key = url ?? String(numberOf(one['id']) ?? `${name} ${textOf(one['title']) ?? ''}`);
  return { key, id: idOf(url) ?? key, severity: textOf(one['severity']), message: said(name, textOf(one['vulnerable_versions']), textOf(one['title'])) };
}

function isListOfAdvisories(value: Json | undefined): boolean {
  return Array.isArray(value) && value.length > 0 && listOf(value).every((one) => textOf(objectOf(one)['severity']) !== null);
}

function said(name: string, range: string | null, title: string | null): string {
  return `${`${name} ${range ?? ''}`.trim()}: ${title ?? 'known vulnerability'}`;
}

/** GHSA id in the address of an advisory. */
function idOf(url: string | null): string | null {
  return url === null ? null : (/GHSA(?:-[a-z0-9]{4}){3}/i.exec(url.slice(0, 500))?.[0] ?? null);
}
