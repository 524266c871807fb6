#include "daemon/web/style.h"

namespace headway::web {

const char kStyleSheet[] = R"css(
:root {
  color-scheme: light dark;
  --page: #fbfbfa; --card: #ffffff; --ink: #1c2326; --soft: #5b676d;
  --rule: #dfe4e6; --accent: #0b6e8f; --band: rgba(11, 110, 143, .14);
  --bad: #a3361f;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #12171a; --card: #1a2125; --ink: #e6ecee; --soft: #9aa8ae;
    --rule: #2d373c; --accent: #5cc0de; --band: rgba(92, 192, 222, .16);
    --bad: #f0907a;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--page); color: var(--ink);
  font: 15px/1.5 system-ui, "Segoe UI", "Liberation Sans", sans-serif;
}
header, main, footer { max-width: 1180px; margin: 0 auto; padding: 0 20px; }
header { display: flex; flex-wrap: wrap; gap: 8px 24px; align-items: center;
  padding-top: 20px; padding-bottom: 12px; }
header .home { font-size: 20px; font-weight: 650; color: var(--ink);
  text-decoration: none; letter-spacing: -.01em; }
header .tag { color: var(--soft); flex: 1; min-width: 200px; }
header form { display: flex; gap: 8px; align-items: center; color: var(--soft); }
input, button { font: inherit; color: var(--ink); background: var(--card);
  border: 1px solid var(--rule); border-radius: 6px; padding: 3px 8px; }
button { cursor: pointer; }
a { color: var(--accent); text-decoration-thickness: 1px;
  text-underline-offset: 2px; }
a:focus-visible, button:focus-visible, input:focus-visible {
  outline: 2px solid var(--accent); outline-offset: 2px; }
h1 { font-size: 26px; line-height: 1.25; letter-spacing: -.015em;
  margin: 12px 0 4px; }
h2 { font-size: 17px; margin: 28px 0 8px; }
h2::first-letter { text-transform: uppercase; }
h3 { font-size: 15px; margin: 16px 0 8px; }
.card > h3:first-child { margin-top: 0; }
p { margin: 6px 0; max-width: 75ch; }
.soft { color: var(--soft); }
.bad { color: var(--bad); }
.card { background: var(--card); border: 1px solid var(--rule);
  border-radius: 10px; padding: 16px; margin: 14px 0; }
.scroll { overflow-x: auto; background: var(--card);
  border: 1px solid var(--rule); border-radius: 10px; }
table { width: 100%; border-collapse: collapse; }
th, td { text-align: left; padding: 8px 14px; vertical-align: top;
  border-bottom: 1px solid var(--rule); }
tr:last-child > th, tr:last-child > td { border-bottom: 0; }
thead th { font-size: 12.5px; font-weight: 600; color: var(--soft);
  white-space: nowrap; }
tbody th { font-weight: 500; min-width: 230px; }
tbody th .soft { display: block; font-size: 13px; font-weight: 400; }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums;
  white-space: nowrap; }
td .soft { font-size: 13px; }
.wide { table-layout: fixed; min-width: 880px; }
.wide th:nth-child(1) { width: 36%; }
.wide th:nth-child(2) { width: 17%; }
.wide th:nth-child(3) { width: 12%; }
.wide th:nth-child(4) { width: 14%; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 4px 16px;
  margin: 12px 0; }
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; }
code { font: 13.5px/1.5 ui-monospace, "DejaVu Sans Mono", monospace; }
svg { display: block; }
.spark { width: 120px; height: 30px; }
.chart { width: 100%; height: auto; }
.line { fill: none; stroke: var(--accent); stroke-width: 1.6;
  stroke-linejoin: round; stroke-linecap: round; }
.ahead { stroke-dasharray: 5 4; }
.dot { fill: var(--accent); }
.band { fill: var(--band); }
.grid { fill: none; stroke: var(--rule); stroke-width: 1; }
.tick { fill: var(--soft); font-size: 12px; }
footer { padding-top: 20px; padding-bottom: 28px; color: var(--soft);
  font-size: 13.5px; }
)css";

const char kIcon[] =
    R"svg(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">)svg"
    R"svg(<rect width="32" height="32" rx="7" fill="#0b6e8f"/>)svg"
    R"svg(<path d="M6 23l7-8 5 4 8-11" fill="none" stroke="#fff" )svg"
    R"svg(stroke-width="3" stroke-linecap="round" stroke-linejoin="round"/>)svg"
    R"svg(</svg>)svg";

}  // namespace headway::web
