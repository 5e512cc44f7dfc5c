import { createHash } from 'node:crypto';

/** The one stylesheet of the evidence pages; it stands in the page, so that a saved or printed page looks the same. */
export const style = `
:root { color-scheme: light dark; --ink: #1f2328; --dim: #59636e; --line: #d1d9e0; --soft: #f6f8fa; --page: #fff; --link: #0969da; --good: #1a7f37; --bad: #d1242f; --wait: #9a6700; --goodbg: #dafbe1; --badbg: #ffebe9; --waitbg: #fff8c5; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --dim: #9198a1; --line: #3d444d; --soft: #151b23; --page: #0d1117; --link: #4493f8; --good: #3fb950; --bad: #f85149; --wait: #d29922; --goodbg: #12261e; --badbg: #2a1618; --waitbg: #272115; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", sans-serif; }
main { max-width: 64rem; margin: 0 auto; padding: 1.5rem; }
a { color: var(--link); text-decoration: none; } a:hover { text-decoration: underline; }
h1 { font-size: 1.6rem; font-weight: 600; margin: .2rem 0 .4rem; } h2 { font-size: 1.1rem; margin: 2rem 0 .6rem; }
.dim { color: var(--dim); } .small { font-size: .87rem; } p { margin: .5rem 0; }
code { font: .88em ui-monospace, SFMono-Regular, Menlo, monospace; overflow-wrap: anywhere; }
.crumbs { color: var(--dim); font-size: .9rem; }
.verdict { border: 1px solid var(--line); border-left: .4rem solid var(--dim); border-radius: 6px; padding: .8rem 1.1rem; margin: 1rem 0; background: var(--soft); }
.verdict.passed { border-left-color: var(--good); background: var(--goodbg); } .verdict.failed { border-left-color: var(--bad); background: var(--badbg); } .verdict.waiting, .verdict.waived, .verdict.pending { border-left-color: var(--wait); background: var(--waitbg); }
.verdict strong { font-size: 1.1rem; } .note { border: 1px solid var(--wait); border-radius: 6px; padding: .5rem 1rem; background: var(--waitbg); }
table { border-collapse: collapse; width: 100%; margin: .4rem 0; } th { text-align: left; font-weight: 600; color: var(--dim); font-size: .82rem; }
th, td { padding: .38rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top; overflow-wrap: anywhere; } td.mark { width: 1.8rem; padding-right: 0; } td.num { text-align: right; font-variant-numeric: tabular-nums; } td.bar { width: 9.5rem; padding-top: .65rem; }
tr.part td { background: var(--soft); font-weight: 600; border-top: 1px solid var(--line); }
.d1 { padding-left: 1.6rem; } .d2 { padding-left: 2.8rem; } .d3 { padding-left: 4rem; } .d4 { padding-left: 5.2rem; }
.passed-ink { color: var(--good); } .failed-ink { color: var(--bad); } .waiting-ink, .waived-ink, .pending-ink { color: var(--wait); }
svg { display: block; } svg .track { fill: var(--line); opacity: .55; } svg .good { fill: var(--good); } svg .bad { fill: var(--bad); } svg .skip { fill: var(--dim); } svg .tick { stroke: var(--ink); stroke-width: 2; }
.charts { display: flex; flex-wrap: wrap; gap: 1rem 2rem; margin: 1rem 0; } .charts figure { margin: 0; } .charts figcaption { font-size: .87rem; color: var(--dim); margin-bottom: .25rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1rem; margin: .4rem 0; } dt { color: var(--dim); } dd { margin: 0; }
details > summary { cursor: pointer; color: var(--link); margin: .4rem 0; } footer { color: var(--dim); font-size: .85rem; border-top: 1px solid var(--line); margin-top: 2.5rem; padding-top: .8rem; }
@media print { :root { color-scheme: light; --ink: #000; --dim: #444; --line: #bbb; --soft: #f4f4f4; --page: #fff; --link: #000; --good: #176b2f; --bad: #b3151f; --wait: #7a5200; } body { font-size: 11px; } main { max-width: none; padding: 0; } tr, figure, .verdict { break-inside: avoid; } h2 { break-after: avoid; } * { print-color-adjust: exact; } .screen { display: none; } }
`;

/** Nothing runs, nothing is fetched, nothing is sent, nobody frames it; this stylesheet and no other. */
export const contentSecurityPolicy = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;
