// The frame of the HTML report: style sheet, the small script that sorts tables, and a security policy that lets the
// page load nothing and run nothing else.

import { html, trusted } from "./markup.ts";
import type { Fragment, Markup } from "./markup.ts";

export interface HtmlOptions {
  /** Command line, version or date to print at the foot; nothing by default, so that equal runs give equal files. */
  readonly provenance?: string;
}

const style = `
:root{color-scheme:light dark;--paper:#fff;--panel:#f6f7f9;--ink:#1b1f24;--soft:#57606a;--line:#d6dae0;--accent:#0059a6;--warn:#8a4b00;--warn-paper:#fff6e5}
@media (prefers-color-scheme:dark){:root{--paper:#14171b;--panel:#1c2026;--ink:#e6e9ed;--soft:#a3acb8;--line:#363d47;--accent:#79bcff;--warn:#ffc46b;--warn-paper:#2b2212}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Liberation Sans",sans-serif}
main,header,footer{max-width:1140px;margin:0 auto;padding:0 16px}
header{padding-top:36px}
.kicker{margin:0;color:var(--soft);font-size:.875rem;overflow-wrap:anywhere}
h1{font-size:clamp(1.5rem,1.1rem + 2vw,2.25rem);line-height:1.2;margin:.25rem 0 .75rem;letter-spacing:-.01em;overflow-wrap:anywhere;text-wrap:balance}
h2{font-size:1.25rem;margin:2.75rem 0 .25rem;padding-top:1.25rem;border-top:1px solid var(--line)}
h3{font-size:1rem;margin:0 0 .35rem}
p{max-width:72ch;margin:.4rem 0;overflow-wrap:anywhere}
a{color:var(--accent)}
nav ul{list-style:none;display:flex;flex-wrap:wrap;gap:.25rem 1.1rem;padding:0;margin:1rem 0 0;font-size:.9rem}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:10px;margin:1.25rem 0 0;padding:0;list-style:none}
.tiles li{background:var(--panel);border:1px solid var(--line);border-radius:8px;padding:10px 14px;min-width:0}
.tiles span{display:block;color:var(--soft);font-size:.8125rem;overflow-wrap:anywhere}
.tiles b{display:block;font-size:1.3rem;line-height:1.35;font-variant-numeric:tabular-nums}
figure{margin:1.1rem 0 1.6rem;min-width:0}
figcaption{color:var(--soft);font-size:.875rem;max-width:80ch;margin-top:.35rem;overflow-wrap:anywhere}
.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,430px),1fr));gap:0 36px;align-items:start}
.picture svg{display:block;width:100%;height:auto;background:transparent}
.picture svg text{font-family:inherit;white-space:pre;font-variant-numeric:tabular-nums}
.wide .picture{overflow-x:auto}
.wide .picture svg{min-width:640px}
.legend{list-style:none;display:flex;flex-wrap:wrap;gap:.15rem 1rem;margin:0 0 .35rem;padding:0;font-size:.875rem;overflow-wrap:anywhere}
.legend li{display:flex;align-items:center;gap:.4rem;min-width:0}
.swatch{flex:none;width:.8rem;height:.8rem;background:var(--c);border-radius:2px;print-color-adjust:exact;-webkit-print-color-adjust:exact}
.swatch.dot{border-radius:50%}
.scroll{overflow-x:auto;margin:1rem 0;border:1px solid var(--line);border-radius:8px}
.scroll:focus-visible,summary:focus-visible,.sort:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
table{border-collapse:collapse;width:100%;font-size:.875rem;font-variant-numeric:tabular-nums}
caption{text-align:left;padding:.6rem .75rem;color:var(--soft);font-size:.875rem;caption-side:top}
caption span{display:inline-block;position:sticky;left:.75rem;max-width:min(80ch,100vw - 64px);overflow-wrap:anywhere}
.roomy .scroll{width:fit-content;max-width:100%}
.roomy table{min-width:min(100vw - 40px,34rem)}
th,td{padding:.3rem .5rem;border-top:1px solid var(--line);text-align:left;vertical-align:top;white-space:nowrap;font-weight:400}
thead th{background:var(--panel);font-weight:600;vertical-align:bottom;white-space:normal}
tbody tr:hover{background:var(--panel)}
.right{text-align:right}
.unit{color:var(--soft);font-weight:400;white-space:nowrap}
.sort{cursor:pointer;text-decoration:underline dotted var(--soft);text-underline-offset:.25em}
th[aria-sort=ascending] .sort::after{content:" ↑"}
th[aria-sort=descending] .sort::after{content:" ↓"}
details{margin:.6rem 0}
summary{cursor:pointer;overflow-wrap:anywhere;padding:.2rem 0}
.outer>details{margin-left:1.1rem}
pre{background:var(--panel);border:1px solid var(--line);border-radius:8px;padding:.75rem;overflow-x:auto;font:.8125rem/1.5 ui-monospace,"SF Mono",Menlo,Consolas,"Liberation Mono",monospace}
.plain{padding-left:1.1rem;font-size:.9rem;overflow-wrap:anywhere}
.warnings{background:var(--warn-paper);border-left:4px solid var(--warn);border-radius:4px;padding:.6rem 1rem;margin:1.25rem 0 0}
.warnings h2{all:unset;display:block;font-weight:600;color:var(--warn)}
.warnings ul{margin:.25rem 0 0;padding-left:1.1rem;overflow-wrap:anywhere}
footer{color:var(--soft);font-size:.8125rem;padding-top:2rem;padding-bottom:3rem}
@media (max-width:640px){header{padding-top:20px}th,td{padding:.3rem .5rem}.direction{display:none}tbody th{white-space:normal;min-width:6rem}.sortable tbody th{min-width:9.5rem;overflow-wrap:anywhere}}
@media print{
@page{margin:12mm}
:root{--paper:#fff;--panel:#f3f4f6;--ink:#000;--soft:#444;--line:#bbb;--accent:#000;--warn:#704000;--warn-paper:#fff}
body{font-size:10pt}
main,header,footer{max-width:none;padding:0}
nav{display:none}
.sort{text-decoration:none}
h2{break-after:avoid;margin-top:1.5rem}
figure,.tiles li,tr,.pair{break-inside:avoid}
h3,.legend,caption{break-after:avoid}
.pair{grid-template-columns:1fr 1fr;gap:0 16px}
.scroll{overflow:visible;border:0}
.pair .picture svg{max-height:222mm}
.wide .picture{overflow:visible}.wide .picture svg{min-width:0}
table{font-size:6.6pt}
.roomy table,caption{font-size:9pt}
th,td{padding:1.2pt 2.6pt;white-space:normal;overflow-wrap:break-word}
td.right{white-space:nowrap}
thead{display:table-header-group}
svg rect,svg path,svg circle{print-color-adjust:exact;-webkit-print-color-adjust:exact}
}`;

