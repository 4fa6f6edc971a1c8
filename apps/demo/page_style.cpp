#include "apps/demo/page.h"

namespace backlight::demo {

const std::string_view style = R"css(
:root {
  color-scheme: light dark;
  --paper: #fbfaf7; --card: #ffffff; --ink: #23211d; --soft: #6a655c; --line: #e4e0d7; --accent: #a3470c; --code: #f1eee7;
  --prose: "Iowan Old Style", Charter, "Palatino Linotype", Palatino, Georgia, serif;
  --sans: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
  --mono: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
}
@media (prefers-color-scheme: dark) {
  :root { --paper: #161513; --card: #1e1d1a; --ink: #e9e4d9; --soft: #a39c8e; --line: #35322c; --accent: #f0a35e; --code: #26241f; }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1.125rem/1.65 var(--prose); }
main { max-width: 72rem; margin: 0 auto; padding: 3rem 1.25rem 5rem; }
header, .prose { max-width: 42rem; margin-left: auto; margin-right: auto; }
h1 { font-size: clamp(2rem, 1.4rem + 3vw, 3.1rem); line-height: 1.12; font-weight: 600; letter-spacing: -0.015em; margin: 0 0 1.25rem; text-wrap: balance; }
h2 { font-size: 1.7rem; line-height: 1.2; font-weight: 600; margin: 4.5rem 0 1rem; }
h3 { font-size: 1.2rem; line-height: 1.3; font-weight: 600; margin: 2.4rem 0 0.4rem; }
p { margin: 0 0 1rem; }
.lead { font-size: 1.25rem; line-height: 1.55; }
.facts { font: 0.9rem/1.6 var(--sans); color: var(--soft); border-top: 1px solid var(--line); padding-top: 0.9rem; margin-top: 1.8rem; }
a { color: var(--accent); }
code, pre { font-family: var(--mono); font-size: 0.82em; }
code { background: var(--code); border-radius: 3px; padding: 0.08em 0.3em; }
pre { background: var(--code); border-radius: 6px; padding: 0.75rem 1rem; margin: 0.6rem 0 1rem; overflow-x: auto; line-height: 1.5; font-size: 0.78rem; white-space: pre-wrap; overflow-wrap: anywhere; }
pre span { display: inline-block; max-width: 100%; }
pre::before { content: "$ "; color: var(--soft); }
.formula { margin: 0.6rem 0; padding: 0.3rem 0 0.3rem 1rem; border-left: 3px solid var(--accent); font-size: 1.15rem; }
sub, sup { line-height: 0; font-size: 0.72em; }
.animal { border-top: 1px solid var(--line); padding: 1.3rem 0 1.5rem; }
.animal h3 { margin: 0 0 0.8rem; text-transform: capitalize; }
.animal h3 small { font: 0.9rem var(--sans); color: var(--soft); text-transform: none; margin-left: 0.5rem; }
.pictures { display: grid; grid-template-columns: repeat(7, minmax(0, 1fr)); gap: 0.8rem; }
figure { margin: 0; }
figure img { display: block; width: 100%; height: auto; border-radius: 5px; background: var(--code); }
.pictures img { image-rendering: pixelated; }
.zoom { display: block; cursor: zoom-in; }
.zoom input { position: absolute; opacity: 0; }
.zoom input:focus-visible + img { outline: 3px solid var(--accent); }
.zoom input:checked + img { position: fixed; inset: 0; z-index: 2; width: 100vw; height: 100vh; object-fit: contain; border-radius: 0; background: var(--paper); cursor: zoom-out; }
.more { font: 0.9rem var(--sans); margin: 0.8rem 0 0; }
figcaption { font: 0.8rem/1.4 var(--sans); color: var(--soft); margin-top: 0.45rem; font-variant-numeric: tabular-nums; }
figcaption b { display: block; color: var(--ink); font-weight: 600; }
@media (max-width: 56rem) { .pictures { grid-template-columns: repeat(3, minmax(0, 1fr)); } }
@media (max-width: 30rem) { .pictures { grid-template-columns: repeat(2, minmax(0, 1fr)); } body { font-size: 1.0625rem; } main { padding-top: 2rem; } }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; margin: 1.2rem 0; font: 0.9rem/1.4 var(--sans); font-variant-numeric: tabular-nums; }
th, td { padding: 0.45rem 0.6rem; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap; }
th { color: var(--soft); font-weight: 500; }
th:first-child { text-align: left; }
tbody th { color: var(--ink); }
td.zero { color: var(--soft); opacity: 0.55; }
tr.given td, tr.given th { color: var(--soft); }
@media print {
  :root { color-scheme: light; --paper: #fff; --ink: #000; }
  @page { size: A4; margin: 14mm; }
  body { font-size: 10pt; }
  h2 { break-after: avoid; }
  .animal, table, pre { break-inside: avoid; }
}
)css";

}  // namespace backlight::demo
