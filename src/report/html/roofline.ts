// Roofline: each layer's speed against the work that it does per byte of off-chip traffic, below the roofs that the
// machine's peak rate and bandwidth set (Williams, Waterman, Patterson, CACM 52(4), 2009).

import type { RunResult } from "../../simulate/result.ts";
import { roof, roofPoints } from "../roofline.ts";
import type { RoofPoint } from "../roofline.ts";
import { farthestMemory } from "../runs.ts";
import { engineering, plural } from "../units.ts";
import type { Markup } from "./markup.ts";
import { machineColour } from "./palette.ts";
import { figure, legend, logTicks } from "./plot.ts";
import type { Drawing } from "./plot.ts";

interface Point extends RoofPoint {
  readonly run: number;
  readonly title: string;
}

const symbols = ["circle", "diamond", "triangle", "square", "star", "wye", "cross"] as const;

/** The figure, or undefined when no layer has both work and traffic. */
export function rooflineFigure(
  drawing: Drawing,
  runs: readonly RunResult[],
  labels: readonly string[],
): Markup | undefined {
  const points = runs.flatMap((run, index) =>
    roofPoints(run).map((point): Point => {
      const { layer, intensity, rate } = point;
      const title = `${layer.name}, ${labels[index] ?? ""}: ${engineering(intensity, "MAC/B")}, ${engineering(rate, "MAC/s")}`;
      return { ...point, run: index, title };
    }),
  );
  if (points.length === 0) return undefined;
  const { Plot } = drawing;
  const xs = points.map((point) => point.intensity);
  const ridges = runs.flatMap((run) =>
    typeof run.peak.bytesPerSecond === "number" ? [run.peak.macsPerSecond / run.peak.bytesPerSecond] : [],
  );
  const xDomain: [number, number] = [Math.min(...xs, ...ridges) / 2, Math.max(...xs, ...ridges) * 3];
  const peaks = runs.map((run) => run.peak.macsPerSecond);
  const yDomain: [number, number] = [
    Math.min(...points.map((point) => point.rate)) / 2,
    Math.max(...peaks, ...points.map((point) => point.rate)) * 2,
  ];
  const roofs = runs.flatMap((run, index) => roof(run, xDomain, yDomain).map(([x, y]) => ({ run: index, x, y })));
  const longest = Math.max(...points.map((point) => point.seconds));
  const memory = runs.map(farthestMemory).find((name) => name !== undefined) ?? "off-chip";
  const picture = drawing.svg(
    {
      width: 460,
      height: 390,
      marginLeft: 54,
      marginRight: 14,
      marginTop: 26,
      marginBottom: 40,
      x: { type: "log", domain: xDomain },
      y: { type: "log", domain: yDomain },
      r: { domain: [0, longest], range: [0, 9] },
      marks: [
        Plot.gridX({ ticks: logTicks(xDomain), strokeOpacity: 0.14 }),
        Plot.gridY({ ticks: logTicks(yDomain), strokeOpacity: 0.14 }),
        Plot.axisX({
          ticks: logTicks(xDomain),
          tickFormat: tick,
          label: `operational intensity (MAC per byte of ${memory} traffic)`,
          labelAnchor: "center",
          labelArrow: "none",
        }),
        Plot.axisY({ ticks: logTicks(yDomain), tickFormat: tick, label: "performance (MAC/s)", labelArrow: "none" }),
        // Roofs often coincide: each is thinner than the one below it, so that all of them show.
        ...runs.map((_, index) =>
          Plot.line(
            roofs.filter((point) => point.run === index),
            {
              x: "x",
              y: "y",
              stroke: machineColour(index),
              strokeWidth: 1.5 + (2.5 * (runs.length - 1 - index)) / Math.max(1, runs.length - 1),
              strokeLinejoin: "round",
            },
          ),
        ),
        Plot.dot(points, {
          x: "intensity",
          y: "rate",
          r: "seconds",
          title: "title",
          symbol: (point: Point) => symbols[point.run % symbols.length] ?? "circle",
          fill: (point: Point) => machineColour(point.run),
          fillOpacity: 0.45,
          stroke: (point: Point) => machineColour(point.run),
          strokeWidth: 1,
        }),
      ],
      symbol: { type: "identity" },
    },
    "Roofline",
    `${plural(points.length, "layer")} of ${labels.join(", ")} by operational intensity and performance, both logarithmic.`,
  );
  const key = legend(
    labels.map((name, index) => ({
      name: `${name} (${symbols[index % symbols.length] ?? "circle"}s)`,
      colour: machineColour(index),
      shape: "dot" as const,
    })),
  );
  return figure("Roofline", key, picture, rooflineCaption(runs, labels, points));
}

function rooflineCaption(runs: readonly RunResult[], labels: readonly string[], points: readonly Point[]): string {
  const roofs = runs.map((run, index) => {
    const bandwidth = run.peak.bytesPerSecond;
    const slope =
      typeof bandwidth === "number"
        ? engineering(bandwidth, "B/s")
        : "unlimited bandwidth, so only the flat roof is drawn";
    return `${labels[index] ?? ""}: peak ${engineering(run.peak.macsPerSecond, "MAC/s")}, ${slope}`;
  });
  const missing = runs.reduce((sum, run) => sum + run.layers.length, 0) - points.length;
  const left =
    missing === 0
      ? ""
      : ` ${plural(missing, "layer")} without work or off-chip traffic ${missing === 1 ? "is" : "are"} not drawn.`;
  return `Lines are the machines' roofs (${roofs.join("; ")}). A mark is a layer; its area grows with the time that it takes. Both scales are logarithmic.${left}`;
}

function tick(value: number): string {
  return engineering(value, "", 1).replace(" ", "\u00a0");
}
