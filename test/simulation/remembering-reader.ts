import type { DefinitionReader } from '../../src/engine/facts.ts';

/** Definitions are read once per text: ten thousand missions have a dozen texts. */
export function rememberingReader(real: DefinitionReader): DefinitionReader {
  const known = new Map<string, ReturnType<DefinitionReader['readIssue']>>();
  return {
    readIssue(issue, readFile) {
      const key = `${issue.number} ${issue.title} ${issue.body}`;
      const reading = known.get(key) ?? real.readIssue(issue, readFile);
      known.set(key, reading);
      return reading;
    },
    intents: (base, theirs) => real.intents(base, theirs),
  };
}
