// The merge tree of a film: a part for each node and for the queue of what it made, the root at the bottom; in every
// cycle what each node compares, adds, hands on or waits for.

import type { MergeTree } from "../../../component/merge-tree/merge-tree.ts";
import { nodeWidth } from "../../../component/merge-tree/merge-tree.ts";
import type { Drawing, Reel } from "../draft.ts";
import { through } from "../draft.ts";
import type { Comparison, Frame } from "./record.ts";

/** Parts and links by node in heap order: node n merges what 2n and 2n + 1 made; leaves come last and are queues only. */
export interface TreeParts {
  readonly tree: MergeTree;
  readonly shown: readonly number[];
  /** -1 at leaves. */
  readonly nodes: readonly number[];
  readonly queues: readonly number[];
  /** From the left queue, from the right one, and to the own one. */
  readonly left: readonly number[];
  readonly right: readonly number[];
  readonly made: readonly number[];
  /** What leaves the root, and the link to it. */
  readonly out: number;
  readonly departing: number;
}

/** A coordinate and its value, in two slots. */
export const pairSlots = (coordinate: string, value: string, operand: "A" | "B" | "C") =>
  [
    { name: coordinate, role: "coordinate", operand },
    { name: value, operand },
  ] as const;

const widthOf = (tree: MergeTree, node: number): number => nodeWidth(tree, Math.floor(Math.log2(node)));

/** Slots of a node before those of what it makes: its two heads. */
const headSlots = 4;

/** Draws the tree from the height `y` down, its leaves `pitch` apart; what leaves it goes to a part named `result`. */
export function drawTree(
  picture: Drawing,
  tree: MergeTree,
  shown: readonly number[],
  place: { readonly y: number; readonly pitch: number; readonly coordinate: string; readonly result: string },
): TreeParts {
  const { leaves } = tree;
  const { pitch, coordinate } = place;
  const depth = Math.log2(leaves);
  const queue = (node: number, y: number): number => {
    const { x, width } = across(node, leaves, pitch);
    const isLeaf = node >= leaves;
    const name = isLeaf ? `leaf ${node - leaves}` : `queue of ${nodeName(node)}`;
    const elements = shown[node] ?? 0;
    return picture.part({
      name,
      kind: "queue",
      x,
      y,
      width,
      height: elements + 1,
      slots: [
        { name: "elements", role: "count" },
        ...Array.from({ length: elements }, (_, i) =>
          pairSlots(`${coordinate} of element ${i}`, `value of element ${i}`, "C"),
        ).flat(),
      ],
      ...(isLeaf || tree.fifoDepth === Infinity ? {} : { capacity: tree.fifoDepth }),
    });
  };
  const nodes: number[] = Array.from({ length: 2 * leaves }, () => -1);
  const queues: number[] = Array.from({ length: 2 * leaves }, () => -1);
  let y = place.y;
  for (let node = leaves; node < 2 * leaves; node++) queues[node] = queue(node, y);
  y += (shown[leaves] ?? 0) + 2;
  for (let level = depth - 1; level >= 0; level--) {
    const first = 2 ** level;
    const height = 2 + widthOf(tree, first);
    for (let node = first; node < 2 * first; node++) {
      const { x, width } = across(node, leaves, pitch);
      nodes[node] = picture.part({
        name: nodeName(node),
        kind: "adder",
        x,
        y,
        width,
        height,
        slots: [
          ...pairSlots(`${coordinate} from the left`, "value from the left", "C"),
          ...pairSlots(`${coordinate} from the right`, "value from the right", "C"),
          ...Array.from({ length: widthOf(tree, node) }, () =>
            pairSlots(`${coordinate} handed on`, "value handed on", "C"),
          ).flat(),
        ],
      });
      queues[node] = queue(node, y + height + 1);
    }
    y += height + (shown[first] ?? 0) + 3;
  }
  const { x, width } = across(1, leaves, pitch);
  const out = picture.part({
    name: place.result,
    kind: "memory",
    x: x - width / 2,
    y,
    width: 2 * width,
    height: 1 + tree.rootWidth,
    slots: [
      { name: "elements", role: "count" },
      ...Array.from({ length: tree.rootWidth }, () => pairSlots(`last ${coordinate}`, "last value", "C")).flat(),
    ],
  });
  const link = (from: number | undefined, to: number | undefined, way = {}): number =>
    picture.link(from ?? 0, to ?? 0, "C", way);
  const inner = (of: (node: number) => number): number[] =>
    Array.from({ length: 2 * leaves }, (_, node) => (node >= 1 && node < leaves ? of(node) : -1));
  return {
    tree,
    shown,
    nodes,
    queues,
    left: inner((node) => link(queues[2 * node], nodes[node], through)),
    right: inner((node) => link(queues[2 * node + 1], nodes[node], through)),
    made: inner((node) => link(nodes[node], queues[node])),
    out,
    departing: link(queues[1], out),
  };
}

