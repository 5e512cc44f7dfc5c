import type { Mission } from '../mission/state.ts';
import type { DocumentKind, DocumentRef } from './dossier.ts';

/** By what a document's name gives away what it is; the first that fits counts. */
const kinds: readonly (readonly [DocumentKind, RegExp])[] = [
  ['rollback', /roll-?back|runbook/i],
  ['deployment', /deploy|canary|roll-?out|helm|kustom/i],
  ['release-notes', /release-?notes|changelog/i],
  ['api', /openapi|swagger|asyncapi|(?:^|[^a-z])api(?:[^a-z]|$)/i],
  ['requirements', /(?:^|[^a-z])prd(?:[^a-z]|$)|requirements|specification|(?:^|[^a-z])spec\.(?:md|json|ya?ml)$/i],
  ['performance', /lighthouse|performance|load-?test|benchmark|(?:^|[^a-z])k6(?:[^a-z]|$)/i],
  ['accessibility', /accessib|a11y|wcag|(?:^|[^a-z])axe(?:[^a-z]|$)/i],
];

/** What a tool says or changes is no document. */
const noDocument = /\.(?:diff|log)$|output|transcript|prompt/i;
const excerptLength = 1_200;

/** The documents among the artifacts of the tasks' last attempts, in the order of the plan. */
export function documentsOf(mission: Mission, artifact: (digest: string) => string | null): readonly DocumentRef[] {
  return [...mission.index.tasks.keys()].flatMap((task) =>
    (mission.tasks.get(task)?.evidence?.artifacts ?? []).flatMap(({ name, mediaType, digest, bytes }): readonly DocumentRef[] => {
      const kind = noDocument.test(name) ? undefined : kinds.find(([, pattern]) => pattern.test(name))?.[0];
      if (kind === undefined) return [];
      return [{ kind, name, task, mediaType, digest, bytes, excerpt: excerptOf(artifact(digest)) }];
    }),
  );
}

function excerptOf(text: string | null): string | null {
  if (text === null) return null;
  const cut = text.slice(0, excerptLength).toWellFormed();
  return text.length > excerptLength ? `${cut} …` : cut;
}
