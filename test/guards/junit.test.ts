import { describe, expect, it } from 'vitest';

import { examineWith } from './support/guard-world.ts';

const suite = (cases: string, attributes = '') => `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites><testsuite name="s" ${attributes}>${cases}</testsuite></testsuites>`;
const read = (text: string | number, files: Readonly<Record<string, string>> = {}) => examineWith('junit', { path: 'reports/*.xml' }, { files: { ...files, 'reports/junit.xml': text } });

describe('a JUnit report', () => {
  it('is counted case by case, whatever its sums say', async () => {
    const outcome = await read(suite('<testcase name="a"/><testcase name="b"><failure message="no"/></testcase><testcase name="c"><skipped/></testcase><testcase name="d"><error/></testcase>', 'tests="99" failures="0"'));
    expect(outcome).toMatchObject({ passed: true, metrics: { tests: 4, tests_passed: 1, tests_failed: 2, tests_skipped: 1 }, summary: '4 tests, 2 failed, 1 skipped (reports/junit.xml)' });
  });

  it('names failed tests with what they said and the line of the repository', async () => {
    const outcome = await read(
      suite('<testcase classname="math" name="adds"><failure message="expected 2 to be 3">AssertionError: expected 2 to be 3\n    at run (file:///home/ci/work/app/node_modules/vitest/x.js:1:1)\n    at /home/ci/work/app/test/math.test.ts:12:7</failure></testcase>'),
      { 'test/math.test.ts': '' },
    );
    expect(outcome.findings?.kept()).toEqual([
      { rule: 'math › adds', level: 'error', message: expect.stringContaining('expected 2 to be 3'), path: 'test/math.test.ts', line: 12 },
    ]);
  });

  it('that is missing fails its guard, unless the definition allows it', async () => {
    const missing = await examineWith('junit', { path: 'reports/*.xml' });
    expect(missing).toMatchObject({ passed: false, metrics: {}, summary: expect.stringContaining('No JUnit report at "reports/*.xml"') });
    expect(await examineWith('junit', { path: 'reports/*.xml', 'allow-missing': true })).toMatchObject({ passed: true, metrics: { tests: 0, tests_failed: 0 } });
  });

  it.each([
    ['', 'reports/junit.xml is empty: nothing ran, or it did not finish.'],
    ['<testsuites/>', 'reports/junit.xml holds no test case: nothing ran.'],
    ['<html/>', 'reports/junit.xml is no JUnit report: it begins with <html>, not with <testsuites> or <testsuite>.'],
    ['<testsuite>\n<testcase name="a">', 'reports/junit.xml:2:20: it is not well-formed XML: unclosed tag: testcase.'],
    ['<!DOCTYPE x [<!ENTITY a "b">]><testsuite/>', 'reports/junit.xml:1:31: it defines a document type of its own, which is not read because it may define entities. Remove the <!DOCTYPE … [ … ]>.'],
    ['<testsuite><testcase name="&bomb;"/></testsuite>', 'reports/junit.xml:1:34: it is not well-formed XML: undefined entity.'],
    [200 * 1024 * 1024, 'reports/junit.xml has 209,715,200 bytes; a JUnit report is read up to 67,108,864. Split it.'],
  ])('that says nothing fails also when a missing one is allowed: %s', async (text, reason) => {
    const outcome = await examineWith('junit', { path: 'reports/junit.xml', 'allow-missing': true }, { files: { 'reports/junit.xml': text } });
    expect(outcome).toMatchObject({ passed: false, summary: reason });
  });

  it('of a suite that broke before its first test counts the failures it tells of', async () => {
    expect(await read('<testsuite name="setup" tests="0" errors="2"></testsuite>')).toMatchObject({ metrics: { tests: 2, tests_failed: 2 } });
  });

  it.each([
    ['a state that stands in an attribute alone', '<testsuite><testcase name="a" status="failed"/><testcase name="b" result="failure"/><testcase name="c" status="passed"/></testsuite>', [3, 2]],
    ['a state that stands in an attribute as well', '<testsuite failures="1"><testcase name="a" status="failed"><failure/></testcase></testsuite>', [1, 1]],
    ['failures that only the outermost sum tells of', '<testsuites failures="3"><testsuite tests="1"><testcase name="a"/></testsuite></testsuites>', [4, 3]],
    ['failures that sums tell of on two levels', '<testsuites errors="2"><testsuite errors="2"/><testsuite><testcase name="a"/></testsuite></testsuites>', [3, 2]],
    ['names with a prefix', '<j:testsuite xmlns:j="urn:j"><j:testcase name="a"><j:failure/></j:testcase></j:testsuite>', [1, 1]],
  ])('counts %s', async (_, text, [tests, failed]) => {
    expect(await read(text)).toMatchObject({ metrics: { tests, tests_failed: failed } });
  });

  it('of tests that were all skipped tells of nothing that ran', async () => {
    expect(await read(suite('<testcase name="a"><skipped/></testcase><testcase name="b" status="notrun"/>'))).toMatchObject({ passed: false, summary: 'Nothing ran: 2 tests, none failed, 2 skipped (reports/junit.xml).', metrics: { tests: 2, tests_passed: 0 } });
    expect(await examineWith('tap', { path: 'r.tap' }, { files: { 'r.tap': '1..1\nok 1 # SKIP no database\n' } })).toMatchObject({ passed: false, summary: 'Nothing ran: 1 test, none failed, 1 skipped (r.tap).' });
    const files = { 'reports/a.xml': suite('<testcase name="a"><skipped/></testcase>'), 'reports/b.xml': suite('<testcase name="b"/>') };
    expect(await examineWith('junit', { path: 'reports/*.xml' }, { files })).toMatchObject({ passed: true, metrics: { tests: 2, tests_skipped: 1 } });
  });

  it('that a task kept as evidence counts, and says so; a file of the trunk comes first', async () => {
    const kept = [{ name: 'reports/junit.xml', task: 'check', text: suite('<testcase name="a"/>') }];
    expect(await examineWith('junit', { path: 'reports/*.xml' }, { kept })).toMatchObject({ passed: true, summary: '1 test, none failed (reports/junit.xml, kept by check)' });
    expect(await examineWith('junit', { path: 'reports/*.xml' }, { kept, files: { 'reports/junit.xml': suite('<testcase name="a"/><testcase name="b"/>') } })).toMatchObject({ metrics: { tests: 2 }, summary: '2 tests, none failed (reports/junit.xml)' });
  });

  it('that is committed and that nobody wrote for this gate says so', async () => {
    const files = { 'reports/a.xml': suite('<testcase name="a"/>'), 'reports/b.xml': suite('<testcase name="b"/>') };
    expect(await examineWith('junit', { path: 'reports/*.xml' }, { files, committed: ['reports/a.xml'] })).toMatchObject({ passed: true, summary: '2 tests, none failed (2 reports, 1 of them committed, not written by a guard)' });
    expect(await examineWith('junit', { path: 'reports/a.xml' }, { files, committed: ['reports/a.xml'] })).toMatchObject({ summary: '1 test, none failed (reports/a.xml, committed, not written by a guard)' });
  });
});
