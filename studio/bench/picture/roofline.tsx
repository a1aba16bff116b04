// The roofline: each layer's speed against its work per byte from off chip, under the roofs of the machines; layers can be
// pointed at and opened.

import { effect } from "@preact/signals";
import type { PlotOptions } from "@observablehq/plot";
import { useCallback } from "preact/hooks";
import { openLayer } from "./layer-axis.ts";
import { machineSign, machineSymbol, namesWithNotes } from "../data/prepare.ts";
import type { BenchResult } from "../data/prepare.ts";
import { hover, hoveredRow } from "../result.ts";
import { spaced } from "./scales.ts";
import { Figure } from "../../kit/figure.tsx";
import { PlotHost } from "../../kit/plot.tsx";
import type { Drawn, Plot } from "../../kit/plot.tsx";
import { logTicks } from "../../../src/report/html/plot.ts";
import { machineColour } from "../../../src/report/html/palette.ts";
import { roof, roofPoints } from "../../../src/report/roofline.ts";
import { engineering, plural, significant } from "../../../src/report/units.ts";

/** A bare number: 0.2, 50, 2 k. */
const tickText = (value: number): string =>
  value < 1 ? significant(value, 1) : engineering(value, "", 1).replace(" ", "\u00a0");

/** Pixels from a mark at which it still counts as pointed at. */
const reach = 24;

interface RooflinePoint {
  readonly run: number;
  readonly row: number;
  readonly name: string;
  readonly intensity: number;
  readonly rate: number;
  readonly seconds: number;
}

function pointsOf({ done, rows }: BenchResult): readonly RooflinePoint[] {
  return done.flatMap(({ run, place: index }) => {
    const places = new Map(
      rows.flatMap(({ layers, index: row }) => {
        const layer = layers[index];
        return layer === undefined ? [] : [[layer, row] as const];
      }),
    );
    return roofPoints(run).map(({ layer, intensity, rate, seconds }) => ({
      run: index,
      row: places.get(layer) ?? -1,
      name: layer.name,
      intensity,
      rate,
      seconds,
    }));
  });
}

export function Roofline({ result }: { readonly result: BenchResult }) {
  const { runs, done, labels, rows } = result;
  const points = pointsOf(result);
  const draw = useCallback(
    (Plot: Plot, width: number): PlotOptions => {
      const xs = points.map(({ intensity }) => intensity);
      const ridges = done.flatMap(({ run: { peak } }) =>
        typeof peak.bytesPerSecond === "number" ? [peak.macsPerSecond / peak.bytesPerSecond] : [],
      );
      const x: [number, number] = [Math.min(...xs, ...ridges) / 2, Math.max(...xs, ...ridges) * 3];
      const rates = points.map(({ rate }) => rate);
      const peaks = done.map(({ run }) => run.peak.macsPerSecond);
      const y: [number, number] = [Math.min(...peaks, ...rates) / 2, Math.max(...peaks, ...rates) * 2];
      const roofs = done.flatMap(({ run, place }) =>
        roof(run, x, y).map(([at, rate]) => ({ run: place, x: at, y: rate })),
      );
      return {
        height: 300,
        marginLeft: 62,
        marginRight: 20,
        marginTop: 24,
        marginBottom: 40,
        x: { type: "log", domain: x },
        y: { type: "log", domain: y },
        r: { domain: [0, Math.max(...points.map(({ seconds }) => seconds))], range: [1.5, 8] },
        symbol: { type: "identity" },
        marks: [
          Plot.gridX({ ticks: logTicks(x), strokeOpacity: 0.14 }),
          Plot.gridY({ ticks: logTicks(y), strokeOpacity: 0.14 }),
          Plot.axisX({
            ticks: spaced(logTicks(x), Math.floor(width / 70)),
            text: tickText,
            label: "MAC per byte from off chip",
            labelArrow: "none",
          }),
          Plot.axisY({
            ticks: spaced(logTicks(y), 7),
            text: tickText,
            label: "MAC/s",
            labelArrow: "none",
          }),
          // Roofs often coincide: each is thinner than the one below it, so that all of them show.
          ...runs.map((_, index) =>
            Plot.line(
              roofs.filter(({ run }) => run === index),
              {
                x: "x",
                y: "y",
                stroke: machineColour(index),
                strokeWidth: 1.5 + (2.5 * (runs.length - 1 - index)) / Math.max(1, runs.length - 1),
              },
            ),
          ),
          Plot.dot(points, {
            x: "intensity",
            y: "rate",
            r: "seconds",
            symbol: ({ run }: RooflinePoint) => machineSymbol(run),
            fill: ({ run }: RooflinePoint) => machineColour(run),
            fillOpacity: 0.5,
            stroke: ({ run }: RooflinePoint) => machineColour(run),
          }),
        ],
      };
    },
    [result],
  );
  const onDraw = useCallback((drawn: Drawn) => bindPoints(drawn, points, result), [result]);
  if (points.length === 0) return null;
  const missing = done.reduce((sum, { run }) => sum + run.layers.length, 0) - points.length;
  return (
    <Figure
      title="Roofline"
      legend={namesWithNotes(result).map((name, index) => ({
        name,
        colour: machineColour(index),
        mark: machineSign(index),
      }))}
      caption={`Marks are layers, larger where they take longer; lines are the machines' roofs. Multiplications that were skipped are not counted.${missing === 0 ? "" : ` ${plural(missing, "layer")} without work or off-chip traffic ${missing === 1 ? "is" : "are"} not drawn.`}`}
      rows={() => [
        ["layer", "machine", "MAC per byte", "MAC/s", "time (s)"],
        ...points.map(({ name, run, intensity, rate, seconds }) => [name, labels[run], intensity, rate, seconds]),
      ]}
    >
      <PlotHost
        draw={draw}
        onDraw={onDraw}
        height={300}
        label={`Roofline of ${plural(rows.length, "layer")} on ${namesWithNotes(result).join(", ")}; the CSV has the figures`}
      />
    </Figure>
  );
}

