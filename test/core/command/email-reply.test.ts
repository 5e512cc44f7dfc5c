import { describe, expect, test } from 'vitest';

import { parseCommands } from '../../../src/core/command/parse-commands.ts';

const names = (text: string) => parseCommands(text).commands.map(({ name }) => name);

const header = ['From: Missiongate <notifications@github.com>', 'Sent: Monday, 14 September 2026 09:12', 'To: octo/shop <shop@noreply.github.com>', 'Subject: Re: [octo/shop] Add slugs (Issue #7)'];

describe('a reply by e-mail', () => {
  test.each([
    ['quoted below', '/approve-gate build\n\nOn Mon, Sep 14, 2026 at 9:12 AM Missiongate wrote:\n> comment /approve-gate\n> /reject-gate build no\n> \n'],
    ['quoted without an empty line', '/approve-gate build\nOn Mon, Sep 14, 2026 Missiongate wrote:\n> /cancel\n/cancel'],
    ['with a signature', '/approve-gate build\n-- \nA. Author\n\n/cancel'],
    ['with a signature of Windows', '/approve-gate build\r\n\r\n-- \r\nA. Author\r\n\r\n/cancel'],
    ['of Outlook', `/approve-gate build\n\n________________________________\n${header.join('\n')}\n\nThe gate waits. Comment\n\n/cancel\n`],
    ['of Outlook with bold names', `/approve-gate build\n\n${header.map((line) => line.replace(/^(\w+):/, '**$1:**')).join('\n')}\n\n/cancel\n`],
    ['of an older program', '/approve-gate build\n\n-----Original Message-----\n\n/cancel'],
    ['in German', '/approve-gate build\n\n-----Urspr\u00FCngliche Nachricht-----\nVon: x\n\n/cancel'],
  ])('gives the command of the answer and none of what is %s', (_how, text) => {
    expect(names(text)).toEqual(['approve-gate']);
  });

  test('gives an answer below what it quotes', () => {
    expect(names('On Mon, Missiongate wrote:\n> The gate waits.\n\n/approve-gate build\n')).toEqual(['approve-gate']);
  });

  test.each(['From: here to there\n\n/pause', 'a -- b\n\n/pause', 'x\n\n--\n\n/pause', '---\n\n/pause', 'From: me\nDate: today\n\n/pause'])('is not seen where there is none: %j', (text) => {
    expect(names(text)).toEqual(['pause']);
  });
});
