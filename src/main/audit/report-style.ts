import { Html } from '../../kit/html.ts';

/** How the report looks, on a screen and on paper. */
export const reportStyle = new Html(`
:root { --ink: #1b2430; --soft: #5b6776; --line: #d8dee6; --good: #1a7f4b; --bad: #b3261e; --wait: #a15c00; --accent: #2f5fa8; --wash: #f5f7fa; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1040px; padding: 40px 32px 64px; color: var(--ink); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", sans-serif; }
header { border-bottom: 2px solid var(--ink); margin-bottom: 20px; }
.kicker { margin: 0; color: var(--soft); font-size: 12px; letter-spacing: .08em; text-transform: uppercase; }
h1 { margin: 2px 0; font-size: 28px; line-height: 1.2; }
.where { margin: 0 0 12px; color: var(--soft); }
h2 { margin: 32px 0 10px; font-size: 18px; }
code { font: 12.5px/1.4 ui-monospace, "SF Mono", Menlo, Consolas, monospace; overflow-wrap: anywhere; }
.verdict { border: 1px solid; border-left-width: 6px; border-radius: 4px; padding: 10px 16px; background: var(--wash); }
.verdict.good { border-color: var(--good); } .verdict.good strong { color: var(--good); }
.verdict.bad { border-color: var(--bad); } .verdict.bad strong { color: var(--bad); }
.verdict p { margin: 2px 0; } .verdict ul { margin: 6px 0 2px; padding-left: 20px; } .remarks { color: var(--soft); }
.facts { display: grid; grid-template-columns: repeat(3, 1fr); gap: 10px 24px; margin: 20px 0 0; }
.facts div { border-top: 1px solid var(--line); padding-top: 4px; }
dt { color: var(--soft); font-size: 12px; } dd { margin: 0; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; font-size: 13.5px; }
th { color: var(--soft); font-size: 12px; font-weight: 600; text-align: left; border-bottom: 1px solid var(--ink); }
th, td { padding: 5px 10px 5px 0; vertical-align: top; } td { border-bottom: 1px solid var(--line); }
.entries td:nth-child(-n+3) { white-space: nowrap; } .entries td:first-child { color: var(--soft); }
.decision { border-left: 3px solid var(--accent); margin: 0 0 12px; padding: 2px 0 2px 14px; break-inside: avoid; }
.decision p { margin: 1px 0; } .when, .grounds, .outcome, .told, .counts { color: var(--soft); font-size: 13px; }
.reason { font-style: italic; }
.tree { list-style: none; margin: 2px 0; padding-left: 16px; font-size: 13.5px; } .decision > .tree { padding-left: 0; }
.state.passed, .state.open { color: var(--good); } .state.failed, .state.rejected { color: var(--bad); } .state.waived, .state.waiting, .state.pending, .state.awaiting { color: var(--wait); }
.kind { border: 1px solid var(--line); border-radius: 9px; padding: 0 8px; font-size: 12px; background: var(--wash); }
.kind.decision { border-color: var(--accent); color: var(--accent); } .kind.signature { border-color: var(--good); color: var(--good); } .kind.cost { border-color: var(--wait); color: var(--wait); }
.timeline { width: 100%; height: auto; border: 1px solid var(--line); border-radius: 4px; background: #fff; }
.timeline text { font: 11px system-ui, sans-serif; fill: var(--soft); } .timeline .label { text-anchor: end; } .timeline .label.phase { font-weight: 600; fill: var(--ink); } .timeline .axis { text-anchor: middle; }
.timeline .grid { stroke: var(--line); stroke-width: 1; } .timeline rect.phase { fill: #c3d3ea; } .timeline rect.task.done { fill: #7fbf9e; } .timeline rect.failed { fill: #dd8a84; } .timeline rect.open { fill: #e4c48d; }
.timeline path.good { fill: var(--accent); } .timeline path.bad { fill: var(--bad); } .timeline .seal { fill: var(--good); }
@media (max-width: 700px) { .facts { grid-template-columns: 1fr 1fr; } }
@media print { body { max-width: none; padding: 0; font-size: 11pt; } section { break-inside: auto; } tr, .verdict { break-inside: avoid; } h2 { break-after: avoid; } thead { display: table-header-group; } * { print-color-adjust: exact; -webkit-print-color-adjust: exact; } @page { margin: 16mm; } }
`);
