// Pictures of whole runs: where the time goes, time against energy, energy by component, traffic by memory.

import type { PlotOptions } from "@observablehq/plot";
import { useCallback } from "preact/hooks";
import {
  causeSeconds,
  comparable,
  foldedEnergy,
  machineMark,
  memoryBytes,
  paretoFront,
  stacked,
} from "../data/prepare.ts";
import type { BenchResult, Part } from "../data/prepare.ts";
import { earlier } from "../result.ts";
import { Figure } from "../../kit/figure.tsx";
import { PlotHost } from "../../kit/plot.tsx";
import type { Plot } from "../../kit/plot.tsx";
import { networkFront } from "../../../src/report/front.ts";
import { axisScale, logTicks } from "../../../src/report/html/plot.ts";
import { causeColour, inkOn, machineColour } from "../../../src/report/html/palette.ts";
import { elideMiddle, engineering, percent } from "../../../src/report/units.ts";

interface ResultProps {
  readonly result: BenchResult;
}

/** `A arrayflex`, as an axis names a machine. */
export const tickLabel = (labels: readonly string[], index: number, width = 18): string =>
  `${machineMark(index)} ${elideMiddle(labels[index] ?? "", width)}`;

export function TimeStacks({ result }: ResultProps) {
  const { runs, causes, labels } = result;
  const bars = runs.map((run) => causeSeconds(run, causes));
  const used = causes.filter((_, index) => bars.some((bar) => (bar[index] ?? 0) > 0));
  const colours = causes.map((_, index) => causeColour(index));
  const draw = useCallback(
    (Plot: Plot, width: number) => stackOptions(Plot, width, { bars, names: causes, colours, labels, unit: "s" }),
    [result],
  );
  return (
    <Figure
      title="Where the time goes"
      legend={used.map((name) => ({ name, colour: causeColour(causes.indexOf(name)) }))}
      rows={() => [
        ["machine", ...causes.map((cause) => `${cause} (s)`)],
        ...bars.map((bar, index) => [labels[index], ...bar]),
      ]}
    >
      <PlotHost
        draw={draw}
        height={runs.length * 34 + 44}
        label={`Time by cause. ${runs.map((run, index) => `${labels[index]}: ${largestPart(causes, bars[index] ?? [], run.total.seconds)}`).join(". ")}`}
      />
    </Figure>
  );
}

const largestPart = (names: readonly string[], bar: readonly number[], total: number): string => {
  const most = Math.max(...bar);
  return `${names[bar.indexOf(most)] ?? "nothing"} takes most, ${percent(total > 0 ? most / total : 0)}`;
};

export function EnergyStacks({ result }: ResultProps) {
  const { labels, runs } = result;
  const { names, bars } = foldedEnergy(result);
  const colours = names.map((_, index) => causeColour(index + 1));
  const draw = useCallback(
    (Plot: Plot, width: number) => stackOptions(Plot, width, { bars, names, colours, labels, unit: "J" }),
    [result],
  );
  return (
    <Figure
      title="Energy by component"
      legend={names.map((name, index) => ({ name, colour: colours[index] ?? "" }))}
      rows={() => [
        ["machine", ...result.components.map((component) => `${component} (J)`)],
        ...runs.map(({ total }, index) => [
          labels[index],
          ...result.components.map((component) => total.energyComponents[component] ?? 0),
        ]),
      ]}
    >
      <PlotHost
        draw={draw}
        height={runs.length * 34 + 44}
        label={`Energy by component. ${runs.map((run, index) => `${labels[index]}: ${largestPart(names, bars[index] ?? [], run.total.energy)}`).join(". ")}`}
      />
    </Figure>
  );
}

interface StackedBars {
  readonly bars: readonly (readonly number[])[];
  readonly names: readonly string[];
  readonly colours: readonly string[];
  readonly labels: readonly string[];
  readonly unit: string;
}

