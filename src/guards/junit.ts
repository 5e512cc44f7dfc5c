import { GuardError } from './guard-type.ts';
import { inNumbers, counted } from './numbers.ts';
import { placeInText } from './place-in-text.ts';
import { reportGuard } from './report-guard.ts';
import type { Report } from './report-guard.ts';
import { readXmlEvents } from './read-xml-events.ts';
import type { Tally } from './tally.ts';

type Attributes = Readonly<Record<string, string>>;

interface Suite {
  readonly attributes: Attributes;
  /** Failures that were told or shown within it. */
  bad: number;
}

interface Case {
  readonly attributes: Attributes;
  state: 'passed' | 'failed' | 'skipped';
  message: string;
}

/** Characters that are kept of what a failure says. */
const longestText = 4_000;

/** JUnit XML, as most test programs write it on request. */
export const junit = reportGuard({
  name: 'junit',
  summary: 'Reads test results in JUnit XML. Failed tests become findings.',
  noun: 'JUnit report',
  usualPath: 'reports/*.xml',
  metrics: ['tests', 'tests_passed', 'tests_failed', 'tests_skipped'],
  limits: { tests_failed: 0 },
  read: readJunit,
  ran: someRan,
  say: sayTests,
});

/** Some test was not skipped. */
export function someRan(tally: Tally): boolean {
  return tally.count('tests') === 0 || tally.count('tests_passed') + tally.count('tests_failed') > 0;
}

export function sayTests(tally: Tally): string {
  const failed = tally.count('tests_failed');
  const skipped = tally.count('tests_skipped');
  return `${counted(tally.count('tests'), 'test')}, ${failed === 0 ? 'none' : inNumbers(failed)} failed${skipped === 0 ? '' : `, ${inNumbers(skipped)} skipped`}`;
}

/**
 * Counts the cases themselves: the sums that suites write are often wrong, and nest. Only where a suite tells of failures and
 * nothing within it shows one (it broke before its first case) its sum is believed.
 */
async function readJunit(report: Report, tally: Tally): Promise<void> {
  const suites: Suite[] = [];
  let root: string | null = null;
  let open: Case | null = null;
  let collecting = false;
  const before = tally.count('tests');
  await readXmlEvents(report.name, report.text, {
    open(written, attributes) {
      const name = withoutPrefix(written);
      root ??= name;
      if (name === 'testsuite' || name === 'testsuites') {
        suites.push({ attributes, bad: 0 });
      } else if (name === 'testcase') {
        open = { attributes, state: stateIn(attributes), message: '' };
      } else if (name === 'failure' || name === 'error') {
        collecting = true;
        if (open) {
          open.state = 'failed';
          open.message = `${open.message}${attributes['message'] ?? ''}\n`;
        } else {
          const suite = suites.at(-1);
          if (suite) suite.bad += 1;
          fail(tally, { attributes: suite?.attributes ?? {}, state: 'failed', message: attributes['message'] ?? '' }, suite?.attributes ?? {});
        }
      } else if (open && name === 'skipped' && couldNotRun(open.attributes, attributes)) {
        open.state = 'failed';
        open.message = `not run: ${attributes['message'] ?? ''}\n`;
      } else if (open && open.state !== 'failed' && (name === 'skipped' || isSkipProperty(name, attributes))) open.state = 'skipped';
    },
    text(piece) {
      if (collecting && open && open.message.length < longestText) open.message = `${open.message}${piece}`.slice(0, longestText);
    },
    close(written) {
      const name = withoutPrefix(written);
      if (name === 'failure' || name === 'error') collecting = false;
      else if (name === 'testcase' && open) {
        endCase(tally, open, suites.at(-1));
        open = null;
      } else if (name === 'testsuite' || name === 'testsuites') {
        const suite = suites.pop();
        if (suite && suite.bad === 0) believeSums(tally, suite);
        const parent = suites.at(-1);
        if (suite && parent) parent.bad += suite.bad;
      }
    },
  });
  if (root !== 'testsuites' && root !== 'testsuite') throw new GuardError(`${report.name} is no JUnit report: it begins with <${String(root).slice(0, 60)}>, not with <testsuites> or <testsuite>.`);
  if (tally.count('tests') === before) throw new GuardError(`${report.name} holds no test case: nothing ran.`);
}

function withoutPrefix(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}

/** Some programs put the state into an attribute as well (`status="notrun"`, GoogleTest), and some nowhere else. */
function stateIn({ status = '', result = '' }: Attributes): Case['state'] {
  if (/^(notrun|disabled|ignored|skipped)$/i.test(status)) return 'skipped';
  return [status, result].some((word) => /^(fail|failed|failure|error|errored|broken)$/i.test(word)) ? 'failed' : 'passed';
}

/** CTest writes tests whose program is missing as skipped, and counts them as failed; those that were meant to be skipped say by what. */
function couldNotRun({ status }: Attributes, { message = '' }: Attributes): boolean {
  return status === 'notrun' && message !== '' && !message.startsWith('SKIP_');
}

/** Tap tells it so. */
function isSkipProperty(name: string, attributes: Attributes): boolean {
  return name === 'property' && (attributes['name'] === 'skip' || attributes['name'] === 'todo') && attributes['value'] !== 'false';
}

function endCase(tally: Tally, one: Case, suite: Suite | undefined): void {
  if (one.state === 'failed') {
    if (suite) suite.bad += 1;
    fail(tally, one, suite?.attributes ?? {});
    return;
  }
  tally.add('tests');
  tally.add(one.state === 'skipped' ? 'tests_skipped' : 'tests_passed');
}

function fail(tally: Tally, one: Case, suite: Attributes): void {
  tally.add('tests');
  tally.add('tests_failed');
  const text = one.message.trim();
  // Linters that write JUnit name the suite after the file.
  const named = suite['name'] !== undefined && tally.paths.has(suite['name']) ? suite['name'] : null;
  const path = tally.paths.find(one.attributes['file'] ?? one.attributes['filepath'] ?? suite['file'] ?? suite['filepath'] ?? named);
  const line = Number(one.attributes['line'] ?? (named === null ? undefined : /\bline (\d{1,8})\b/.exec(text.slice(0, 1_000))?.[1]) ?? Number.NaN);
  const place = path !== null && Number.isInteger(line) && line > 0 ? { path, line } : placeInText(text, tally.paths, path);
  tally.findings.add({ rule: nameOf(one.attributes), level: 'error', message: text === '' ? 'failed' : text, path: place.path, line: place.line });
}

function believeSums(tally: Tally, suite: Suite): void {
  const told = ['failures', 'errors'].reduce((sum, name) => sum + (Number.parseInt(suite.attributes[name] ?? '0', 10) || 0), 0);
  if (told <= 0) return;
  suite.bad = told;
  const failed = Math.min(told, 1_000_000);
  tally.add('tests', failed);
  tally.add('tests_failed', failed);
  tally.findings.add({ rule: suite.attributes['name'] ?? 'suite', level: 'error', message: `The suite tells of ${counted(failed, 'failure')} and shows none.`, path: tally.paths.find(suite.attributes['file'] ?? null), line: null });
}

function nameOf(attributes: Attributes): string {
  const { classname, name } = attributes;
  const parts = [classname, name].filter((part): part is string => part !== undefined && part !== '');
  // Many programs repeat the class in the name.
  return (classname !== undefined && name !== undefined && name.startsWith(classname) ? name : parts.join(' › ')) || '(without a name)';
}
