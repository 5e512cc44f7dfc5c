/** The one stylesheet of the pages. */
export const STYLE = `
:root { color-scheme: light dark; --ink: #1f2328; --dim: #59636e; --line: #d1d9e0; --soft: #f6f8fa; --page: #fff; --link: #0969da; --good: #1a7f37; --bad: #d1242f; --wait: #9a6700; --merged: #8250df; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --dim: #9198a1; --line: #3d444d; --soft: #151b23; --page: #0d1117; --link: #4493f8; --good: #3fb950; --bad: #f85149; --wait: #d29922; --merged: #ab7df8; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 15px/1.55 system-ui, sans-serif; }
a { color: var(--link); text-decoration: none; } a:hover { text-decoration: underline; }
header { background: var(--soft); border-bottom: 1px solid var(--line); padding: .7rem 1.5rem; display: flex; gap: 1rem; align-items: center; flex-wrap: wrap; }
header .name { font-weight: 600; } header form { margin-left: auto; display: flex; gap: .5rem; align-items: center; }
nav { padding: 0 1.5rem; border-bottom: 1px solid var(--line); display: flex; gap: 1.2rem; background: var(--soft); }
nav a { padding: .5rem 0; color: var(--ink); } nav a[aria-current] { border-bottom: 2px solid var(--bad); font-weight: 600; }
main { max-width: 62rem; margin: 1.5rem auto; padding: 0 1.5rem; } h1 { font-size: 1.5rem; font-weight: 500; margin: 0 0 .6rem; } h1 small, .dim { color: var(--dim); font-weight: 400; } h2 { font-size: 1.1rem; margin-top: 2rem; }
.box-list { border: 1px solid var(--line); border-radius: 6px; margin: 1rem 0; } .box-list > * { padding: .6rem 1rem; border-top: 1px solid var(--line); display: block; } .box-list > :first-child { border-top: 0; } .box-list > .head { background: var(--soft); }
.comment { border: 1px solid var(--line); border-radius: 6px; margin: 1rem 0; } .comment > header { padding: .4rem 1rem; font-size: .9rem; color: var(--dim); border-radius: 6px 6px 0 0; } .comment > .markdown, .comment > .pad { padding: .4rem 1rem; }
.event { color: var(--dim); font-size: .9rem; margin: .6rem 0 .6rem 1rem; }
.state { display: inline-block; border-radius: 2rem; padding: .1rem .7rem; color: #fff; font-size: .85rem; } .state.open { background: var(--good); } .state.closed { background: var(--bad); } .state.merged { background: var(--merged); } .state.draft { background: var(--dim); }
.label { display: inline-block; border: 1px solid var(--line); border-radius: 2rem; padding: 0 .6rem; font-size: .8rem; background: var(--soft); color: var(--ink); }
.label button { border: 0; background: none; padding: 0 0 0 .3rem; color: var(--dim); cursor: pointer; }
.mark { font-weight: 700; } .mark.good { color: var(--good); } .mark.bad { color: var(--bad); } .mark.wait { color: var(--wait); } .mark.dim { color: var(--dim); }
button, select, input[type=text], textarea { font: inherit; color: inherit; background: var(--page); border: 1px solid var(--line); border-radius: 6px; padding: .3rem .8rem; } textarea { width: 100%; min-height: 6rem; font-family: ui-monospace, monospace; font-size: .9rem; }
button { cursor: pointer; background: var(--soft); } button.main { background: var(--good); color: #fff; border-color: transparent; } button.box { border: 0; background: none; padding: 0 .3rem 0 0; font-size: 1.1rem; } form.row { display: flex; gap: .5rem; flex-wrap: wrap; margin: .6rem 0; align-items: center; }
pre { background: var(--soft); padding: .8rem; border-radius: 6px; overflow-x: auto; } code { font: .88em ui-monospace, monospace; } .markdown :not(pre) > code { background: var(--soft); padding: .1rem .3rem; border-radius: 4px; } .markdown blockquote { margin: 0; padding-left: 1rem; border-left: 3px solid var(--line); color: var(--dim); }
.markdown table, table.files { border-collapse: collapse; margin: 0 0 1rem; } .markdown td, .markdown th { border: 1px solid var(--line); padding: .3rem .7rem; } .markdown ul:has(.box) { list-style: none; padding-left: 1rem; } figure.diagram { margin: 1rem 0; } figcaption { color: var(--dim); font-size: .85rem; }
.diff { overflow-x: auto; } .diff pre { margin: 0; border-radius: 0; background: none; padding: 0; } .diff span { display: block; padding: 0 1rem; min-height: 1.4em; white-space: pre; } .diff .add { background: rgba(46,160,67,.16); } .diff .del { background: rgba(248,81,73,.16); } .diff .hunk { color: var(--dim); background: var(--soft); }
.flash { border: 1px solid var(--bad); border-radius: 6px; padding: .6rem 1rem; margin-bottom: 1rem; white-space: pre-wrap; } img.avatar { width: 20px; height: 20px; border-radius: 50%; vertical-align: -4px; } footer { color: var(--dim); font-size: .85rem; text-align: center; padding: 2rem; }
`;