/** Rings around the marks of the layer pointed at, here or in another picture. */
function bindPoints(drawn: Drawn, points: readonly RooflinePoint[], { rows }: BenchResult): () => void {
  if (!(drawn instanceof SVGSVGElement)) return () => undefined;
  const [x, y] = [drawn.scale("x"), drawn.scale("y")];
  if (x === undefined || y === undefined) return () => undefined;
  const places = points.map((point) => ({
    point,
    x: Number(x.apply(point.intensity)),
    y: Number(y.apply(point.rate)),
  }));
  const rings = document.createElementNS("http://www.w3.org/2000/svg", "g");
  rings.setAttribute("class", "rings");
  rings.setAttribute("fill", "none");
  drawn.append(rings);
  const nearest = (event: MouseEvent): RooflinePoint | undefined => {
    const box = drawn.getBoundingClientRect();
    const scale = drawn.viewBox.baseVal.width / box.width;
    const [left, top] = [(event.clientX - box.left) * scale, (event.clientY - box.top) * scale];
    let found: RooflinePoint | undefined;
    let least = reach;
    for (const place of places) {
      const distance = Math.hypot(place.x - left, place.y - top);
      if (distance >= least) continue;
      least = distance;
      found = place.point;
    }
    return found;
  };
  drawn.addEventListener("pointermove", (event) => {
    const point = nearest(event);
    hover.value =
      point === undefined ? undefined : { row: point.row, machine: point.run, x: event.clientX, y: event.clientY };
  });
  drawn.addEventListener("pointerleave", () => {
    hover.value = undefined;
  });
  drawn.addEventListener("click", (event) => {
    const row = rows[nearest(event)?.row ?? -1];
    if (row !== undefined) openLayer(row.key);
  });
  return effect(() => {
    const row = hoveredRow.value;
    rings.replaceChildren(
      ...places
        .filter(({ point }) => point.row === row)
        .map((place) => {
          const ring = document.createElementNS("http://www.w3.org/2000/svg", "circle");
          ring.setAttribute("cx", String(place.x));
          ring.setAttribute("cy", String(place.y));
          ring.setAttribute("r", "10");
          ring.setAttribute("stroke", "currentColor");
          ring.setAttribute("stroke-width", "1.5");
          return ring;
        }),
    );
  });
}
