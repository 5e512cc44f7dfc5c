import { closed } from '../steps/schema-parts.ts';
import type { GuardType } from './guard-type.ts';
import { counted } from './numbers.ts';

/** What every gate measures anyway; written down, it says that a rubric relies on it. */
export const diff: GuardType = {
  name: 'diff',
  summary: 'What changed since the trunk’s base. Every gate measures it, with or without this guard.',
  metrics: ['files_changed', 'lines_added', 'lines_deleted'],
  limits: {},
  parameters: closed({}),
  examples: [{}],
  needsFiles: false,
  async examine({ changes }) {
    return {
      passed: true,
      summary: changes.files.length === 0 ? 'the trunk holds no change' : `${counted(changes.files.length, 'file')}, +${changes.additions} −${changes.deletions}`,
      metrics: { files_changed: changes.files.length, lines_added: changes.additions, lines_deleted: changes.deletions },
      findings: null,
      artifacts: [],
    };
  },
};
