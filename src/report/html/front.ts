// What each machine can trade between time and energy, where schedules were searched: a curve for every machine with the
// chosen point on it, and the same as a table.

import type { RunResult } from "../../simulate/result.ts";
import { networkFront } from "../front.ts";
import type { FrontPoint } from "../front.ts";
import { engineering, plural } from "../units.ts";
import { html } from "./markup.ts";
import type { Markup } from "./markup.ts";
import { machineColour } from "./palette.ts";
import { axisScale, figure, legend } from "./plot.ts";
import type { Drawing } from "./plot.ts";
import { htmlTable, numberCell } from "./table.ts";

/** Rows of the table at most: a front of many layers has hundreds of points that differ by little. */
const rowsShown = 12;

/** The figure and its table, or undefined when no machine's schedules were searched. */
export function frontSection(
  drawing: Drawing,
  runs: readonly RunResult[],
  labels: readonly string[],
): Markup | undefined {
  const curves = runs.flatMap((run, index) => {
    const points = networkFront(run.layers);
    return points.length < 2 ? [] : [{ run, index, points }];
  });
  if (curves.length === 0) return undefined;
  const { Plot } = drawing;
  const chosen = runs.map(({ total: { seconds, energy } }, index) => ({ index, seconds, energy }));
  const all = [...chosen, ...curves.flatMap(({ points }) => points)];
  const time = axisScale(
    all.map(({ seconds }) => seconds),
    "s",
  );
  const energy = axisScale(
    all.map((point) => point.energy),
    "J",
  );
  const scaled = ({ seconds, energy: joules }: FrontPoint): { x: number; y: number } => ({
    x: seconds / time.factor,
    y: joules / energy.factor,
  });
  const picture = drawing.svg(
    {
      width: 460,
      height: 320,
      marginLeft: 54,
      marginBottom: 40,
      x: { label: `time (${time.unit})`, labelAnchor: "center", labelArrow: "none", zero: true, nice: true },
      y: { label: `energy (${energy.unit})`, labelArrow: "none", zero: true, nice: true, grid: true },
      marks: [
        ...curves.map(({ index, points }) =>
          Plot.line(points.map(scaled), { x: "x", y: "y", stroke: machineColour(index), strokeWidth: 2 }),
        ),
        Plot.dot(chosen, {
          x: (point: (typeof chosen)[number]) => scaled(point).x,
          y: (point: (typeof chosen)[number]) => scaled(point).y,
          fill: (point: (typeof chosen)[number]) => machineColour(point.index),
          stroke: "currentColor",
          r: 5,
          title: (point: (typeof chosen)[number]) =>
            `${labels[point.index] ?? ""}: ${engineering(point.seconds, "s")}, ${engineering(point.energy, "J")}`,
        }),
      ],
    },
    "Time against energy",
    `What ${curves.map(({ index }) => labels[index] ?? "").join(", ")} can trade, and the totals of every machine.`,
  );
  const key = legend(labels.map((name, index) => ({ name, colour: machineColour(index), shape: "dot" as const })));
  const caption = `Every layer's schedules that no other beats in both time and energy, put together for the whole network; a dot is the choice of this report.`;
  const tables = curves.map(({ index, points }) => frontTable(labels[index] ?? "", points));
  return html`<div class="pair">${figure("What schedules can trade", key, picture, caption)}<div>${tables}</div></div>`;
}

function frontTable(label: string, points: readonly FrontPoint[]): Markup {
  const step = Math.max(1, (points.length - 1) / (rowsShown - 1));
  const shown = Array.from(
    { length: Math.min(points.length, rowsShown) },
    (_, row) => points[Math.round(row * step)] ?? { seconds: 0, energy: 0 },
  );
  return htmlTable(
    `${label}: ${points.length > shown.length ? `${shown.length} of ` : ""}${plural(points.length, "choice")} that no other beats`,
    [
      { title: "time", align: "right" },
      { title: "energy", align: "right" },
      { title: "energy-delay product", align: "right" },
    ],
    shown.map(({ seconds, energy }) => [
      numberCell(engineering(seconds, "s"), seconds),
      numberCell(engineering(energy, "J"), energy),
      numberCell(engineering(seconds * energy, "Js"), seconds * energy),
    ]),
  );
}
