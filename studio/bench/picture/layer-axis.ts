// The axis of layers that pictures share: one column a layer, wide enough to be hit, whose name shows where there is room;
// pointing at a column marks the layer in every picture, pressing it opens the layer.

import { effect } from "@preact/signals";
import type { Markish } from "@observablehq/plot";
import { machineMark } from "../data/prepare.ts";
import type { BenchRow } from "../data/prepare.ts";
import { hover, hoveredRow, openKey } from "../result.ts";
import type { Drawn, Plot } from "../../kit/plot.tsx";
import { change, state } from "../../shell/state.ts";
import { elideMiddle } from "../../../src/report/units.ts";

export const marginLeft = 62;
export const marginRight = 12;
/** Room for names below. */
export const marginBottom = 84;

/** Pixels that a picture of so many layers takes: what there is, or more, to be scrolled. */
export const layerWidth = (layers: number, width: number): number =>
  Math.max(width, layers * 7 + marginLeft + marginRight);

/** Names of layers, slanted, as many as do not touch. */
export function layerAxis(Plot: Plot, rows: readonly BenchRow[], width: number): Markish {
  const column = (width - marginLeft - marginRight) / Math.max(1, rows.length);
  const step = Math.max(1, Math.ceil(13 / column));
  return Plot.axisX({
    ticks: rows.flatMap(({ index }) => (index % step === 0 ? [index] : [])),
    tickFormat: (index: number) => elideMiddle(rows[index]?.name ?? "", 14),
    tickRotate: -60,
    tickSize: 3,
    label: null,
  });
}

/** `A`, `B` ... for an axis of machines. */
export const machineTick = (index: number): string => machineMark(index);

const bandOf = (className: string): SVGRectElement => {
  const rect = document.createElementNS("http://www.w3.org/2000/svg", "rect");
  rect.setAttribute("class", className);
  rect.setAttribute("fill", "none");
  rect.setAttribute("stroke", "none");
  return rect;
};

/** Marks the layer that is pointed at and the one that is open, and tells both of what the pointer does here. */
export function bindLayers(drawn: Drawn, rows: readonly BenchRow[], machine?: number): () => void {
  if (!(drawn instanceof SVGSVGElement)) return () => undefined;
  const x = drawn.scale("x");
  if (x?.bandwidth === undefined || x.step === undefined) return () => undefined;
  const { step, bandwidth } = x;
  const { height, width } = drawn.viewBox.baseVal;
  const leftOf = (row: number): number => Number(x.apply(row)) - (step - bandwidth) / 2;
  const [pointed, open] = [bandOf("band-pointed"), bandOf("band-open")];
  drawn.prepend(open);
  drawn.append(pointed);
  const place = (band: SVGRectElement, row: number | undefined): void => {
    const there = row !== undefined && row >= 0 && row < rows.length;
    band.style.display = there ? "" : "none";
    if (!there) return;
    band.setAttribute("x", String(leftOf(row)));
    band.setAttribute("y", "0");
    band.setAttribute("width", String(step));
    band.setAttribute("height", String(height - marginBottom));
  };
  const rowAt = (event: MouseEvent): number | undefined => {
    const box = drawn.getBoundingClientRect();
    const at = ((event.clientX - box.left) / box.width) * width;
    const row = Math.floor((at - leftOf(0)) / step);
    return row >= 0 && row < rows.length ? row : undefined;
  };
  const onMove = (event: PointerEvent): void => {
    const row = rowAt(event);
    hover.value =
      row === undefined
        ? undefined
        : { row, x: event.clientX, y: event.clientY, ...(machine === undefined ? {} : { machine }) };
  };
  const onLeave = (): void => {
    hover.value = undefined;
  };
  const onClick = (event: MouseEvent): void => {
    const row = rows[rowAt(event) ?? -1];
    if (row !== undefined) openLayer(row.key);
  };
  drawn.addEventListener("pointermove", onMove);
  drawn.addEventListener("pointerleave", onLeave);
  drawn.addEventListener("click", onClick);
  const ends = [
    effect(() => {
      place(pointed, hoveredRow.value);
    }),
    effect(() => {
      const layer = openKey.value;
      place(open, layer === "" ? undefined : rows.findIndex(({ key }) => key === layer));
    }),
  ];
  return () => {
    for (const end of ends) end();
  };
}

/** Opens a layer, or closes it where it is the open one. */
export function openLayer(key: string): void {
  change({ layer: state.value.layer === key ? "" : key });
}
