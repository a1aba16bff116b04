// Pictures of layers side by side: a figure of each on every machine, who wins where and by how much, and cycle stacks.

import type { PlotOptions } from "@observablehq/plot";
import { useComputed } from "@preact/signals";
import { useCallback } from "preact/hooks";
import { bindLayers, layerAxis, layerWidth, machineTick, marginBottom, marginLeft, marginRight } from "./layer-axis.ts";
import {
  layerCauseSeconds,
  layerFigures,
  machineMark,
  machineSign,
  machineSymbol,
  missingPlaces,
  namesWithNotes,
  stacked,
  winnerText,
} from "../data/prepare.ts";
import type { BenchResult } from "../data/prepare.ts";
import { spaced } from "./scales.ts";
import { Figure } from "../../kit/figure.tsx";
import { PlotHost } from "../../kit/plot.tsx";
import type { Drawn, Plot } from "../../kit/plot.tsx";
import { option, setOption } from "../../shell/state.ts";
import { axisScale, logTicks } from "../../../src/report/html/plot.ts";
import { causeColour, inkOn, machineColour } from "../../../src/report/html/palette.ts";
import { costName } from "../../../src/report/runs.ts";
import { engineering, plural, times } from "../../../src/report/units.ts";
import type { LayerResult } from "../../../src/simulate/result.ts";

interface ResultProps {
  readonly result: BenchResult;
}

interface PickProps {
  readonly label: string;
  readonly name: string;
  readonly initial: string;
  readonly choices: readonly (readonly [value: string, title: string])[];
}

/** The value of an option; only a change of it draws the picture again. */
export const useOption = (name: string, initial: string): string => useComputed(() => option(name, initial)).value;

/** A choice of a picture, kept in the address. */
export const Pick = ({ label, name, initial, choices }: PickProps) => (
  <select
    class="pick"
    aria-label={label}
    value={useOption(name, initial)}
    onChange={(event) => {
      setOption(name, event.currentTarget.value, initial);
    }}
  >
    {choices.map(([value, title]) => (
      <option key={value} value={value}>
        {title}
      </option>
    ))}
  </select>
);

const numeric = layerFigures.filter(({ key }) => key !== "mapping");

export function LayerDots({ result }: ResultProps) {
  const { labels, rows } = result;
  const wanted = useOption("bench.figure", "seconds");
  const figure = numeric.find(({ key }) => key === wanted) ?? numeric[0];
  const scale = useOption("bench.scale", "log");
  const valueOf = (layer: LayerResult | undefined): number | undefined => {
    const value = layer === undefined ? undefined : figure?.value(layer);
    return typeof value === "number" ? value : undefined;
  };
  const draw = useCallback(
    (Plot: Plot, available: number): PlotOptions => {
      const width = layerWidth(rows.length, available);
      const points = rows.flatMap(({ index, layers }) =>
        layers.flatMap((layer, run) => {
          const value = valueOf(layer);
          return value === undefined || (scale === "log" && value <= 0) ? [] : [{ index, run, value }];
        }),
      );
      const values = points.map(({ value }) => value);
      const most = Math.max(...values, 0);
      const log = scale === "log" && most > 0;
      const domain: [number, number] = log ? [Math.min(...values) / 1.4, most * 1.4] : [0, most || 1];
      const unit = figure?.unit === "fraction" ? "" : (figure?.unit ?? "");
      const ticks = log ? spaced(logTicks(domain), 8) : undefined;
      return {
        width,
        height: 300,
        marginLeft,
        marginRight,
        marginTop: 22,
        marginBottom,
        x: { type: "band", domain: rows.map(({ index }) => index), padding: 0.2 },
        y: { type: log ? "log" : "linear", domain },
        symbol: { type: "identity" },
        marks: [
          Plot.gridY({ ...(ticks === undefined ? { ticks: 6 } : { ticks }), strokeOpacity: 0.14 }),
          Plot.axisY({
            ...(ticks === undefined ? { ticks: 6 } : { ticks }),
            text: (value: number) => engineering(value, unit === "cycles" ? "" : unit, 2),
            label: figure?.title ?? "",
            labelArrow: "none",
          }),
          layerAxis(Plot, rows, width),
          Plot.ruleX(points, Plot.groupX({ y1: "min", y2: "max" }, { x: "index", y: "value", strokeOpacity: 0.25 })),
          Plot.dot(points, {
            x: "index",
            y: "value",
            r: 4,
            symbol: ({ run }: { run: number }) => machineSymbol(run),
            fill: ({ run }: { run: number }) => machineColour(run),
            stroke: "var(--panel)",
            strokeWidth: 0.6,
          }),
        ],
      };
    },
    [result, figure, scale],
  );
  const onDraw = useCallback((drawn: Drawn) => bindLayers(drawn, rows), [rows]);
  return (
    <Figure
      title={`Each layer's ${figure?.title ?? ""}`}
      legend={namesWithNotes(result).map((name, index) => ({
        name,
        colour: machineColour(index),
        mark: machineSign(index),
      }))}
      controls={
        <>
          <Pick
            label="Figure of each layer"
            name="bench.figure"
            initial="seconds"
            choices={numeric.map(({ key, title }) => [key, title] as const)}
          />
          <Pick
            label="Scale"
            name="bench.scale"
            initial="log"
            choices={[
              ["log", "logarithmic"],
              ["linear", "linear"],
            ]}
          />
        </>
      }
      rows={() => [
        ["layer", ...labels.map((label) => `${label} (${figure?.unit ?? ""})`)],
        ...rows.map(({ name, layers }) => [name, ...layers.map(valueOf)]),
      ]}
    >
      <PlotHost
        draw={draw}
        onDraw={onDraw}
        height={300}
        label={`${figure?.title ?? ""} of ${plural(rows.length, "layer")} on ${namesWithNotes(result).join(", ")}; the table below has the figures`}
      />
    </Figure>
  );
}

