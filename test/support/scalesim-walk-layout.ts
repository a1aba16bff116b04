// The order in which v3 of SCALE-Sim fetches an operand that has a custom layout: the tensor in blocks, with outer and
// inner indices of all dimensions as axes that the layout puts in an order of its own.

import type { ScalesimConfiguration, ScalesimLayer, ScalesimLayout } from "../../src/interop/scalesim/scalesim.ts";
import { at } from "./scalesim-walk-matrix.ts";

/** Addresses of the ifmap, -1 where a block runs off it. They start at 0: upstream leaves the offset out. */
export function ifmapLayoutOrder(
  { ifmapHeight, ifmapWidth, channels }: ScalesimLayer,
  { layout }: ScalesimConfiguration,
  { ifmap: { factors, interOrder, intraOrder } }: ScalesimLayout,
): number[] {
  if (product(factors) > layout.ifmap.bandwidth) throw new Error("a block wider than a line: SCALE-Sim stops here");
  return blockedOrder([ifmapHeight, ifmapWidth, channels], factors, [...interOrder, ...intraOrder], 0);
}

/** Addresses of the filters, -1 where a block runs off them. Upstream takes channels to be outside a filter's pixels. */
export function filterLayoutOrder(
  { filters, channels, filterHeight, filterWidth }: ScalesimLayer,
  { layout, offsets }: ScalesimConfiguration,
  { filter: { factors, interOrder, intraOrder } }: ScalesimLayout,
): number[] {
  if (product(factors) !== layout.filter.bandwidth) throw new Error("a block that is no line: SCALE-Sim stops here");
  const sizes = [filters, channels, filterHeight, filterWidth];
  return blockedOrder(sizes, factors, [...interOrder, ...intraOrder], offsets.filter);
}

const product = (factors: readonly number[]): number => factors.reduce((all, factor) => all * factor, 1);

/** Axes from the slowest to the fastest: 0, 1, ... count blocks of each dimension, the numbers after them its words in a block. */
function blockedOrder(
  sizes: readonly number[],
  factors: readonly number[],
  axes: readonly number[],
  offset: number,
): number[] {
  const extents = [...sizes.map((size, i) => Math.ceil(size / at(factors, i))), ...factors];
  if (axes.toSorted((a, b) => a - b).some((axis, i) => axis !== i)) {
    throw new Error("an order that is no order of all axes: SCALE-Sim stops here");
  }
  const order: number[] = [];
  const index = extents.map(() => 0);
  const visit = (depth: number): void => {
    const axis = axes[depth];
    if (axis === undefined) {
      const position = sizes.map((_, i) => at(index, i) * at(factors, i) + at(index, sizes.length + i));
      const inside = position.every((coordinate, i) => coordinate < at(sizes, i));
      order.push(inside ? offset + position.reduce((word, coordinate, i) => word * at(sizes, i) + coordinate, 0) : -1);
      return;
    }
    for (let i = 0; i < at(extents, axis); i++) {
      index[axis] = i;
      visit(depth + 1);
    }
  };
  visit(0);
  return order;
}
