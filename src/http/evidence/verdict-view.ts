import type { Verdict } from '../../core/gate/verdict.ts';
import { html } from '../../kit/html.ts';
import type { Html } from '../../kit/html.ts';
import { thresholdBar } from './bars.ts';

const marks: { readonly [state in Verdict['state']]: string } = { passed: '✓', failed: '✗', waived: '⚠', waiting: '…', pending: '○' };
export const stateWords: { readonly [state in Verdict['state']]: string } = { passed: 'passed', failed: 'not passed', waived: 'waived', waiting: 'waits for people', pending: 'not decided yet' };
const parts: { readonly [name: string]: string } = { rubric: 'Rubric', guards: 'Guards', evidence: 'Evidence', approvals: 'Approvals', waivers: 'Waivers', healing: 'Healing' };
const deepest = 4;

/** The sign of a verdict, with a word for those who do not see it. */
export function mark(state: Verdict['state']): Html {
  return html`<span class="${state}-ink" title="${stateWords[state]}" role="img" aria-label="${stateWords[state]}">${marks[state]}</span>`;
}

/** A verdict from top to bottom; nothing is left out. */
export function verdictTable(verdict: Verdict): Html {
  return html`<table><thead><tr><th></th><th>what</th><th>asked</th><th>found</th><th></th></tr></thead><tbody>${verdict.children.map((child) => rows(child, 0))}</tbody></table>`;
}

function rows(verdict: Verdict, depth: number): Html {
  const { name, state, expected, measured, reason, children } = verdict;
  const label = depth === 0 ? html`${(Object.hasOwn(parts, name) ? parts[name] : undefined) ?? name}` : html`<code>${name}</code>`;
  return html`<tr${depth === 0 && html` class="part"`}><td class="mark">${mark(state)}</td><td class="d${Math.min(depth, deepest)}">${label}</td><td>${expected}</td><td>${measured}${reason !== null && html`${measured !== null && html`<br>`}<span class="${state}-ink">${reason}</span>`}</td><td class="bar">${thresholdBar(verdict)}</td></tr>${children.map((child) => rows(child, depth + 1))}`;
}
