// Time against energy: each machine, where it stood before the last change, what else its schedules could trade, and the
// machines that no other beats in both.

import type { PlotOptions } from "@observablehq/plot";
import { useCallback } from "preact/hooks";
import { wideScale } from "./scales.ts";
import { machineMark, paretoFront } from "../data/prepare.ts";
import { comparable } from "../../shell/comparable.ts";
import type { BenchResult } from "../data/prepare.ts";
import { earlier } from "../result.ts";
import { Figure } from "../../kit/figure.tsx";
import { PlotHost } from "../../kit/plot.tsx";
import type { Plot } from "../../kit/plot.tsx";
import { networkFront } from "../../../src/report/front.ts";
import { inkOn, machineColour } from "../../../src/report/html/palette.ts";
import { engineering } from "../../../src/report/units.ts";

interface ResultProps {
  readonly result: BenchResult;
}

export function TimeAgainstEnergy({ result }: ResultProps) {
  const { runs, done, labels, scope } = result;
  const points = done.map(({ run: { total }, place }) => ({
    index: place,
    seconds: total.seconds,
    energy: total.energy,
  }));
  const edge = paretoFront(points).flatMap((at) => points[at] ?? []);
  const front = edge.map(({ index }) => index);
  const old = earlier.value === undefined ? undefined : comparable(result, earlier.value);
  const draw = useCallback(
    (Plot: Plot, width: number): PlotOptions => {
      const moves = points.flatMap((point) => {
        const before = old?.[point.index]?.total;
        if (before === undefined || (before.seconds === point.seconds && before.energy === point.energy)) return [];
        return [{ ...point, seconds0: before.seconds, energy0: before.energy }];
      });
      const choices = done.flatMap(({ run, place }) =>
        networkFront(run.layers).map((point) => ({ index: place, ...point })),
      );
      const all = [...points, ...choices, ...moves.map((move) => ({ seconds: move.seconds0, energy: move.energy0 }))];
      const x = wideScale(all.map(({ seconds }) => seconds));
      const y = wideScale(all.map(({ energy }) => energy));
      return {
        // As high as the two pictures beside it, where it has them.
        height: width < 420 ? 300 : Math.min(520, Math.max(300, 2 * (runs.length * 34 + 44) + 88)),
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
            text: (value: number) => engineering(value, "s", 2),
            label: `time, ${x.type === "log" ? "logarithmic" : "from 0"}`,
            labelArrow: "none",
          }),
          Plot.axisY({
            ...y.ticks(7),
            text: (value: number) => engineering(value, "J", 2),
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
          ? `Left and low is better. The dashed line is the Pareto front${scope === "" ? "" : ` of ${scope}`}: ${ends}.${done.some(({ run: { layers } }) => layers.some((layer) => layer.front !== undefined)) ? " Coloured lines: other schedules of a machine's layers." : ""}`
          : "Left and low is better."
      }
      rows={() => [
        ["machine", "time (s)", "energy (J)", "on the Pareto front"],
        ...points.map(({ index, seconds, energy }) => [labels[index], seconds, energy, String(front.includes(index))]),
      ]}
    >
      <PlotHost
        draw={draw}
        height={300}
        label={`Time against energy. On the Pareto front${scope === "" ? "" : ` of ${scope}`}: ${ends}`}
      />
    </Figure>
  );
}
