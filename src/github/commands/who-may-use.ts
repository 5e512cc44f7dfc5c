import { accessTo } from '../../core/command/command-spec.ts';
import { roleWords } from '../messages/words.ts';

/** Who may use a slash command, in words. */
export function whoMayUse(command: string): string {
  const { minimum, besides } = accessTo(command);
  const base = minimum === 'none' ? 'everybody' : `${roleWords[minimum]} or more`;
  return besides === null ? base : `${base}; ${besides}`;
}