export const nodeName = (node: number): string => (node === 1 ? "the root" : `node ${node}`);

/** A node lies in the middle of the leaves below it. */
function across(node: number, leaves: number, pitch: number): { readonly x: number; readonly width: number } {
  const span = leaves / 2 ** Math.floor(Math.log2(node));
  const first = node * span - leaves;
  const width = pitch - 1;
  return { x: (first + (span - 1) / 2) * pitch, width };
}

/** What a comparison came to. */
export type Verdict = "sum" | "left" | "right" | "wait";

export function verdictOf({ left, right, waits }: Comparison): Verdict {
  if (waits) return "wait";
  if (left !== undefined && left.column === right?.column) return "sum";
  return left !== undefined && (right === undefined || left.column < right.column) ? "left" : "right";
}

/** Fills a cycle of the tree; `left` elements have left the root before it. Returns how many have after it. */
export function fillTree(film: Reel, parts: TreeParts, frame: Frame, cycle: number, before: number): number {
  const { tree, nodes, queues, shown } = parts;
  const { leaves } = tree;
  const taken = new Uint32Array(2 * leaves);
  for (let node = 1; node < 2 * leaves; node++) {
    const part = queues[node] ?? 0;
    film.set(cycle, part, 0, frame.lengths[node] ?? 0);
    for (const [i, { column, value }] of (frame.queues[node] ?? []).slice(0, shown[node]).entries()) {
      film.set(cycle, part, 1 + 2 * i, column);
      film.set(cycle, part, 2 + 2 * i, value);
    }
  }
  const comparisons = new Map<number, Comparison[]>();
  for (const comparison of frame.comparisons) {
    const others = comparisons.get(comparison.node);
    if (others === undefined) comparisons.set(comparison.node, [comparison]);
    else others.push(comparison);
  }
  /** Moves the next element of a child's queue to its node. */
  const take = (child: number, link: number): void => {
    const i = taken[child] ?? 0;
    taken[child] = i + 1;
    film.move(cycle, link, 2 + 2 * i, film.get(cycle, queues[child] ?? 0, 1 + 2 * i));
  };
  for (let node = 1; node < leaves; node++) {
    const part = nodes[node] ?? 0;
    const own = comparisons.get(node) ?? [];
    const heads = [frame.queues[2 * node]?.[0], frame.queues[2 * node + 1]?.[0]];
    for (const [side, head] of heads.entries()) {
      film.set(cycle, part, 2 * side, head?.column ?? NaN);
      film.set(cycle, part, 2 * side + 1, head?.value ?? NaN);
    }
    let made = 0;
    let compared = false;
    for (const comparison of own) {
      const verdict = verdictOf(comparison);
      if (verdict === "wait") break;
      const { left, right } = comparison;
      if (left !== undefined && right !== undefined) compared = true;
      if (verdict !== "right") take(2 * node, parts.left[node] ?? 0);
      if (verdict !== "left") take(2 * node + 1, parts.right[node] ?? 0);
      const element = verdict === "right" ? right : left;
      const slot = headSlots + 2 * made++;
      film.set(cycle, part, slot, element?.column ?? NaN);
      film.set(
        cycle,
        part,
        slot + 1,
        verdict === "sum" ? (left?.value ?? 0) + (right?.value ?? 0) : (element?.value ?? NaN),
      );
      film.move(cycle, parts.made[node] ?? 0, slot + 1, element?.column);
    }
    const hasWork = heads.some((head) => head !== undefined);
    film.act(cycle, part, made > 0 ? (compared ? "useful" : "passing") : hasWork ? "stalled" : "idle");
  }
  const departs = Math.min(tree.rootWidth, frame.lengths[1] ?? 0);
  film.set(cycle, parts.out, 0, before);
  for (let i = 0; i < departs; i++) {
    const column = film.get(cycle, queues[1] ?? 0, 1 + 2 * i);
    film.move(cycle, parts.departing, 2 + 2 * i, column);
    film.set(cycle + 1, parts.out, 1 + 2 * i, column);
    film.set(cycle + 1, parts.out, 2 + 2 * i, film.get(cycle, queues[1] ?? 0, 2 + 2 * i));
  }
  taken[1] = departs;
  film.act(cycle, parts.out, departs > 0 ? "loading" : "idle");
  for (let node = 1; node < 2 * leaves; node++) {
    const waits = (frame.lengths[node] ?? 0) > 0;
    film.act(cycle, queues[node] ?? 0, (taken[node] ?? 0) > 0 ? "passing" : waits ? "stalled" : "idle");
  }
  return before + departs;
}
