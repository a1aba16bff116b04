// What the audits of a run's layers found, in words for the terminal.

import type { RunResult } from "../simulate/result.ts";
import { wrap } from "./table.ts";
import { grouped, plural, printable } from "./units.ts";

/** Differences that are printed; the JSON has all of them. */
const printed = 10;

/** How much was stepped and what differed; empty for a run that was not audited. */
export function auditText(run: RunResult, label: string, width: number): string {
  const audits = run.layers.flatMap(({ audit }) => audit ?? []);
  if (audits.length === 0) return "";
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  const tiles = sum(audits.map((audit) => audit.tiles));
  const of = sum(audits.map((audit) => audit.of));
  const cycles = sum(audits.map((audit) => audit.cycles));
  const differences = audits.flatMap((audit) => audit.differences);
  const found = differences.length === 0 ? "no difference" : plural(differences.length, "difference");
  const lines = [
    `${printable(label)} audited: ${grouped(tiles)} of ${plural(of, "tile")} stepped for ${plural(cycles, "cycle")}, ${found}.`,
    ...differences.slice(0, printed),
    ...(differences.length > printed
      ? [`... and ${plural(differences.length - printed, "other")}; --json has all.`]
      : []),
    ...new Set(audits.flatMap(({ note }) => (note === undefined ? [] : [`Not all was compared: ${note}.`]))),
  ];
  return `${lines.flatMap((line) => wrap(line, width)).join("\n")}\n`;
}
