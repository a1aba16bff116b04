// The picture of a unit of a sparse product: memories at the top, the network, the multipliers, and below them what
// becomes of their products: a merge tree, sums of rows, or the queue on the way to the memory for partial sums.

import type { ProductMachine } from "../../../dataflow/product/product.ts";
import type { ProductMapping } from "../../../mapping/product-mapping.ts";
import { counting, drawing, through } from "../draft.ts";
import type { Picture } from "../film.ts";
import type { Record } from "./record.ts";
import { shownElements } from "./record.ts";
import type { TreeParts } from "./tree-film.ts";
import { drawTree, pairSlots } from "./tree-film.ts";

/** How operands and coordinates are called: of B^T A^T = C^T where N rests. */
export interface Names {
  readonly rest: "A" | "B";
  readonly stream: "A" | "B";
  readonly row: "m" | "n";
  readonly column: "n" | "m";
  /** Lines of the operand that rests, along the summed coordinate: rows of A, or columns of B. */
  readonly restLine: "row" | "column";
  /** Lines of the operand that streams, across the summed coordinate. */
  readonly streamLine: "row" | "column";
}

export const namesOf = (stationary: ProductMapping["stationary"]): Names =>
  stationary === "M"
    ? { rest: "A", stream: "B", row: "m", column: "n", restLine: "row", streamLine: "row" }
    : { rest: "B", stream: "A", row: "n", column: "m", restLine: "column", streamLine: "column" };

/** What a unit is: a batch of one of the dataflows, or a pass of the tree over partial results. */
export type UnitKind = ProductMapping["dataflow"] | "pass";

/** Where the slots of a multiplier are. */
export const multiplierSlots = { k: 0, resting: 1, at: 2, word: 3, place: 4, product: 5, waiting: 6 } as const;

/** Consecutive multipliers whose products are summed. */
export interface SumPart {
  readonly part: number;
  readonly from: number;
  readonly to: number;
  readonly links: readonly number[];
  readonly out: number;
}

export interface ProductLayout {
  readonly picture: Picture;
  readonly names: Names;
  readonly kind: UnitKind;
  /** Cycles that products or sums are on their way to the controller. */
  readonly delay: number;
  readonly offChip: number;
  readonly fifo: number | undefined;
  /** With the links on which they ask for a line, get one, and give words. */
  readonly banks: readonly {
    readonly part: number;
    readonly ask: number;
    readonly get: number;
    readonly give: number;
  }[];
  readonly fifoGives: number;
  readonly network: number;
  readonly deliver: readonly number[];
  readonly multipliers: readonly number[];
  /** From multipliers to their leaves, or to what delays their products. */
  readonly onwards: readonly number[];
  readonly tree: TreeParts | undefined;
  readonly sums: readonly SumPart[];
  /** What delays the product of each multiplier, and the links to the controller's queue. */
  readonly stages: readonly number[];
  readonly toQueue: readonly number[];
  readonly queue: number | undefined;
  readonly fromQueue: number;
  /** Where products or sums end up, if that is not the end of the tree; the memory that a pass takes its fibres from. */
  readonly store: number;
  readonly fromStore: number;
}

const pitch = 6;
const boxWidth = pitch - 1;

