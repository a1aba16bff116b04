// Every claim as a dot at ours over published, on a logarithmic scale: how far off, and on which side.

import type { PlotOptions } from "@observablehq/plot";
import { useCallback } from "preact/hooks";
import type { Reproduction } from "../../src/workbench/reproduce.ts";
import { figure, publishedText } from "../../src/report/claims.ts";
import { plural } from "../../src/report/units.ts";
import { logTicks } from "../../src/report/html/plot.ts";
import { Figure } from "../kit/figure.tsx";
import { PlotHost } from "../kit/plot.tsx";
import type { Plot } from "../kit/plot.tsx";

interface Dot {
  readonly machine: string;
  readonly ratio: number;
  /** Place among the claims of the machine, sorted by ratio: 0 to 1. */
  readonly height: number;
  readonly verdict: keyof typeof looks;
  readonly title: string;
}

const looks = {
  holds: { colour: "#009e73", symbol: "circle", name: "holds (circle)" },
  misses: { colour: "#d55e00", symbol: "times", name: "misses (cross)" },
  fitted: { colour: "#8a8f98", symbol: "triangle", name: "fitted, does not count (triangle)" },
} as const;

/** Claims with a ratio: both figures above 0, and of a range the end that is nearer. */
function dots(rows: readonly Reproduction[]): readonly Dot[] {
  const found = rows.flatMap((row): Omit<Dot, "height">[] => {
    const nearest = row.ours - row.error;
    if (!(row.ours > 0) || !(nearest > 0)) return [];
    return [
      {
        machine: row.accelerator,
        ratio: row.ours / nearest,
        verdict: row.fitted ? "fitted" : row.holds ? "holds" : "misses",
        title: `${row.metric}\n${row.workload}\npublished ${publishedText(row.published)} ${row.unit}, ours ${figure(row.ours)} ${row.unit}`,
      },
    ];
  });
  return found.map((dot) => {
    const own = found.filter(({ machine }) => machine === dot.machine).sort((a, b) => a.ratio - b.ratio);
    return { ...dot, height: (own.indexOf(dot) + 0.5) / own.length };
  });
}

export function RatioFigure({ rows }: { readonly rows: readonly Reproduction[] }) {
  const key = rows.map(({ id, ours }) => `${id} ${ours}`).join("\n");
  // The key says when the rows are others.
  const draw = useCallback((Plot: Plot) => options(Plot, dots(rows)), [key]);
  const drawn = dots(rows);
  if (drawn.length === 0) return null;
  const left = rows.length - drawn.length;
  return (
    <Figure
      title="Ours over published"
      legend={Object.values(looks).map(({ name, colour }) => ({ name, colour }))}
      caption={`One mark a claim, on a logarithmic scale; sorted from the least upwards for each machine.${left === 0 ? "" : ` ${plural(left, "claim")} with a figure of 0 or below ${left === 1 ? "has" : "have"} no ratio.`}`}
      rows={() => [
        ["machine", "verdict", "ours over published", "claim"],
        ...drawn.map((dot) => [dot.machine, dot.verdict, dot.ratio, dot.title.replaceAll("\n", "; ")]),
      ]}
    >
      <PlotHost
        draw={draw}
        height={120}
        label={`${plural(drawn.length, "claim")} by machine and by our figure over the published one; the table below has every figure.`}
      />
    </Figure>
  );
}

/** Pixels of a machine's band. */
const band = 64;

function options(Plot: Plot, all: readonly Dot[]): PlotOptions {
  const machines = [...new Set(all.map(({ machine }) => machine))];
  const marks = { x: "ratio", y: "height", fy: "machine" } as const;
  return {
    height: 50 + band * machines.length,
    marginLeft: 130,
    marginRight: 20,
    x: { type: "log", label: "ours over published", grid: true, ticks: logTicks(extent(all)), tickFormat: String },
    y: { axis: null, domain: [0, 1] },
    fy: { domain: machines, label: null, axis: "left", padding: 0.1 },
    symbol: { type: "identity" },
    marks: [
      Plot.ruleX([1], { stroke: "currentColor", strokeOpacity: 0.6 }),
      Plot.dot(all, {
        ...marks,
        symbol: (dot: Dot) => looks[dot.verdict].symbol,
        stroke: (dot: Dot) => looks[dot.verdict].colour,
        strokeWidth: 1.8,
        r: 4,
      }),
      Plot.tip(all, Plot.pointer({ ...marks, title: "title" })),
    ],
  };
}

function extent(all: readonly Dot[]): readonly [number, number] {
  const ratios = all.map(({ ratio }) => ratio);
  return [Math.min(...ratios), Math.max(...ratios)];
}
