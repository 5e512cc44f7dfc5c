import { RE2JS } from 're2js';

/** Which pushes start a routine, as GitHub Actions reads `on.push`; null: no such filter. */
export interface PushFilter {
  readonly branches: readonly string[] | null;
  readonly branchesIgnore: readonly string[] | null;
  readonly tags: readonly string[] | null;
  readonly tagsIgnore: readonly string[] | null;
  readonly paths: readonly string[] | null;
  readonly pathsIgnore: readonly string[] | null;
}

/** A push that made or moved a branch or tag. */
export interface Push {
  readonly ref: { readonly kind: 'branch' | 'tag'; readonly name: string };
  /** What it changed; null where nobody knows. */
  readonly paths: readonly string[] | null;
}

/**
 * Whether a push is meant. Filters of branches alone leave tags out, and the other way round. Paths are not looked at for tags; where it is
 * not known what a push changed, the filter of paths lets it pass, as GitHub does.
 */
export function isPushMeant(filter: PushFilter, { ref, paths }: Push): boolean {
  if (!isRefMeant(filter, ref)) return false;
  if (ref.kind === 'tag' || paths === null) return true;
  if (filter.paths !== null) return paths.some(matcherOf(filter.paths));
  const isIgnored = filter.pathsIgnore === null ? null : matcherOf(filter.pathsIgnore);
  return isIgnored === null || paths.some((path) => !isIgnored(path));
}

function isRefMeant({ branches, branchesIgnore, tags, tagsIgnore }: PushFilter, { kind, name }: Push['ref']): boolean {
  const [only, ignored, other] = kind === 'branch' ? [branches, branchesIgnore, tags ?? tagsIgnore] : [tags, tagsIgnore, branches ?? branchesIgnore];
  if (only !== null) return matcherOf(only)(name);
  return ignored === null ? other === null : !matcherOf(ignored)(name);
}

/** The last pattern that takes a name decides: one that begins with `!` takes it out again. */
function matcherOf(patterns: readonly string[]): (name: string) => boolean {
  const read = patterns.flatMap((pattern) => {
    const expression = expressionOf(pattern.replace(/^!/, ''));
    // Linear in time whatever the name: branches and paths are anybody's words.
    return expression.ok ? [{ takes: !pattern.startsWith('!'), compiled: RE2JS.compile(expression.text, RE2JS.DOTALL) }] : [];
  });
  return (name) => read.findLast(({ compiled }) => compiled.matcher(name).matches())?.takes ?? false;
}

/** What is wrong with patterns of one filter, by their index; null: with all of them together. */
export function patternProblems(patterns: readonly string[]): readonly { readonly index: number | null; readonly reason: string }[] {
  const wrong = patterns.flatMap((pattern, index) => {
    const expression = expressionOf(pattern.replace(/^!/, ''));
    return expression.ok ? [] : [{ index, reason: expression.reason }];
  });
  return wrong.length > 0 || patterns.some((pattern) => !pattern.startsWith('!')) ? wrong : [{ index: null, reason: 'every pattern begins with "!", so that there is nothing to take out of' }];
}

type Expression = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly reason: string };

/** Letters, digits and ranges of them, with what else stands in names of branches and files. */
const brackets = /^\[[A-Za-z0-9_.-]+\]/;

/**
 * A pattern of GitHub's as an expression: `*` stays within a folder, `**` crosses them, `?` and `+` repeat the character before them, `[]`
 * is one of several, `\` takes the next character as it is. Before a name, `**` and a slash may stand for nothing.
 */
function expressionOf(pattern: string): Expression {
  const no = (reason: string): Expression => ({ ok: false, reason });
  if (pattern === '') return no('is empty');
  let text = '';
  let repeatable = false;
  for (let at = 0; at < pattern.length; ) {
    const rest = pattern.slice(at);
    const letter = String.fromCodePoint(rest.codePointAt(0) ?? 0);
    if (letter === '?' || letter === '+') {
      if (!repeatable) return no(`has "${letter}" without a character before it that it could repeat; write "\\${letter}" for the character itself`);
      text += letter;
      repeatable = false;
      at += 1;
    } else if (rest.startsWith('**')) {
      const isFolder = rest.startsWith('**/') && (at === 0 || pattern[at - 1] === '/');
      text += isFolder ? '(?:.*/)?' : '.*';
      repeatable = false;
      at += isFolder ? 3 : 2;
    } else if (letter === '*') {
      text += '[^/]*';
      repeatable = false;
      at += 1;
    } else if (letter === '[') {
      const found = brackets.exec(rest)?.[0];
      if (found === undefined || !compiles(found)) return no('has "[" without characters or ranges like [a-z0-9] and "]"');
      text += found;
      repeatable = true;
      at += found.length;
    } else {
      const literal = letter === '\\' ? (rest.length > 1 ? String.fromCodePoint(rest.codePointAt(1) ?? 0) : null) : letter;
      if (literal === null) return no('ends with "\\"');
      text += RE2JS.quote(literal);
      repeatable = true;
      at += literal.length + (letter === '\\' ? 1 : 0);
    }
  }
  return { ok: true, text };
}

function compiles(expression: string): boolean {
  try {
    RE2JS.compile(expression);
    return true;
  } catch {
    return false;
  }
}
