import type { DefinitionReader } from '../../src/engine/facts.ts';

type Read = Awaited<ReturnType<DefinitionReader['readIssue']>>;

/** Definitions are read once per text: ten thousand missions have a few dozen texts. Files are fetched each time, as they would be. */
export function rememberingReader(real: DefinitionReader): DefinitionReader {
  const known = new Map<string, { readonly files: readonly (readonly [path: string, text: string | null])[]; readonly read: Read }>();
  return {
    async readIssue(issue, readFile) {
      const key = `${issue.number} ${issue.title} ${issue.body}`;
      const remembered = known.get(key);
      const fetched: [string, string | null][] = [];
      const fetch = async (path: string): Promise<string | null> => {
        const text = await readFile(path);
        fetched.push([path, text]);
        return text;
      };
      if (remembered !== undefined) {
        for (const [path, text] of remembered.files) if ((await fetch(path)) !== text) return real.readIssue(issue, readFile);
        return remembered.read;
      }
      const read = await real.readIssue(issue, fetch);
      known.set(key, { files: fetched, read });
      return read;
    },
    intents: (base, theirs) => real.intents(base, theirs),
    readPolicy: (text) => real.readPolicy(text),
  };
}
