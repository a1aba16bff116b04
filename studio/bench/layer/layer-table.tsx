// The layers as a table: one figure on every machine, or every figure of one; sorted by any, opened by a click or Enter.

import { useEffect, useMemo, useRef } from "preact/hooks";
import { Pick, useOption } from "../picture/layer-plots.tsx";
import { openLayer } from "../picture/layer-axis.ts";
import { layerFigures, machineMark, winnerText } from "../data/prepare.ts";
import type { BenchResult, BenchRow, LayerFigure } from "../data/prepare.ts";
import { hover, hoveredRow, openKey } from "../result.ts";
import { effect } from "@preact/signals";
import { DataTable } from "../../kit/table.tsx";
import type { TableColumn } from "../../kit/table.tsx";
import { engineering, grouped, percent, significant, times } from "../../../src/report/units.ts";

/** A figure as a table shows it: its column's head says the unit, the prefix stands beside the number. */
export function figureText({ unit }: LayerFigure, value: number | string | undefined): string {
  if (value === undefined) return "–";
  if (typeof value === "string") return value;
  if (unit === "fraction") return percent(value);
  return unit === "cycles" ? grouped(value) : engineering(value, unit ?? "");
}

const shape: readonly TableColumn<BenchRow>[] = [
  { key: "layer", title: "layer", value: ({ name }) => name },
  { key: "operator", title: "operator", value: ({ any }) => any.operator },
  { key: "M", title: "M", align: "right", value: ({ any }) => any.M, show: ({ any }) => grouped(any.M) },
  { key: "N", title: "N", align: "right", value: ({ any }) => any.N, show: ({ any }) => grouped(any.N) },
  { key: "K", title: "K", align: "right", value: ({ any }) => any.K, show: ({ any }) => grouped(any.K) },
  { key: "count", title: "×", align: "right", value: ({ any }) => any.count, show: ({ any }) => grouped(any.count) },
  {
    key: "macs",
    title: "multiplications",
    unit: "MAC",
    align: "right",
    value: ({ any }) => any.macs.dense,
    show: ({ any }) => engineering(any.macs.dense, ""),
  },
  ...(["A", "B"] as const).map((operand): TableColumn<BenchRow> => ({
    key: `density${operand}`,
    title: `density ${operand}`,
    align: "right",
    value: ({ any }) => any.density[operand],
    show: ({ any }) => significant(any.density[operand], 3),
  })),
];

const figureColumn = (figure: LayerFigure, machine: number, title: string): TableColumn<BenchRow> => ({
  key: `${machine} ${figure.key}`,
  title,
  ...(figure.unit === undefined ? {} : { unit: figure.unit }),
  ...(figure.key === "mapping" ? {} : { align: "right" as const }),
  value: ({ layers }) => {
    const layer = layers[machine];
    return layer === undefined ? undefined : figure.value(layer);
  },
  show: ({ layers, best }) => {
    const layer = layers[machine];
    const text = figureText(figure, layer === undefined ? undefined : figure.value(layer));
    return best.includes(machine) && figure.key !== "mapping" ? <b>{text}</b> : text;
  },
});

function columnsOf(result: BenchResult, shown: string): readonly TableColumn<BenchRow>[] {
  const { labels, runs, scope } = result;
  const machine = /^machine(\d+)$/.exec(shown)?.[1];
  if (machine !== undefined) {
    return [...shape, ...layerFigures.map((figure) => figureColumn(figure, Number(machine), figure.title))];
  }
  const figure = layerFigures.find(({ key }) => key === shown) ?? layerFigures[0];
  if (figure === undefined) return shape;
  const winner: TableColumn<BenchRow> = {
    key: "winner",
    title: scope === "" ? "winner" : `winner of ${scope}`,
    value: ({ best }) => winnerText(result, best),
    show: ({ best }) => winnerText(result, best, machineMark, " "),
  };
  const margin: TableColumn<BenchRow> = {
    key: "margin",
    title: "next over it",
    align: "right",
    value: (row) => row.margin,
    show: (row) => (row.margin === undefined ? "" : times(row.margin)),
  };
  return [
    ...shape,
    ...labels.map((label, index) => figureColumn(figure, index, `${machineMark(index)} ${label} ${figure.title}`)),
    ...(runs.length > 1 ? [winner, margin] : []),
  ];
}

export function LayerTable({ result }: { readonly result: BenchResult }) {
  const place = useRef<HTMLElement>(null);
  const shown = useOption("bench.table", "seconds");
  const columns = useMemo(() => columnsOf(result, shown), [result, shown]);
  const { rows, labels } = result;
  useEffect(
    () =>
      effect(() => {
        const key = rows[hoveredRow.value ?? -1]?.key;
        for (const marked of place.current?.querySelectorAll("tr.pointed") ?? []) marked.classList.remove("pointed");
        if (key !== undefined) {
          place.current?.querySelector(`tr[data-key="${CSS.escape(key)}"]`)?.classList.add("pointed");
        }
      }),
    [rows],
  );
  const point = (event: Event, x: number, y: number): void => {
    const key = event.target instanceof Element ? event.target.closest("tr")?.dataset["key"] : undefined;
    const row = rows.findIndex((each) => each.key === key);
    hover.value = row < 0 ? undefined : { row, x, y, quiet: true };
  };
  return (
    <section
      ref={place}
      class="layer-table"
      aria-label="Layers"
      onPointerOver={(event) => {
        point(event, event.clientX, event.clientY);
      }}
      onPointerLeave={() => {
        hover.value = undefined;
      }}
      onFocusIn={(event) => {
        point(event, 0, 0);
      }}
    >
      <div class="figure-head">
        <h3>Layers</h3>
        <Pick
          label="What the table shows"
          name="bench.table"
          initial="seconds"
          choices={[
            ...layerFigures.map(({ key, title }) => [key, `${title} on every machine`] as const),
            ...labels.map(
              (label, index) => [`machine${index}`, `all figures of ${machineMark(index)} ${label}`] as const,
            ),
          ]}
        />
      </div>
      <DataTable
        caption={`${result.done[0]?.run.workload ?? "workload"}, layer by layer`}
        columns={columns}
        rows={rows}
        rowKey={({ key }) => key}
        {...(openKey.value === "" ? {} : { selected: openKey.value })}
        onOpen={({ key }) => {
          openLayer(key);
        }}
      />
    </section>
  );
}