/** The picture of a recorded unit. */
export function productLayout(machine: ProductMachine, record: Record, kind: UnitKind, names: Names): ProductLayout {
  const { multipliers: count, cache, stationary, sums } = machine;
  const drawn = drawing();
  const isPass = kind === "pass";
  const isMerging = isPass || kind === "gustavson";
  const fifoWidth = !isPass && stationary === "fifo" ? 2 * pitch : 0;
  const width = Math.max(count * pitch, isPass ? 0 : fifoWidth + cache.banks * pitch) - 1;
  const capacity = sums.bytes / sums.wordBytes;
  const store = (y: number): number =>
    drawn.part({
      name: sums.bytes === 0 ? "partial sums off chip" : "memory for partial sums",
      kind: "memory",
      x: 0,
      y,
      width,
      height: 2,
      slots: [
        { name: "elements held", role: "count" },
        { name: "elements of this batch", role: "count" },
      ],
      ...(capacity > 0 && capacity !== Infinity ? { capacity } : {}),
    });

  let offChip = -1;
  let fifo: number | undefined;
  const parts: number[] = [];
  let fromStore = -1;
  let held = -1;
  if (isPass) held = store(0);
  else {
    offChip = drawn.part({
      name: "off-chip memory",
      kind: "memory",
      x: 0,
      y: 0,
      width,
      height: 2,
      slots: [
        { name: "lines on their way", role: "count" },
        ...Array.from({ length: cache.banks }, (_, bank) => ({ name: `line for bank ${bank}` })),
      ],
    });
    if (stationary === "fifo") {
      fifo = drawn.part({
        name: `FIFO of ${names.rest}`,
        kind: "queue",
        x: 0,
        y: 4,
        width: fifoWidth - 1,
        height: 3,
        slots: [
          { name: "elements", role: "count" },
          { name: "elements handed over", role: "count" },
        ],
      });
    }
    for (let bank = 0; bank < cache.banks; bank++) {
      parts.push(
        drawn.part({
          name: `bank ${bank} of the cache`,
          kind: "memory",
          x: fifoWidth + bank * pitch,
          y: 4,
          width: boxWidth,
          height: 3,
          slots: [
            { name: "requests that wait", role: "count" },
            { name: "line asked for" },
            { name: "line that gives" },
            { name: "words given", role: "count" },
          ],
        }),
      );
    }
  }
  const network = drawn.part({
    name: "distribution network",
    kind: "network",
    x: 0,
    y: isPass ? 4 : 9,
    width,
    height: 1,
    slots: Array.from({ length: count }, (_, i) => ({ name: `to multiplier ${i}` })),
  });
  const top = isPass ? 7 : 12;
  const multipliers = Array.from({ length: count }, (_, i) =>
    drawn.part({
      name: `multiplier ${i}`,
      kind: isPass ? "register" : "unit",
      x: i * pitch,
      y: top,
      width: boxWidth,
      height: 4,
      slots: [
        ...pairSlots("k", `entry of ${names.rest} that rests`, names.rest),
        ...pairSlots(kind === "inner" ? "k" : names.column, `element of ${names.stream}`, names.stream),
        ...pairSlots(names.column, isPass ? "partial result" : "product", "C"),
        { name: isPass ? "elements to come" : "elements that wait", role: "count" },
      ],
    }),
  );
  const below = top + 6;
  // In a pass an element goes straight on to its leaf.
  const deliver = multipliers.map((part) =>
    isPass ? drawn.link(network, part, "C", through) : drawn.link(network, part),
  );
  const banks = parts.map((part) => ({
    part,
    ask: drawn.link(part, offChip),
    get: drawn.link(offChip, part, undefined, through),
    give: drawn.link(part, network, undefined, counting),
  }));
  const fifoGives = fifo === undefined ? -1 : drawn.link(fifo, network, names.rest, counting);
  if (isPass) fromStore = drawn.link(held, network, "C", counting);
  const shared = { picture: drawn, names, kind, offChip, fifo, banks, fifoGives, network, deliver, multipliers };

  if (isMerging) {
    const shown = Array.from({ length: 2 * count }, (_, node) => shownElements(machine, Math.max(1, node)));
    const row = isPass ? record.row : (record.resting[0]?.row ?? 0);
    const tree = drawTree(drawn, machine.tree, shown, {
      y: below,
      pitch,
      coordinate: names.column,
      result: `${names.restLine} ${row} of C`,
    });
    const onwards = multipliers.map((part, i) => drawn.link(part, tree.queues[count + i] ?? 0, "C", through));
    return {
      ...shared,
      delay: 0,
      onwards,
      tree,
      sums: [],
      stages: [],
      toQueue: [],
      queue: undefined,
      fromQueue: -1,
      store: held,
      fromStore,
    };
  }

  const delay = record.sendings[0]?.delay ?? 0;
  const stageSlots = (first: number) =>
    Array.from({ length: delay + 1 - first }, (_, i) => {
      const after = first + i === 0 ? "" : ` after ${first + i}`;
      return pairSlots(`${names.column}${after}`, `${kind === "inner" ? "sum" : "product"}${after}`, "C");
    }).flat();
  const sumParts: SumPart[] = [];
  const stages: number[] = [];
  const queueY = below + delay + 3;
  const queue = drawn.part({
    name: "queue at the controller",
    kind: "queue",
    x: 0,
    y: queueY,
    width,
    height: 2,
    slots: [
      { name: "elements", role: "count" },
      { name: "elements taken", role: "count" },
    ],
  });
  const onwards: number[] = [];
  const toQueue: number[] = [];
  if (kind === "inner") {
    for (const { from, to, row } of rowsOf(record)) {
      const part = drawn.part({
        name: `sum of ${names.restLine} ${row}`,
        kind: "adder",
        x: from * pitch,
        y: below,
        width: (to - from) * pitch - 1,
        height: delay + 1,
        slots: stageSlots(0),
      });
      // The multiplier behind the last one carries the sum of an earlier fold.
      const carriers = Math.min(count, to + (to === record.resting.length ? 1 : 0));
      const links = multipliers.slice(from, carriers).map((multiplier) => drawn.link(multiplier, part, "C", through));
      sumParts.push({ part, from, to, links, out: drawn.link(part, queue, "C") });
    }
  } else {
    for (const [i, multiplier] of multipliers.entries()) {
      if (delay === 0) {
        toQueue.push(drawn.link(multiplier, queue, "C", through));
        continue;
      }
      const part = drawn.part({
        name: `way of product ${i}`,
        kind: "register",
        x: i * pitch,
        y: below,
        width: boxWidth,
        height: delay,
        slots: stageSlots(1),
      });
      stages.push(part);
      onwards.push(drawn.link(multiplier, part, "C"));
      toQueue.push(drawn.link(part, queue, "C"));
    }
  }
  const end =
    kind === "outer"
      ? store(queueY + 4)
      : drawn.part({
          name: "sums for C",
          kind: "memory",
          x: 0,
          y: queueY + 4,
          width,
          height: 2,
          slots: [{ name: "elements", role: "count" }],
        });
  const fromQueue = drawn.link(queue, end, "C", counting);
  return {
    ...shared,
    delay,
    onwards,
    tree: undefined,
    sums: sumParts,
    stages,
    toQueue,
    queue,
    fromQueue,
    store: end,
    fromStore: -1,
  };
}

/** Rows of A that rest, each on consecutive multipliers. */
export function rowsOf({ resting }: Pick<Record, "resting">) {
  const rows: { row: number; from: number; to: number }[] = [];
  for (const [i, { row }] of resting.entries()) {
    const last = rows.at(-1);
    if (last?.row === row) last.to = i + 1;
    else rows.push({ row, from: i, to: i + 1 });
  }
  return rows;
}
