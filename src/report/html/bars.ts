// Energy and area by component: grouped bars, one row per component and one bar per machine, with the figures beside.

import type { Markup } from "./markup.ts";
import { machineColour } from "./palette.ts";
import { axisScale, figure, legend, tickName } from "./plot.ts";
import type { Drawing } from "./plot.ts";
import { keyUnion } from "../runs.ts";
import { percent } from "../units.ts";

export interface ComponentBars {
  readonly title: string;
  /** Name of the quantity on the axis. */
  readonly quantity: string;
  readonly unit: string;
  /** Whether the axis may take an SI prefix. */
  readonly prefixed: boolean;
  /** Values by component, one record per machine. */
  readonly parts: readonly Readonly<Record<string, number>>[];
  readonly print: (value: number) => string;
  readonly caption: string;
}

/** The figure, or undefined when no machine has components. */
export function componentFigure(drawing: Drawing, bars: ComponentBars, labels: readonly string[]): Markup | undefined {
  const names = keyUnion(bars.parts);
  if (names.length === 0) return undefined;
  const { Plot } = drawing;
  const data = names.flatMap((name, row) =>
    bars.parts.flatMap((part, run) => {
      const value = part[name];
      if (value === undefined) return [];
      const total = Object.values(part).reduce((sum, other) => sum + other, 0);
      const label = `${bars.print(value)} (${percent(total > 0 ? value / total : 0)})`;
      return [{ row, run, value, label, title: `${name}, ${labels[run] ?? ""}: ${label}` }];
    }),
  );
  const scale = bars.prefixed
    ? axisScale(
        data.map((bar) => bar.value),
        bars.unit,
      )
    : { factor: 1, unit: bars.unit };
  const largest = Math.max(...data.map((bar) => bar.value)) / scale.factor;
  const machines = labels.length;
  const picture = drawing.svg(
    {
      width: 460,
      height: names.length * (machines * 17 + 10) + 44,
      marginLeft: 140,
      marginRight: 106,
      marginTop: 4,
      marginBottom: 38,
      x: { domain: [0, largest > 0 ? largest : 1] },
      y: { axis: null, domain: labels.map((_, index) => index), padding: 0.15 },
      fy: {
        label: null,
        padding: 0.16,
        domain: names.map((_, index) => index),
        tickFormat: (index: number) => tickName(names[index] ?? ""),
      },
      marks: [
        Plot.gridX({ ticks: 4, strokeOpacity: 0.14 }),
        Plot.axisX({ ticks: 4, label: `${bars.quantity} (${scale.unit})`, labelAnchor: "center", labelArrow: "none" }),
        Plot.barX(data, {
          fy: "row",
          y: "run",
          x: (bar: { value: number }) => bar.value / scale.factor,
          fill: (bar: { run: number }) => machineColour(bar.run),
          title: "title",
        }),
        Plot.text(data, {
          fy: "row",
          y: "run",
          x: (bar: { value: number }) => bar.value / scale.factor,
          text: "label",
          textAnchor: "start",
          dx: 5,
          fontSize: 10,
        }),
      ],
    },
    bars.title,
    `Bars of ${names.join(", ")} for ${labels.join(", ")}.`,
  );
  return figure(
    bars.title,
    machines === 1 ? undefined : legend(labels.map((name, index) => ({ name, colour: machineColour(index) }))),
    picture,
    bars.caption,
  );
}
