"""The style sheet of the HTML reports."""

CSS = """\
:root {
  --ink: #1c2127; --soft: #5b6570; --paper: #ffffff; --panel: #f5f7f9; --line: #d9dfe5;
  --good: #1a7f37; --warn: #8f5a00; --bad: #b3261e; --goodbg: #e7f6ec; --warnbg: #fff4dc;
  --badbg: #fdebea;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ink: #e3e7eb; --soft: #9aa5b1; --paper: #14181d; --panel: #1d232a; --line: #343c45;
    --good: #5bd17f; --warn: #f0b653; --bad: #ff8a80; --goodbg: #14301f; --warnbg: #3a2c0f;
    --badbg: #401b19;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 16px/1.5 system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
}
main { max-width: 68rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
h1 { font-size: 1.7rem; line-height: 1.25; margin: 0 0 1rem; overflow-wrap: anywhere; }
h2 { font-size: 1.25rem; margin: 2.2rem 0 .7rem; padding-bottom: .3rem;
  border-bottom: 1px solid var(--line); }
h3 { font-size: 1.02rem; margin: 1.5rem 0 .4rem; overflow-wrap: anywhere; }
p { margin: .5rem 0; overflow-wrap: anywhere; }
ul, ol { margin: .5rem 0; padding-left: 1.4rem; }
li { margin: .2rem 0; overflow-wrap: anywhere; }
ul.checks { list-style: none; padding-left: 0; }
ul.checks li::before { content: "\\2610"; margin-right: .6rem; }
code, pre { font-family: ui-monospace, SFMono-Regular, Consolas, "Liberation Mono", monospace;
  font-size: .89em; }
code { background: var(--panel); border-radius: 4px; padding: .08em .32em;
  overflow-wrap: anywhere; unicode-bidi: isolate; }
pre { background: var(--panel); border: 1px solid var(--line); border-radius: 6px;
  padding: .75rem .9rem; margin: .6rem 0; white-space: pre-wrap; overflow-wrap: anywhere; }
dl { display: grid; grid-template-columns: fit-content(14rem) 1fr; gap: .25rem 1.2rem;
  margin: .7rem 0; }
dt { color: var(--soft); overflow-wrap: anywhere; }
dd { margin: 0; overflow-wrap: anywhere; }
.scroll { overflow-x: auto; margin: .7rem 0; }
table { border-collapse: collapse; width: 100%; font-size: .93rem; }
th, td { text-align: left; vertical-align: top; padding: .42rem .7rem .42rem 0;
  border-bottom: 1px solid var(--line); }
td { overflow-wrap: break-word; }
td:first-child { min-width: 6.5rem; }
td code { overflow-wrap: break-word; }
th { color: var(--soft); font-weight: 600; white-space: nowrap; }
.badge { display: inline-block; padding: .05em .55em; border-radius: 1em; font-size: .82em;
  font-weight: 600; white-space: nowrap; background: var(--panel); color: var(--soft); }
.badge.good { background: var(--goodbg); color: var(--good); }
.badge.warn { background: var(--warnbg); color: var(--warn); }
.badge.bad { background: var(--badbg); color: var(--bad); }
p.muted { color: var(--soft); }
p.bad { color: var(--bad); font-weight: 600; }
p.warn { color: var(--warn); }
p.good { color: var(--good); }
.callout { border-left: 5px solid var(--line); background: var(--panel); border-radius: 6px;
  padding: .7rem 1rem; margin: 1rem 0; }
.callout .title { font-weight: 650; font-size: 1.05rem; margin-top: 0; }
.callout.bad { border-color: var(--bad); background: var(--badbg); }
.callout.warn { border-color: var(--warn); background: var(--warnbg); }
.callout.good { border-color: var(--good); background: var(--goodbg); }
.callout code, .callout pre { background: var(--paper); }
figure { margin: .8rem 0; max-width: 42rem; }
figure svg { display: block; width: 100%; height: auto; }
figcaption { color: var(--soft); font-size: .9rem; }
@media print {
  :root { --ink: #000; --paper: #fff; --panel: #f4f4f4; --soft: #444; --line: #bbb; }
  body { font-size: 10.5pt; }
  main { max-width: none; padding: 0; }
  h2, h3 { break-after: avoid; }
  tr, .callout { break-inside: avoid; }
  thead { display: table-header-group; }
  .scroll { overflow: visible; }
}
"""
