// The table of claims: what publications say beside what the model gives. Claims that a fitted constant enters are
// shown apart and never counted.

import type { Reproduction } from "../workbench/reproduce.ts";
import { jsonDocument } from "./json.ts";
import { defaultWidth, table, wrap } from "./table.ts";
import type { Cell, Column } from "./table.ts";
import { printable, significant } from "./units.ts";

/** A claim and our figure for it. */
export type ClaimRow = Reproduction;

const fittedTitle = "Fitted, does not count";

/** Counted claims, those that hold, and the fitted ones that are left out of both. */
export function claimCounts(rows: readonly ClaimRow[]): {
  readonly counted: number;
  readonly holding: number;
  readonly fitted: number;
} {
  const counted = rows.filter((row) => !row.fitted);
  return {
    counted: counted.length,
    holding: counted.filter((row) => row.holds).length,
    fitted: rows.length - counted.length,
  };
}

/** One sentence: how many claims hold. */
export function claimSummary(rows: readonly ClaimRow[]): string {
  const { counted, holding, fitted } = claimCounts(rows);
  const apart =
    fitted === 0
      ? ""
      : ` ${String(fitted)} more rest${fitted === 1 ? "s" : ""} on fitted constants and ${fitted === 1 ? "does" : "do"} not count.`;
  return `${String(holding)} of ${String(counted)} claims hold within their tolerance.${apart}`;
}

/** The tables for a terminal: counted claims, then fitted ones, then the notes of all that miss, and the count. */
export function claimsText(
  rows: readonly ClaimRow[],
  width = defaultWidth,
  options: { readonly colour?: boolean } = {},
): string {
  const counted = rows.filter((row) => !row.fitted);
  const fitted = rows.filter((row) => row.fitted);
  const parts: string[] = [];
  if (counted.length > 0) parts.push(claimTable(counted, width, options.colour === true));
  if (fitted.length > 0) parts.push(`${fittedTitle}:\n${claimTable(fitted, width, options.colour === true)}`);
  const notes = rows.filter((row) => !row.holds && row.note !== "").map((row) => printable(`${row.id}: ${row.note}`));
  if (notes.length > 0) {
    parts.push(`Notes on what misses:\n${notes.map((note) => `- ${wrap(note, width - 2).join("\n  ")}\n`).join("")}`);
  }
  parts.push(`${wrap(claimSummary(rows), width).join("\n")}\n`);
  return parts.join("\n");
}

/** The same as Markdown, with a note on every claim: for the validation page. */
export function claimsMarkdown(rows: readonly ClaimRow[]): string {
  const parts: string[] = [`${claimSummary(rows)}\n`];
  const counted = rows.filter((row) => !row.fitted);
  const fitted = rows.filter((row) => row.fitted);
  if (counted.length > 0) parts.push(markdownTable(counted));
  if (fitted.length > 0) parts.push(`### ${fittedTitle}\n\n${markdownTable(fitted)}`);
  return parts.join("\n");
}

const claimFields = [
  "id",
  "accelerator",
  "workload",
  "metric",
  "published",
  "ours",
  "error",
  "tolerance",
  "strength",
  "fitted",
  "holds",
  "unit",
  "note",
] as const satisfies readonly (keyof ClaimRow)[];

/** `{ "claims": [...] }` with the fields of a row in their documented order. */
export function claimsJson(rows: readonly ClaimRow[]): string {
  return jsonDocument({
    claims: rows.map((row) => Object.fromEntries(claimFields.map((field) => [field, row[field]]))),
  });
}

function claimTable(rows: readonly ClaimRow[], width: number, colour: boolean): string {
  const columns: Column[] = [
    { title: "claim", minimum: 12 },
    { title: "accelerator", minimum: 8, drop: 5 },
    { title: "workload", minimum: 8, drop: 3 },
    { title: "metric", minimum: 10, drop: 2 },
    { title: "published", align: "right" },
    { title: "ours", align: "right" },
    { title: "error", align: "right" },
    { title: "tolerance", align: "right", drop: 4 },
    { title: "unit" },
    { title: "source", drop: 1 },
    { title: "holds" },
  ];
  return table(
    columns,
    rows.map((row): Cell[] => [
      row.id,
      row.accelerator,
      row.workload,
      row.metric,
      publishedText(row.published),
      figure(row.ours),
      signed(row.error),
      `±${figure(row.tolerance)}`,
      row.unit === "" ? "-" : row.unit,
      row.strength,
      verdict(row, colour),
    ]),
    width,
    { colour, hint: "use --json for all fields" },
  );
}

function verdict(row: ClaimRow, colour: boolean): Cell {
  const text = row.holds ? "yes" : "NO";
  return colour ? { text, painted: `\u001b[${row.holds ? "32" : "31"}m${text}\u001b[39m` } : text;
}

function markdownTable(rows: readonly ClaimRow[]): string {
  const lines = [
    "| claim | accelerator | workload | metric | published | ours | error | tolerance | unit | source | holds | note |",
    "| --- | --- | --- | --- | ---: | ---: | ---: | ---: | --- | --- | --- | --- |",
    ...rows.map((row) => {
      const holds = row.fitted ? `${row.holds ? "yes" : "no"} (fitted, does not count)` : row.holds ? "yes" : "**no**";
      const cells = [
        row.id,
        row.accelerator,
        row.workload,
        row.metric,
        publishedText(row.published),
        figure(row.ours),
        signed(row.error),
        `±${figure(row.tolerance)}`,
        row.unit === "" ? "-" : row.unit,
        row.strength,
      ].map(markdownCell);
      return `| ${[...cells, holds, markdownCell(row.note)].join(" | ")} |`;
    }),
  ];
  return `${lines.join("\n")}\n`;
}

/** Text that stays inside its cell and is not read as markup. */
function markdownCell(text: string): string {
  return printable(text.replace(/\s*[\r\n]+\s*/g, " ")).replace(/[\\|*_`<>[\]]/g, "\\$&");
}

/** The published figure, or the range of figures. */
export function publishedText(published: ClaimRow["published"]): string {
  return typeof published === "number" ? figure(published) : `${figure(published[0])} to ${figure(published[1])}`;
}

/** Four significant digits at most, without trailing zeros. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return value === Infinity ? "unlimited" : "n/a";
  return Number.isInteger(value) && Math.abs(value) < 1e9 ? String(value) : String(Number(significant(value, 4)));
}

/** As `figure`, with its sign. */
export function signed(value: number): string {
  return value > 0 ? `+${figure(value)}` : figure(value);
}
