import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { readSignedHead } from '../../core/ledger/signed-head.ts';
import { ledgerTagMessage } from '../../github/messages/ledger-words.ts';
import type { LocalRepository } from './local-repository.ts';
import type { MissionRecord } from './mission-folder.ts';
import { localIdentity } from './wire-local.ts';

export interface LedgerTag {
  readonly repository: Pick<LocalRepository, 'git'>;
  readonly record: Pick<MissionRecord, 'number' | 'out'>;
  /** Head of the trunk. */
  readonly commit: string;
  readonly status: string;
}

/**
 * Leaves the signed head of a completed mission's ledger in the repository, as the annotated tag `missiongate/<number>/<head>`. What it says for
 * people; that there is no tag keeps nothing else from being right. Made twice it is the same tag.
 */
export async function tagLedger({ repository, record, commit, status }: LedgerTag): Promise<readonly string[]> {
  const file = join(record.out, 'heads.jsonl');
  const head = existsSync(file) ? readSignedHead(readFileSync(file, 'utf8')) : null;
  if (head === null) return [];
  const name = `missiongate/${record.number}/${head.head.slice(0, 12)}`;
  const seconds = Math.floor(Date.parse(head.at) / 1000);
  const text = `object ${commit}\ntype commit\ntag ${name}\ntagger ${localIdentity.name} <${localIdentity.email}> ${seconds} +0000\n\n${ledgerTagMessage(head, { number: record.number, status })}\n`;
  const made = await repository.git({ args: ['mktag'], input: text });
  const tagged = made.exitCode === 0 ? await repository.git({ args: ['update-ref', `refs/tags/${name}`, made.stdout.trim()] }) : made;
  return tagged.exitCode === 0 ? [`The signed head of its ledger is in the tag ${name}.`] : [`The ledger is not anchored in a tag: ${tagged.stderr.trim().split('\n')[0] ?? 'git refused'}`];
}
