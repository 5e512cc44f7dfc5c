import { describe, expect, it } from 'vitest';

import { readMissionFile } from '../../src/config/read-mission-file.ts';
import { someStepTypes } from './step-types.ts';

function gateOf(heal: string) {
  const text = `version: 1\nname: m\nphases:\n  - id: p\n    tasks: [{ id: t, uses: noop }]\n    gate:\n      heal: ${heal}\n`;
  const read = readMissionFile({ file: 'm.yml', text }, { stepTypes: someStepTypes, readFile: () => null });
  return read.ok ? read.value.phases[0]?.gate?.heal : read.error.map(({ line, column, message }) => `${line}:${column} ${message}`);
}

describe('heal of a gate', () => {
  it.each([
    ['true', { maxRounds: 5 }],
    ['false', undefined],
    ['{}', { maxRounds: 5 }],
    ['{ max-rounds: 2, agent: coder, on-rejection: true }', { maxRounds: 2, agent: 'coder', onRejection: true }],
    ['{ on-rejection: false }', { maxRounds: 5 }],
    ['{ strategies: { lint: { uses: command, with: { run: [npm, run, fix] } }, scope: none } }', { maxRounds: 5, strategies: { lint: { uses: 'command', with: { run: ['npm', 'run', 'fix'] } }, scope: null } }],
    ['{ strategies: { tests: { uses: agent } } }', { maxRounds: 5, strategies: { tests: { uses: 'agent', with: {} } } }],
  ])('%s is understood', (heal, expected) => {
    expect(gateOf(heal)).toEqual(expected);
  });

  it.each([
    ['6', /^7:13 heal is .*must be a mapping with the keys max-rounds, agent, on-rejection, strategies/],
    ['{ max-rounds: 6 }', /^7:27 max-rounds is 6; it must be from 1 to 5\./],
    ['{ max-round: 1 }', /^7:15 heal has no key "max-round"\. Did you mean "max-rounds"\?/],
    ['{ strategies: { test: none } }', /^7:29 strategies has no key "test"\. Did you mean "tests"\?/],
    ['{ strategies: { tests: later } }', /^7:36 A step that repairs is "later"; it must be a mapping with the keys uses, with\./],
    ['{ strategies: { tests: { uses: comand } } }', /^7:44 There is no step type "comand"\. Did you mean "command"\?/],
    ['{ strategies: { tests: { uses: command, with: { run: 1 } } } }', /command needs `run`/],
    ['{ strategies: { tests: { uses: noop, with: { x: "${{ inputs.y }}" } } } }', /A repair takes no templates/],
    ['{ strategies: { tests: { uses: "mission:./other.yml" } } }', /A repair is one step, not a mission/],
  ])('%s is refused where it stands', (heal, message) => {
    const said = gateOf(heal);
    expect(Array.isArray(said) ? said.join('\n') : said).toMatch(message);
  });
});