/** Horizontal stacked bars, a machine each; wide parts carry their name, all of them a tip. */
function stackOptions(Plot: Plot, width: number, { bars, names, colours, labels, unit }: StackedBars): PlotOptions {
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
          text: (index: number) => engineering(totals[index] ?? 0, unit),
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

export function TimeAgainstEnergy({ result }: ResultProps) {
  const { runs, labels } = result;
  const points = runs.map(({ total: { seconds, energy } }, index) => ({ index, seconds, energy }));
  const front = paretoFront(points);
  const old = earlier.value === undefined ? undefined : comparable(result, earlier.value);
  const draw = useCallback(
    (Plot: Plot, width: number): PlotOptions => {
      const moves = points.flatMap((point) => {
        const before = old?.[point.index]?.total;
        if (before === undefined || (before.seconds === point.seconds && before.energy === point.energy)) return [];
        return [{ ...point, seconds0: before.seconds, energy0: before.energy }];
      });
      const choices = runs.flatMap((run, index) => networkFront(run.layers).map((point) => ({ index, ...point })));
      const all = [...points, ...choices, ...moves.map((move) => ({ seconds: move.seconds0, energy: move.energy0 }))];
      const x = wideScale(all.map(({ seconds }) => seconds));
      const y = wideScale(all.map(({ energy }) => energy));
      const edge = front.flatMap((index) => points[index] ?? []);
      return {
        height: 300,
        marginLeft: 62,
        marginRight: 20,
        marginTop: 24,
        marginBottom: 40,
        x: { type: x.type, domain: x.domain },
        y: { type: y.type, domain: y.domain },
        marks: [
          Plot.gridX({ ...x.ticks(Math.floor(width / 70)), strokeOpacity: 0.14 }),
          Plot.gridY({ ...y.ticks(7), strokeOpacity: 0.14 }),
          Plot.axisX({
            ...x.ticks(Math.floor(width / 70)),
            tickFormat: (value: number) => engineering(value, "s", 2),
            label: `time, ${x.type === "log" ? "logarithmic" : "from 0"}`,
            labelArrow: "none",
          }),
          Plot.axisY({
            ...y.ticks(7),
            tickFormat: (value: number) => engineering(value, "J", 2),
            label: `energy, ${y.type === "log" ? "logarithmic" : "from 0"}`,
            labelArrow: "none",
          }),
          Plot.line(edge, {
            x: "seconds",
            y: "energy",
            stroke: "var(--soft)",
            strokeDasharray: "4 3",
            curve: "step-after",
          }),
          Plot.line(choices, {
            x: "seconds",
            y: "energy",
            z: "index",
            stroke: (choice: { index: number }) => machineColour(choice.index),
            strokeOpacity: 0.7,
          }),
          Plot.arrow(moves, {
            x1: "seconds0",
            y1: "energy0",
            x2: "seconds",
            y2: "energy",
            stroke: "currentColor",
            strokeWidth: 1.2,
            inset: 8,
          }),
          Plot.dot(moves, { x: "seconds0", y: "energy0", r: 6, stroke: "currentColor", strokeDasharray: "2 2" }),
          Plot.dot(points, {
            x: "seconds",
            y: "energy",
            r: 9,
            fill: (point: { index: number }) => machineColour(point.index),
            stroke: "var(--panel)",
          }),
          Plot.text(points, {
            x: "seconds",
            y: "energy",
            text: (point: { index: number }) => machineMark(point.index),
            fill: (point: { index: number }) => inkOn(machineColour(point.index)),
            fontWeight: 700,
          }),
          Plot.tip(
            points,
            Plot.pointer({
              x: "seconds",
              y: "energy",
              title: ({ index, seconds, energy }: { index: number; seconds: number; energy: number }) =>
                `${labels[index] ?? ""}\n${engineering(seconds, "s")}, ${engineering(energy, "J")}\n${front.includes(index) ? "on the Pareto front" : "another is better in both"}`,
            }),
          ),
        ],
      };
    },
    [result, old],
  );
  const ends = front.map((index) => labels[index] ?? "").join(", ");
  return (
    <Figure
      title="Time against energy"
      caption={
        runs.length > 1
          ? `Left and low is better. The dashed line is the Pareto front: ${ends}.${runs.some(({ layers }) => layers.some((layer) => layer.front !== undefined)) ? " Coloured lines: other schedules of a machine's layers." : ""}`
          : "Left and low is better."
      }
      rows={() => [
        ["machine", "time (s)", "energy (J)", "on the Pareto front"],
        ...points.map(({ index, seconds, energy }) => [labels[index], seconds, energy, String(front.includes(index))]),
      ]}
    >
      <PlotHost draw={draw} height={300} label={`Time against energy. On the Pareto front: ${ends}`} />
    </Figure>
  );
}

/** From a little below the least to a little above the largest; never empty. */
function logDomain(values: readonly number[]): [number, number] {
  const positive = values.filter((value) => value > 0);
  if (positive.length === 0) return [0.1, 10];
  const [low, high] = [Math.min(...positive), Math.max(...positive)];
  const room = Math.max(1.25, (high / low) ** 0.12);
  return [low / room, high * room];
}

/** A scale from 0 where the values are close to each other, a logarithmic one where they are not. */
function wideScale(values: readonly number[]): {
  readonly type: "log" | "linear";
  readonly domain: [number, number];
  readonly ticks: (most: number) => { readonly ticks: number | number[] };
} {
  const positive = values.filter((value) => value > 0);
  const [low, high] = [Math.min(...positive), Math.max(...positive)];
  if (!(high / low > 8)) {
    return { type: "linear", domain: [0, positive.length === 0 ? 1 : high * 1.12], ticks: (most) => ({ ticks: most }) };
  }
  const domain = logDomain(values);
  return { type: "log", domain, ticks: (most) => ({ ticks: spaced(logTicks(domain), most) }) };
}

/** At most `most` of the ticks, evenly. */
export const spaced = (ticks: readonly number[], most: number): number[] => {
  const step = Math.ceil(ticks.length / Math.max(2, most));
  return ticks.filter((_, index) => index % step === 0);
};

export function TrafficByMemory({ result }: ResultProps) {
  const { runs, labels } = result;
  const memories = memoryBytes(runs).filter(({ read, write }) => read + write > 0);
  const draw = useCallback(
    (Plot: Plot, width: number): PlotOptions => {
      const rows = memories.map((memory, row) => ({ ...memory, row }));
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
            tickFormat: (value: number) => engineering(value, "B", 1),
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
      <PlotHost draw={draw} height={memories.length * 17 + 58} label="Bytes read and written by memory and machine" />
    </Figure>
  );
}
