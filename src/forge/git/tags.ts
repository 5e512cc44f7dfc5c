import type { BareRepository } from './bare-repository.ts';
import type { Signature } from './commits.ts';

/** An annotated tag: an object of its own, which a ref may name or not. */
export interface Tag {
  readonly tag: string;
  readonly object: string;
  readonly type: string;
  readonly message: string;
  readonly tagger: Signature;
}

/** Writes a tag object; git checks its form and computes its id. */
export async function writeTag(repository: BareRepository, { tag, object, type, message, tagger }: Tag): Promise<string> {
  const text = `object ${object}\ntype ${type}\ntag ${tag}\ntagger ${tagger.name} <${tagger.email}> ${Date.parse(tagger.date) / 1000} +0000\n\n${message}\n`;
  return (await repository.run(['mktag'], { input: text })).trim();
}

/** One tag object, by its full id. */
export async function readTag(repository: BareRepository, sha: string): Promise<Tag> {
  const text = await repository.run(['cat-file', 'tag', sha]);
  const end = text.indexOf('\n\n');
  const fields = new Map(text.slice(0, end).split('\n').map((line) => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)] as const));
  const [, name = '', email = '', seconds = '0'] = /^(.*) <(.*)> (\d+) [+-]\d{4}$/.exec(fields.get('tagger') ?? '') ?? [];
  return {
    tag: fields.get('tag') ?? '',
    object: fields.get('object') ?? '',
    type: fields.get('type') ?? 'commit',
    message: text.slice(end + 2).replace(/\n$/, ''),
    tagger: { name, email, date: `${new Date(Number(seconds) * 1000).toISOString().slice(0, 19)}Z` },
  };
}
