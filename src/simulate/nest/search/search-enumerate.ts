// Branch and bound over every schedule of a space, level by level from far to near: resumable at any node, and cut into
// parts by the tiles of the first level.

import type { NestProblem } from "../../../mapping/nest/problem.ts";
import { largestRankWords } from "../../../mapping/nest/tiles.ts";
import { operandKeys } from "../../../mapping/nest/problem.ts";
import type { NestSpace, Point } from "./search-space.ts";

/** Tiles to try: every one, or only those that the tile around them is a multiple of (or that cut the whole dimension). */
export type TileChoice = "every" | "aligned";

export interface EnumerationPlace {
  readonly position: readonly number[];
  readonly ordinal: number;
}

export interface Enumeration {
  readonly place: EnumerationPlace;
  readonly nodes: number;
  readonly leaves: number;
  readonly complete: boolean;
}

type Step =
  | { readonly kind: "bypass" }
  | { readonly kind: "tile"; readonly slot: number; readonly d: number }
  | { readonly kind: "share" }
  | { readonly kind: "fit"; readonly level: number }
  | { readonly kind: "order"; readonly level: number };

/**
 * Walks on from `from` until `nodes` nodes were visited or all of part `part` of `parts` was. `hopeless(point, levels)`
 * cuts off a beginning of that many levels; `leaf` gets each schedule that is valid, in an order that depends on nothing
 * but the space.
 */
export function enumerate(
  space: NestSpace,
  choice: { readonly tiles: TileChoice; readonly part: number; readonly parts: number; readonly nodes: number },
  from: EnumerationPlace,
  hopeless: (point: Point, levels: number) => boolean,
  leaf: (point: Point) => void,
): Enumeration {
  const { count, depth, slots, sizes, temporal } = space;
  const steps = stepsOf(space);
  const point: Point = {
    tiles: new Int32Array(slots.length * count),
    order: new Int32Array(depth * count),
    bypass: 0,
  };
  const lists = new Map<number, readonly number[]>();
  const before = (slot: number, d: number): number =>
    slot === 0 ? (sizes[d] ?? 1) : (point.tiles[(slot - 1) * count + d] ?? 1);

  const tilesFor = (slot: number, d: number): readonly number[] => {
    const outer = before(slot, d);
    const whole = outer === sizes[d];
    if (outer === 1) return one;
    const last = slot === slots.length - 1;
    if (space.allowed[slot * count + d] === 0) return last ? none : [outer];
    const key = whole || choice.tiles === "every" ? outer : -outer;
    let list = lists.get(key);
    if (list === undefined) {
      list = Array.from({ length: outer }, (_, i) => outer - i).filter((tile) => key > 0 || outer % tile === 0);
      lists.set(key, list);
    }
    const { axis, units, single } = slots[slot] ?? { axis: -1, units: 1, single: false };
    if (axis >= 0) {
      let free = units;
      for (let other = 0; other < d; other++) {
        const taken = Math.ceil(before(slot, other) / (point.tiles[slot * count + other] ?? 1));
        free = single && taken > 1 ? 1 : Math.floor(free / taken);
      }
      list = list.filter((tile) => Math.ceil(outer / tile) <= free);
    }
    return last ? list.filter((tile) => tile === 1) : list;
  };

  /** Loops of more than one step in a level's temporal slot, by dimension. */
  const looping = (level: number): number[] => {
    const slot = temporal[level] ?? 0;
    return Array.from({ length: count }, (_, d) => d).filter(
      (d) => before(slot, d) > (point.tiles[slot * count + d] ?? 1),
    );
  };

  const options = (step: Step): number => {
    switch (step.kind) {
      case "bypass":
        return space.bypasses.length;
      case "tile":
        return tilesFor(step.slot, step.d).length;
      case "share":
      case "fit":
        return 1;
      case "order":
        // The order of the nearest level's loops changes nothing: the multipliers keep nothing between steps.
        return step.level === depth - 1 ? 1 : factorial(looping(step.level).length);
    }
  };

  let ordinal = from.ordinal;
  let resuming = true;
  /** Takes an option; false where nothing can come of it. */
  const take = (step: Step, option: number): boolean => {
    switch (step.kind) {
      case "bypass":
        point.bypass = option;
        return resuming || fits(space, point, 0);
      case "tile":
        point.tiles[step.slot * count + step.d] = tilesFor(step.slot, step.d)[option] ?? 1;
        return true;
      case "share":
        if (resuming) return true;
        ordinal += 1;
        return ordinal % choice.parts === choice.part;
      case "fit":
        return resuming || fits(space, point, step.level);
      case "order":
        return reorder(step.level, option) && (resuming || !hopeless(point, step.level + 1));
    }
  };

  const reorder = (level: number, option: number): boolean => {
    const loops = permutation(looping(level), option);
    const still = Array.from({ length: count }, (_, d) => d).filter((d) => !loops.includes(d));
    point.order.set([...still, ...loops], level * count);
    if (level === depth - 1) {
      const sorted = [...loops].sort(
        (a, b) => (space.groups[level * count + a] ?? 0) - (space.groups[level * count + b] ?? 0),
      );
      point.order.set([...still, ...sorted], level * count);
      return true;
    }
    return loops.every(
      (d, i) =>
        i === 0 || (space.groups[level * count + d] ?? 0) >= (space.groups[level * count + (loops[i - 1] ?? d)] ?? 0),
    );
  };

  const position = from.position.length === 0 ? [0] : [...from.position];
  for (let k = 0; k < position.length - 1; k++) {
    const step = steps[k];
    if (step !== undefined) take(step, position[k] ?? 0);
  }
  resuming = false;
  let [nodes, leaves] = [0, 0];
  while (position.length > 0) {
    const k = position.length - 1;
    const step = steps[k];
    const option = position[k] ?? 0;
    if (step === undefined) {
      leaves += 1;
      leaf(point);
    } else if (option < options(step)) {
      if (nodes >= choice.nodes) return { place: { position, ordinal }, nodes, leaves, complete: false };
      nodes += 1;
      if (take(step, option)) position.push(0);
      else position[k] = option + 1;
      continue;
    }
    position.pop();
    if (position.length > 0) position[k - 1] = (position[k - 1] ?? 0) + 1;
  }
  return { place: { position, ordinal }, nodes, leaves, complete: true };
}

