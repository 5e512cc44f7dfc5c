import { readFileSync } from 'node:fs';

import { expect, it } from 'vitest';

import { healKeys } from '../../../src/config/read-heal.ts';
import { healStrategies, rejectionStrategy } from '../../../src/core/gate/healing.ts';
import { mostHealRounds } from '../../../src/core/mission/heal.ts';

const page = readFileSync(new URL('../../../docs/reference/healing.md', import.meta.url), 'utf8');

it('the page about healing shows the table of repairs as it is', () => {
  const table = page.slice(page.indexOf('<!-- strategies -->')).split('\n').filter((line) => line.startsWith('| `'));
  const rows = table.map((line) => line.split('|').map((cell) => cell.trim()));
  expect(rows.map(([, named, , by, told]) => [named, by, told])).toEqual(
    [...healStrategies, rejectionStrategy].map((strategy) => [`\`${strategy.class}\``, strategy.by === 'agent' ? 'an agent' : 'taking files back', strategy.instruction]),
  );
});

it('the page about healing tells every key and the bound', () => {
  for (const key of healKeys) expect(page).toContain(`\`${key}\``);
  expect(page).toContain(`rounds in a row, 1 to ${mostHealRounds}`);
});