/** Sorts a table when a header of it is pressed; the page is complete without it. */
export const script = `
for(const table of document.querySelectorAll("table.sortable")){const body=table.tBodies[0];table.querySelectorAll("thead th").forEach((head,column)=>{const button=document.createElement("span");button.className="sort";button.tabIndex=0;button.setAttribute("role","button");button.append(...head.childNodes);head.append(button);button.addEventListener("keydown",event=>{if(event.key==="Enter"||event.key===" "){event.preventDefault();button.click()}});button.addEventListener("click",()=>{const down=head.getAttribute("aria-sort")==="ascending";for(const other of table.querySelectorAll("thead th"))other.removeAttribute("aria-sort");head.setAttribute("aria-sort",down?"descending":"ascending");const key=row=>{const cell=row.cells[column];const text=cell.dataset.sort??cell.textContent.trim();const number=Number(text);return text!==""&&!Number.isNaN(number)?number:text};const rows=[...body.rows].map(row=>[key(row),row]);rows.sort(([a],[b])=>{const order=typeof a===typeof b?(a<b?-1:a>b?1:0):typeof a==="number"?-1:1;return down?-order:order});body.append(...rows.map(([,row])=>row))})})}
`;

/** SHA-256 of `script`, which the policy lets run and nothing else; a test keeps the two together. */
export const scriptHash = "W3GdIFM7yfQqkb0O/e68Q6Ms1zXT+xfuUHqPL36vTeQ=";

/** A whole document around `body`. */
export function page(title: string, header: Fragment, body: Fragment, footer: Fragment): string {
  const policy = `default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src 'sha256-${scriptHash}'`;
  const document: Markup = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${trusted(policy)}">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>${title}</title>
<link rel="icon" href="data:,">
<style>${trusted(style)}</style>
</head>
<body>
<header>${header}</header>
<main>${body}</main>
<footer>${footer}</footer>
<script>${trusted(script)}</script>
</body>
</html>
`;
  return document.markup;
}