export function WinnerMap({ result }: ResultProps) {
  const { job, runs, done, labels, notes, rows, scope } = result;
  const cost = costName(job.objective);
  const waits = done.length < 2;
  const missing = missingPlaces(result);
  const draw = useCallback(
    (Plot: Plot, available: number): PlotOptions => {
      const width = layerWidth(rows.length, available);
      const cells = rows.flatMap(({ index, costs, best }) => {
        const least = Math.min(...costs.filter((value) => value !== undefined));
        return costs.flatMap((value, run) => {
          if (value === undefined) return [];
          const wins = best.includes(run);
          // Nothing is as dark as a winner; twice the cost is half as dark.
          return [
            { index, run, wins, draws: best.length === 0 && !waits, strength: wins ? 1 : 0.45 * (least / value || 0) },
          ];
        });
      });
      type Cell = (typeof cells)[number];
      return {
        width,
        height: runs.length * 24 + 8 + marginBottom,
        marginLeft,
        marginRight,
        marginTop: 8,
        marginBottom,
        x: { type: "band", domain: rows.map(({ index }) => index), padding: 0.08 },
        y: { type: "band", domain: runs.map((_, index) => index), padding: 0.12 },
        marks: [
          Plot.axisY({ tickFormat: machineTick, tickSize: 0, label: null, fontWeight: 700 }),
          layerAxis(Plot, rows, width),
          Plot.cell(cells, {
            x: "index",
            y: "run",
            fill: ({ run }: Cell) => machineColour(run),
            fillOpacity: "strength",
            inset: 0.5,
            rx: 2,
          }),
          Plot.text(cells, {
            filter: ({ wins, draws }: Cell) => wins || draws,
            x: "index",
            y: "run",
            text: ({ draws }: Cell) => (draws ? "=" : "●"),
            fill: ({ run, draws }: Cell) => (draws ? "currentColor" : inkOn(machineColour(run))),
            fontSize: 9,
          }),
          Plot.text(missing, {
            y: (run: number) => run,
            text: (run: number) => notes[run] ?? "",
            frameAnchor: "left",
            dx: 4,
            fill: "currentColor",
          }),
        ],
      };
    },
    [result],
  );
  const onDraw = useCallback((drawn: Drawn) => bindLayers(drawn, rows), [rows]);
  const counts = done.map(
    ({ place }) => `${labels[place] ?? ""} ${rows.filter(({ best }) => best.length === 1 && best[0] === place).length}`,
  );
  const shared = rows.filter(({ best }) => best.length > 1).length;
  const draws = rows.filter(({ best }) => best.length === 0).length;
  return (
    <Figure
      title={`Who wins each layer (least ${cost})`}
      caption={
        <>
          {waits
            ? `One machine of ${runs.length} is done: who wins waits for a second one.`
            : `Layers won${scope === "" ? "" : ` among ${scope}`}: ${counts.join(", ")}`}
          {shared > 0 ? `, shared ${shared}` : ""}
          {draws > 0 && !waits ? `, drawn ${draws}` : ""}
          {waits ? "" : "."} A dot marks the winner, = a draw of all; the paler the cell, the farther behind.
        </>
      }
      rows={() => [
        [
          "layer",
          scope === "" ? "winner" : `winner of ${scope}`,
          "the next over it",
          ...labels.map((label) => `${label}, ${cost} over the least`),
        ],
        ...rows.map(({ name, best, margin, costs }) => {
          const least = Math.min(...costs.filter((value) => value !== undefined));
          return [
            name,
            winnerText(result, best),
            margin,
            ...costs.map((value) => (value === undefined ? undefined : value / least)),
          ];
        }),
      ]}
    >
      <PlotHost
        draw={draw}
        onDraw={onDraw}
        height={runs.length * 24 + 8 + marginBottom}
        label={
          waits
            ? "Winner of each layer, when two machines are done"
            : `Winner of each layer. Layers won${scope === "" ? "" : ` among ${scope}`}: ${counts.join(", ")}. ${widest(result)}`
        }
      />
    </Figure>
  );
}

