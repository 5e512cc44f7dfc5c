import { fromMarkdown } from 'mdast-util-from-markdown';
import { gfmFromMarkdown } from 'mdast-util-gfm';
import { gfm } from 'micromark-extension-gfm';
import type { Nodes } from 'mdast';

/** What a reader of the page could be deceived or called by, found by a parser as GitHub uses one. */
export function dangersIn(markdown: string, allowed: { readonly mentions?: readonly string[]; readonly references?: readonly number[] } = {}): readonly string[] {
  const found: string[] = [];
  const words = (text: string): void => {
    for (const [, login = ''] of text.matchAll(/@([a-z0-9][a-z0-9-]*)/gi)) if (!allowed.mentions?.includes(login)) found.push(`mention @${login}`);
    for (const [, number = ''] of text.matchAll(/(?:#|\bgh-)(\d+)/gi)) if (!allowed.references?.includes(Number(number))) found.push(`reference #${number}`);
    if (/:\/\//.test(text) || /\bwww\./i.test(text)) found.push(`address in ${JSON.stringify(text.slice(0, 60))}`);
    if (/[\u202A-\u202E\u2066-\u2069\u200E\u200F\u{E0000}-\u{E007F}]/u.test(text)) found.push('hidden direction or tag characters');
  };
  const visit = (node: Nodes): void => {
    switch (node.type) {
      case 'html': {
        if (/^<!-- mg:[a-z]+( [a-z0-9 -]+)? -->$/.test(node.value)) break;
        const summary = /^<details><summary>([^<>]*)<\/summary>$/.exec(node.value)?.[1];
        if (summary !== undefined) words(summary.replaceAll(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code))));
        else if (!['<sub>', '</sub>', '</details>'].includes(node.value)) found.push(`HTML ${node.value.slice(0, 80)}`);
        break;
      }
      case 'image':
      case 'imageReference':
      case 'link':
      case 'linkReference':
      case 'definition':
      case 'footnoteReference':
      case 'footnoteDefinition':
      case 'blockquote':
      case 'thematicBreak':
        found.push(`${node.type} ${JSON.stringify(node).slice(0, 120)}`);
        break;
      case 'text':
        words(node.value);
        break;
      default:
    }
    if ('children' in node) for (const child of node.children) visit(child);
  };
  visit(fromMarkdown(markdown, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] }));
  return found;
}

/** Shape of a page without its words: hostile words may change no part of it. */
export function shapeOf(markdown: string): unknown {
  const shape = (node: Nodes): unknown => {
    if (!('children' in node)) return node.type === 'text' || node.type === 'inlineCode' ? 'words' : node.type;
    const inner = node.children.map(shape).filter((child, index, all) => !(child === 'words' && all[index - 1] === 'words'));
    return [node.type, ...inner];
  };
  return shape(fromMarkdown(markdown, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] }));
}