const one: readonly number[] = [1];
const none: readonly number[] = [];

/** The decisions, outermost first. */
function stepsOf({ depth, count, temporal }: NestSpace): readonly Step[] {
  const tiles = (from: number, to: number): Step[] =>
    Array.from({ length: (to - from) * count }, (_, i) => ({
      kind: "tile",
      slot: from + Math.floor(i / count),
      d: i % count,
    }));
  return [
    { kind: "bypass" },
    ...Array.from({ length: depth }, (_, level): Step[] => {
      const [from, to] = [temporal[level] ?? 0, temporal[level + 1] ?? 0];
      const share: Step[] = level === 0 ? [{ kind: "share" }] : [];
      const fit: Step[] = level + 1 < depth ? [{ kind: "fit", level: level + 1 }] : [];
      return [...tiles(from, from + 1), ...share, ...tiles(from + 1, to), ...fit, { kind: "order", level }];
    }).flat(),
  ];
}

function factorial(n: number): number {
  return n < 2 ? 1 : n * factorial(n - 1);
}

/** Permutation number `index` of `list`, in lexicographic order. */
function permutation(list: readonly number[], index: number): number[] {
  const rest = [...list];
  const out: number[] = [];
  for (let n = list.length; n > 0; n--) {
    const block = factorial(n - 1);
    out.push(...rest.splice(Math.floor(index / block) % n, 1));
  }
  return out;
}

/** Schedules of a space at most, without regard to capacities and to how loops share an axis. */
export function spaceSize({ count, depth, slots, sizes, allowed, bypasses }: NestSpace, choice: TileChoice): number {
  let total = bypasses.length;
  let active = 0;
  for (let d = 0; d < count; d++) {
    const size = sizes[d] ?? 1;
    if (size === 1) continue;
    active += 1;
    const open = slots.flatMap((_, slot) => (allowed[slot * count + d] === 1 ? [slot] : []));
    total *= choice === "every" ? everyChain(size, open.length) : alignedChains(size, open.length);
  }
  return total * factorial(active) ** (depth - 1);
}

/** Chains of `cuts` tiles from `size` to 1 that do not rise. */
function everyChain(size: number, cuts: number): number {
  let chains = 1;
  for (let i = 1; i < cuts; i++) chains = (chains * (size - 1 + i)) / i;
  return chains;
}

/** As many where a tile divides the one around it, unless that is the whole dimension. */
function alignedChains(size: number, cuts: number): number {
  const memo = new Map<number, number>();
  const chains = (tile: number, left: number): number => {
    if (tile === 1 || left <= 1) return 1;
    const key = tile * 64 + left;
    let sum = memo.get(key);
    if (sum !== undefined) return sum;
    sum = 0;
    for (let inner = 1; inner <= tile; inner++) {
      if (tile === size || tile % inner === 0) sum += chains(inner, left - 1);
    }
    memo.set(key, sum);
    return sum;
  };
  return cuts === 0 ? 0 : chains(size, cuts);
}

/** Whether the tiles of level `level` fit its memories, exactly. */
export function fits(space: NestSpace, { tiles, bypass }: Point, level: number): boolean {
  const { count, dimensions, hierarchy, problem } = space;
  const memories = hierarchy.levels[level]?.memories ?? [];
  if (memories.every(({ bytes }) => bytes === Number.POSITIVE_INFINITY)) return true;
  const end = space.temporal[level] ?? 0;
  const chains = problem.dimensions.map((_, dimension) => {
    const d = dimensions.indexOf(dimension);
    return d < 0 ? [] : Array.from({ length: end }, (_s, slot) => tiles[slot * count + d] ?? 1);
  });
  const mask = level === 0 ? 0 : (space.bypasses[bypass]?.[level] ?? 0);
  return memories.every(({ operands, bytes }) => {
    let needed = 0;
    for (const [i, key] of operandKeys.entries()) {
      if (((mask >> i) & 1) === 1 || !operands.includes(key)) continue;
      needed += tileWords(problem, chains, i) * hierarchy.wordBytes[key === "C" ? "partial" : key];
    }
    return needed <= bytes;
  });
}

function tileWords(
  { dimensions, operands }: NestProblem,
  chains: readonly (readonly number[])[],
  operand: number,
): number {
  const lengths = dimensions.map(({ size }) => size);
  return operands[operandKeys[operand] ?? "A"].reduce(
    (product, rank) => product * largestRankWords(rank, lengths, chains),
    1,
  );
}
