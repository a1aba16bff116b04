// Pictures of whole runs: where the time goes, energy by component, traffic by memory.

import type { PlotOptions } from "@observablehq/plot";
import { useCallback } from "preact/hooks";
import { logDomain, spaced, tickLabel } from "./scales.ts";
import {
  causeSeconds,
  componentColour,
  foldedEnergy,
  machineMark,
  memoryBytes,
  missingPlaces,
  stacked,
} from "../data/prepare.ts";
import type { BenchResult, Part } from "../data/prepare.ts";
import { Figure } from "../../kit/figure.tsx";
import { PlotHost } from "../../kit/plot.tsx";
import type { Plot } from "../../kit/plot.tsx";
import { axisScale, logTicks } from "../../../src/report/html/plot.ts";
import { causeColour, inkOn, machineColour } from "../../../src/report/html/palette.ts";
import { elideMiddle, engineering, percent } from "../../../src/report/units.ts";

interface ResultProps {
  readonly result: BenchResult;
}

export function TimeStacks({ result }: ResultProps) {
  const { runs, done, causes, labels, notes } = result;
  const bars = runs.map((run) => causeSeconds(run, causes));
  const used = causes.filter((_, index) => bars.some((bar) => (bar[index] ?? 0) > 0));
  const colours = causes.map((_, index) => causeColour(index));
  const draw = useCallback(
    (Plot: Plot, width: number) =>
      stackOptions(Plot, width, { bars, names: causes, colours, labels, notes, unit: "s" }),
    [result],
  );
  return (
    <Figure
      title="Where the time goes"
      legend={used.map((name) => ({ name, colour: causeColour(causes.indexOf(name)) }))}
      rows={() => [
        ["machine", ...causes.map((cause) => `${cause} (s)`)],
        ...done.map(({ place }) => [labels[place], ...(bars[place] ?? [])]),
      ]}
    >
      <PlotHost
        draw={draw}
        height={runs.length * 34 + 44}
        label={`Time by cause. ${done.map(({ run, place }) => `${labels[place]}: ${largestPart(causes, bars[place] ?? [], run.total.seconds)}`).join(". ")}`}
      />
    </Figure>
  );
}

const largestPart = (names: readonly string[], bar: readonly number[], total: number): string => {
  const most = Math.max(...bar);
  return `${names[bar.indexOf(most)] ?? "nothing"} takes most, ${percent(total > 0 ? most / total : 0)}`;
};

export function EnergyStacks({ result }: ResultProps) {
  const { labels, runs, done, notes } = result;
  const { names, bars } = foldedEnergy(result);
  const colours = names.map((name) => componentColour(names, name));
  const draw = useCallback(
    (Plot: Plot, width: number) => stackOptions(Plot, width, { bars, names, colours, labels, notes, unit: "J" }),
    [result],
  );
  return (
    <Figure
      title="Energy by component"
      legend={names.map((name, index) => ({ name, colour: colours[index] ?? "" }))}
      rows={() => [
        ["machine", ...result.components.map((component) => `${component} (J)`)],
        ...done.map(({ run, place }) => [
          labels[place],
          ...result.components.map((component) => run.total.energyComponents[component] ?? 0),
        ]),
      ]}
    >
      <PlotHost
        draw={draw}
        height={runs.length * 34 + 44}
        label={`Energy by component. ${done.map(({ run, place }) => `${labels[place]}: ${largestPart(names, bars[place] ?? [], run.total.energy)}`).join(". ")}`}
      />
    </Figure>
  );
}

interface StackedBars {
  readonly bars: readonly (readonly number[])[];
  readonly names: readonly string[];
  readonly colours: readonly string[];
  readonly labels: readonly string[];
  /** Stands in the place of a bar where there is none. */
  readonly notes: readonly string[];
  readonly unit: string;
}

