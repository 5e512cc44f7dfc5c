import { readFileSync } from 'node:fs';

import { describe, expect, test } from 'vitest';

import { readMissionFile } from '../../src/config/read-mission-file.ts';
import { readMissionIssue } from '../../src/config/read-mission-issue.ts';
import { someStepTypes } from './step-types.ts';

/** The fenced blocks of a page with the given opening. */
function blocks(page: string, opening: string): string[] {
  const text = readFileSync(new URL(`../../docs/${page}`, import.meta.url), 'utf8');
  const fence = /^`+/.exec(opening)?.[0] ?? '```';
  return text
    .split(`\n${opening}\n`)
    .slice(1)
    .map((part) => part.slice(0, part.indexOf(`\n${fence}\n`)));
}

describe('the examples in the documentation', () => {
  test('the mission file is valid', () => {
    const [text = ''] = blocks('reference/mission-file.md', '```yaml');
    expect(readMissionFile({ file: 'm.yml', text }, { stepTypes: someStepTypes })).toMatchObject({ ok: true });
  });

  test.each([
    ['a checklist', '```markdown', 'checklist'],
    ['YAML in an issue', '````markdown', 'inline'],
  ])('%s is valid', (_, opening, kind) => {
    const [body = ''] = blocks('use/write-a-mission.md', opening);
    expect(readMissionIssue({ file: 'issue', title: 'Example', body }, { stepTypes: someStepTypes })).toMatchObject({ ok: true, value: { kind } });
  });
});