function widest({ rows, labels }: BenchResult): string {
  const row = rows.reduce((top, each) => ((each.margin ?? 0) > (top?.margin ?? 0) ? each : top), rows[0]);
  if (row?.margin === undefined) return "";
  return `The widest margin is ${times(row.margin)}, of ${labels[row.best[0] ?? 0] ?? ""} at ${row.name}.`;
}

export function LayerStacks({ result }: ResultProps) {
  const { runs, labels, notes, rows, causes } = result;
  const wanted = useOption("bench.stack", "0");
  const shown = wanted === "all" ? runs.map((_, index) => index) : [Math.min(Number(wanted) || 0, runs.length - 1)];
  const share = useOption("bench.stacked", "time") === "share";
  const key = shown.join();
  const draw = useCallback(
    (Plot: Plot, available: number): PlotOptions => {
      const width = layerWidth(rows.length, available);
      const each = shown.length === 1 ? 230 : 110;
      const parts = shown.flatMap((run) =>
        stacked(
          rows.map(({ layers }) => {
            const layer = layers[run];
            if (layer === undefined) return [];
            const whole = share ? layer.seconds || 1 : 1;
            return causes.map((cause) => layerCauseSeconds(layer, cause) / whole);
          }),
        ).map((part) => ({ ...part, run })),
      );
      const most = Math.max(...parts.map(({ end }) => end), 0);
      const scale = share ? { factor: 0.01, unit: "%" } : axisScale([most], "s");
      const facet = shown.length > 1 ? { fy: "run" } : {};
      return {
        width,
        height: each * shown.length + marginBottom + 10,
        marginLeft,
        marginRight: shown.length > 1 ? 24 : marginRight,
        marginTop: 22,
        marginBottom,
        x: { type: "band", domain: rows.map(({ index }) => index), padding: 0.15 },
        y: { domain: [0, share ? 100 : most / scale.factor || 1] },
        fy: { domain: shown, padding: 0.12 },
        marks: [
          Plot.gridY({ ticks: 4, strokeOpacity: 0.14 }),
          Plot.axisY({ ticks: 4, label: scale.unit, labelArrow: "none" }),
          layerAxis(Plot, rows, width),
          ...(shown.length > 1 ? [Plot.axisFy({ tickFormat: machineTick, label: null, fontWeight: 700 })] : []),
          Plot.rectY(parts, {
            ...facet,
            x: "bar",
            y1: ({ start }: { start: number }) => start / scale.factor,
            y2: ({ end }: { end: number }) => end / scale.factor,
            fill: ({ part }: { part: number }) => causeColour(part),
          }),
          Plot.text(
            shown.filter((run) => runs[run] === undefined),
            {
              ...(shown.length > 1 ? { fy: (run: number) => run } : {}),
              text: (run: number) => `${labels[run] ?? ""}: ${notes[run] ?? ""}`,
              frameAnchor: "middle",
              fill: "currentColor",
              fontSize: 12,
            },
          ),
        ],
      };
    },
    [result, key, share],
  );
  const only = shown.length === 1 ? shown[0] : undefined;
  const onDraw = useCallback((drawn: Drawn) => bindLayers(drawn, rows, only), [rows, only]);
  const used = causes.filter((cause) => shown.some((run) => (runs[run]?.total.stack[cause] ?? 0) > 0));
  return (
    <Figure
      title="Cycle stacks, layer by layer"
      legend={used.map((name) => ({ name, colour: causeColour(causes.indexOf(name)) }))}
      controls={
        <>
          <Pick
            label="Machine of the cycle stacks"
            name="bench.stack"
            initial="0"
            choices={[
              ...labels.map((label, index) => [String(index), `${machineMark(index)} ${label}`] as const),
              ...(runs.length > 1 ? [["all", "all machines"] as const] : []),
            ]}
          />
          <Pick
            label="Cycle stacks as"
            name="bench.stacked"
            initial="time"
            choices={[
              ["time", "time"],
              ["share", "share of the layer"],
            ]}
          />
        </>
      }
      rows={() => [
        ["layer", "machine", "cycles", ...causes.map((cause) => `${cause} (cycles)`)],
        ...rows.flatMap(({ name, layers }) =>
          shown.map((run) => [
            name,
            labels[run],
            layers[run]?.cycles,
            ...causes.map((cause) => layers[run]?.stack[cause] ?? 0),
          ]),
        ),
      ]}
    >
      <PlotHost
        draw={draw}
        onDraw={onDraw}
        height={320}
        label={`Where the time of each layer goes on ${shown.map((run) => labels[run] ?? "").join(", ")}`}
      />
    </Figure>
  );
}