/** Horizontal stacked bars, a machine each; wide parts carry their name, all of them a tip. */
function stackOptions(
  Plot: Plot,
  width: number,
  { bars, names, colours, labels, notes, unit }: StackedBars,
): PlotOptions {
  const parts = stacked(bars);
  const totals = bars.map((bar) => bar.reduce((sum, value) => sum + value, 0));
  const largest = Math.max(...totals, 0);
  const scale = axisScale(totals, unit);
  const left = width < 420 ? 34 : 150;
  const pixels = (part: Part): number => ((part.end - part.start) / (largest || 1)) * (width - left - 60);
  const name = (part: Part): string => names[part.part] ?? "";
  const colour = (part: Part): string => colours[part.part] ?? "#888";
  const tip = (part: Part): string =>
    `${labels[part.bar] ?? ""}\n${name(part)}: ${engineering(part.end - part.start, unit)}\n${percent((part.end - part.start) / (totals[part.bar] ?? 1))} of ${engineering(totals[part.bar] ?? 0, unit)}`;
  return {
    height: bars.length * 34 + 44,
    marginLeft: left,
    marginRight: 60,
    marginTop: 4,
    marginBottom: 38,
    x: { domain: [0, largest / scale.factor || 1] },
    y: { domain: bars.map((_, index) => index), padding: 0.2 },
    marks: [
      Plot.gridX({ ticks: 5, strokeOpacity: 0.14 }),
      Plot.axisX({
        ticks: Math.max(2, Math.floor(width / 110)),
        label: scale.unit,
        labelAnchor: "right",
        labelArrow: "none",
      }),
      Plot.axisY({
        label: null,
        tickSize: 0,
        tickFormat: (index: number) => (width < 420 ? machineMark(index) : tickLabel(labels, index)),
      }),
      Plot.barX(parts, {
        y: "bar",
        x1: (part: Part) => part.start / scale.factor,
        x2: (part: Part) => part.end / scale.factor,
        fill: colour,
        stroke: "var(--panel)",
        strokeWidth: 0.75,
      }),
      Plot.text(
        parts.filter((part) => pixels(part) > name(part).length * 6.4 + 8),
        {
          y: "bar",
          x: (part: Part) => (part.start + part.end) / 2 / scale.factor,
          text: name,
          fill: (part: Part) => inkOn(colour(part)),
          fontSize: 11,
        },
      ),
      Plot.text(
        totals.map((_, index) => index),
        {
          y: (index: number) => index,
          x: (index: number) => (totals[index] ?? 0) / scale.factor,
          text: (index: number) => (notes[index] === "" ? engineering(totals[index] ?? 0, unit) : (notes[index] ?? "")),
          textAnchor: "start",
          dx: 5,
          fill: "currentColor",
        },
      ),
      Plot.tip(
        parts,
        Plot.pointer({
          y: "bar",
          x: (part: Part) => (part.start + part.end) / 2 / scale.factor,
          title: tip,
          maxRadius: 60,
        }),
      ),
    ],
  };
}

export function TrafficByMemory({ result }: ResultProps) {
  const { done, labels, notes } = result;
  const memories = memoryBytes(done).filter(({ read, write }) => read + write > 0);
  // A line says of each machine without memories why.
  const missing = missingPlaces(result).map((run) => ({ run, memory: notes[run] ?? "", read: 0, write: 0 }));
  const lines = [...memories, ...missing].sort((a, b) => a.run - b.run);
  const draw = useCallback(
    (Plot: Plot, width: number): PlotOptions => {
      const rows = lines.map((memory, row) => ({ ...memory, row }));
      const ends = rows.flatMap(({ row, run, read, write }) => [
        { row, run, kind: "read", bytes: read },
        { row, run, kind: "written", bytes: write },
      ]);
      const drawn = ends.filter(({ bytes }) => bytes > 0);
      const x = logDomain(drawn.map(({ bytes }) => bytes));
      return {
        height: rows.length * 17 + 58,
        marginLeft: 150,
        marginRight: 14,
        marginTop: 6,
        marginBottom: 40,
        x: { type: "log", domain: x },
        y: { domain: rows.map(({ row }) => row), padding: 0.3 },
        symbol: { domain: ["read", "written"], range: ["triangle", "square"] },
        marks: [
          Plot.gridX({ ticks: logTicks(x), strokeOpacity: 0.14 }),
          Plot.axisX({
            ticks: spaced(logTicks(x), Math.floor((width - 150) / 62)),
            text: (value: number) => engineering(value, "B", 1),
            label: "bytes, logarithmic",
            labelAnchor: "right",
            labelArrow: "none",
          }),
          Plot.axisY({
            label: null,
            tickSize: 0,
            tickFormat: (row: number) =>
              `${machineMark(rows[row]?.run ?? 0)} ${elideMiddle(rows[row]?.memory ?? "", 20)}`,
          }),
          Plot.ruleY(
            rows.filter(({ read, write }) => read > 0 && write > 0),
            {
              y: "row",
              x1: "read",
              x2: "write",
              stroke: ({ run }: { run: number }) => machineColour(run),
              strokeOpacity: 0.5,
              strokeWidth: 2,
            },
          ),
          Plot.dot(drawn, {
            x: "bytes",
            y: "row",
            r: 4.5,
            symbol: "kind",
            fill: ({ run }: { run: number }) => machineColour(run),
            stroke: "var(--panel)",
          }),
          Plot.tip(
            drawn,
            Plot.pointer({
              x: "bytes",
              y: "row",
              title: ({ row, run, kind, bytes }: { row: number; run: number; kind: string; bytes: number }) =>
                `${labels[run] ?? ""}\n${rows[row]?.memory ?? ""}: ${engineering(bytes, "B")} ${kind}`,
            }),
          ),
        ],
      };
    },
    [result],
  );
  return (
    <Figure
      title="Traffic by memory"
      caption="Triangles: bytes read; squares: bytes written. Memories of each machine from far to near."
      rows={() => [
        ["machine", "memory", "read (B)", "written (B)"],
        ...memories.map(({ run, memory, read, write }) => [labels[run], memory, read, write]),
      ]}
    >
      <PlotHost draw={draw} height={lines.length * 17 + 58} label="Bytes read and written by memory and machine" />
    </Figure>
  );
}
