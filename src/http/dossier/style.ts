import { createHash } from 'node:crypto';

import { style as shared } from '../evidence/style.ts';

/** The stylesheet of the evidence pages, and what a dossier needs besides. */
export const style = `${shared}
main { overflow-wrap: anywhere; } h1 { font-size: 1.9rem; } h2 { border-bottom: 2px solid var(--line); padding-bottom: .3rem; margin-top: 2.6rem; font-size: 1.3rem; } h3 { font-size: 1.02rem; margin: 1.6rem 0 .4rem; }
table { table-layout: fixed; font-size: .87rem; } th { overflow-wrap: normal; hyphens: auto; } thead { display: table-header-group; } td .dim { font-size: .92em; }
dl { font-size: .92rem; grid-template-columns: minmax(8rem, max-content) 1fr; } dd { overflow-wrap: anywhere; min-width: 0; }
.note-box { border: 1px solid var(--line); border-left: .4rem solid var(--dim); border-radius: 6px; padding: .6rem 1rem; margin: .7rem 0; background: var(--soft); }
.note-box.passed { border-left-color: var(--good); background: var(--goodbg); } .note-box.failed { border-left-color: var(--bad); background: var(--badbg); } .note-box.waiting, .note-box.waived, .note-box.pending { border-left-color: var(--wait); background: var(--waitbg); }
nav ol { columns: 2; padding-left: 1.4rem; margin: .4rem 0 1.2rem; } nav { border: 1px solid var(--line); border-radius: 6px; padding: .6rem 1rem .1rem; background: var(--soft); font-size: .92rem; margin: 1rem 0; }
pre { background: var(--soft); border: 1px solid var(--line); border-radius: 6px; padding: .7rem .9rem; font: .82rem/1.5 ui-monospace, SFMono-Regular, Menlo, monospace; white-space: pre-wrap; overflow-wrap: anywhere; }
figure { margin: 1rem 0; overflow-x: auto; } figure svg { width: 100%; height: auto; min-width: 40rem; font-family: system-ui, -apple-system, "Segoe UI", sans-serif; } figcaption { color: var(--dim); font-size: .82rem; margin-top: .3rem; }
.f-ink { fill: var(--ink); } .f-dim { fill: var(--dim); } .f-line { fill: var(--line); } .f-soft { fill: var(--soft); } .f-good { fill: var(--good); } .f-bad { fill: var(--bad); } .f-wait { fill: var(--wait); } .f-link { fill: var(--link); }
.s-ink { stroke: var(--ink); } .s-dim { stroke: var(--dim); } .s-line { stroke: var(--line); } .s-soft { stroke: var(--soft); } .s-good { stroke: var(--good); } .s-bad { stroke: var(--bad); } .s-wait { stroke: var(--wait); } .s-link { stroke: var(--link); }
@media print { @page { size: A4; margin: 16mm 14mm; } section { break-before: page; } pre, .note-box { break-inside: avoid; } figure svg { min-width: 0; } a { color: inherit; } h3 { break-after: avoid; } }
`;

/** Nothing runs, nothing is fetched, nothing is sent, nobody frames it; this stylesheet and no other. */
export const contentSecurityPolicy = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;
