// The schedules that a search walks: every level's loops in time and along each axis as a table of tiles, what the
// constraints allow of it, and the way back to a schedule.

import type { NestConstraints } from "../../../mapping/nest/constraints.ts";
import { bypassChoice, mayIterate, orderGroup } from "../../../mapping/nest/constraints.ts";
import type { NestProblem, OperandKey, Rank } from "../../../mapping/nest/problem.ts";
import { operandKeys, reducedDimensions } from "../../../mapping/nest/problem.ts";
import type { Hierarchy, Loop, Schedule, SpatialLoop } from "../../../mapping/nest/schedule.ts";
import { rankWords } from "../../../mapping/nest/tiles.ts";

/**
 * A place for loops: one level's temporal loops, or its loops along one axis, one for each dimension at most. Slots stand
 * in the order of the nest.
 */
export interface Slot {
  readonly level: number;
  /** Index of the axis among the level's; -1 for the temporal loops. */
  readonly axis: number;
  readonly units: number;
  readonly multicast: boolean;
  /** Whether one dimension at most may have steps in it. */
  readonly single: boolean;
}

export interface NestSpace {
  readonly problem: NestProblem;
  readonly hierarchy: Hierarchy;
  readonly constraints: NestConstraints;
  readonly depth: number;
  /** The problem's dimensions of more than one position, which all else goes by; one at least. */
  readonly dimensions: Int32Array;
  readonly count: number;
  readonly sizes: Int32Array;
  readonly slots: readonly Slot[];
  /** For each level the index of its temporal slot; one more entry, the number of slots. */
  readonly temporal: Int32Array;
  /** 1 where slot * count + dimension may iterate. */
  readonly allowed: Uint8Array;
  /** The slot that takes what the others leave of a dimension: the outermost temporal one that may iterate it; or -1. */
  readonly absorber: Int32Array;
  /** level * count + dimension: loops of lower groups lie outside. */
  readonly groups: Int32Array;
  /** Bit 1 << index for each operand of `operandKeys` that a level may keep, by level. */
  readonly keepable: Int32Array;
  /** Every choice of operands that pass levels by: a bit mask for each level. */
  readonly bypasses: readonly Int32Array[];
  /** Indices of those that moves choose among. */
  readonly choices: readonly number[];
  /** 1 where operand index * count + dimension is relevant. */
  readonly relevant: Uint8Array;
  /** 1 where a dimension appears in a sliding window of an operand, the same way. */
  readonly slides: Uint8Array;
  readonly reduced: Uint8Array;
}

/** A schedule of the space. */
export interface Point {
  /** slot * count + dimension: positions that one step of the slot covers. */
  readonly tiles: Int32Array;
  /** level * count + i: the dimensions of a level's temporal loops, outermost first. */
  readonly order: Int32Array;
  /** Index into `bypasses`. */
  bypass: number;
}

export function nestSpace(problem: NestProblem, hierarchy: Hierarchy, constraints: NestConstraints): NestSpace {
  const large = problem.dimensions.flatMap(({ size }, index) => (size > 1 ? [index] : []));
  const dimensions = Int32Array.from(large.length > 0 ? large : [0]);
  const count = dimensions.length;
  const sizes = Int32Array.from(dimensions, (dimension) => problem.dimensions[dimension]?.size ?? 1);
  const depth = hierarchy.levels.length;
  const reducedList = reducedDimensions(problem);
  const reduced = Uint8Array.from(dimensions, (dimension) => Number(reducedList.includes(dimension)));
  const names = Array.from(dimensions, (dimension) => problem.dimensions[dimension]?.name ?? "");
  const slots: Slot[] = [];
  const temporal = new Int32Array(depth + 1);
  const allowed: number[] = [];
  for (const [level, { axes }] of hierarchy.levels.entries()) {
    const constraint = constraints.levels[level];
    temporal[level] = slots.length;
    slots.push({ level, axis: -1, units: Number.POSITIVE_INFINITY, multicast: true, single: false });
    for (const dimension of dimensions) allowed.push(Number(mayIterate(problem, constraint, dimension)));
    for (const [axis, { name, units, multicast, reduction }] of axes.entries()) {
      slots.push({ level, axis, units, multicast, single: constraint?.single?.includes(name) ?? false });
      const along = constraint?.spatial?.[name];
      for (const [d, dimension] of names.entries()) {
        const sums = reduction === "none" && reduced[d] === 1;
        allowed.push(Number(!sums && units > 1 && (along?.includes(dimension) ?? true)));
      }
    }
  }
  temporal[depth] = slots.length;
  const absorber = Int32Array.from({ length: count }, (_, d) =>
    slots.findIndex(({ axis }, slot) => axis === -1 && allowed[slot * count + d] === 1),
  );
  const listed = hierarchy.levels.map(({ memories }) => memories.flatMap(({ operands }) => operands));
  const flags = (of: (rank: Rank) => boolean): Uint8Array =>
    Uint8Array.from({ length: 3 * count }, (_, i) =>
      Number(
        problem.operands[operandKeys[Math.floor(i / count)] ?? "A"].some(
          (rank) => of(rank) && rank.terms.some((term) => term.dimension === dimensions[i % count]),
        ),
      ),
    );
  const bypasses = bypassMasks(constraints, listed);
  return {
    problem,
    hierarchy,
    constraints,
    depth,
    dimensions,
    count,
    sizes,
    slots,
    temporal,
    allowed: Uint8Array.from(allowed),
    absorber,
    groups: Int32Array.from({ length: depth * count }, (_, i) =>
      orderGroup(constraints.levels[Math.floor(i / count)], names[i % count] ?? ""),
    ),
    keepable: Int32Array.from(listed, (keys) => maskOf(keys)),
    bypasses,
    choices: bypasses.map((_, index) => index),
    relevant: flags(() => true),
    slides: flags((rank) => flatRank(rank, dimensions, sizes)?.table !== undefined),
    reduced,
  };
}

const maskOf = (keys: readonly OperandKey[]): number =>
  operandKeys.reduce((mask, key, i) => mask | (keys.includes(key) ? 1 << i : 0), 0);

/** All choices, that which keeps the most first. */
function bypassMasks(constraints: NestConstraints, listed: readonly (readonly OperandKey[])[]): readonly Int32Array[] {
  let choices: readonly (readonly number[])[] = [[]];
  for (const [level, keys] of listed.entries()) {
    const { must, may } = bypassChoice(constraints.levels[level], level);
    const [always, sometimes] = [maskOf(must) & maskOf(keys), maskOf(may) & maskOf(keys)];
    const masks = Array.from({ length: 8 }, (_, mask) => mask).filter((mask) => (mask & ~sometimes) === 0);
    choices = choices.flatMap((choice) => masks.map((mask) => [...choice, mask | always]));
  }
  const bits = (choice: readonly number[]): number =>
    choice.reduce((sum, mask) => sum + (mask & 1) + ((mask >> 1) & 1) + (mask >> 2), 0);
  return choices
    .map((choice, i) => ({ choice, i }))
    .sort((a, b) => bits(a.choice) - bits(b.choice) || a.i - b.i)
    .map(({ choice }) => Int32Array.from(choice));
}

/** The schedule of a point; loops of one step are left out. */
export function scheduleOf(space: NestSpace, { tiles, order, bypass }: Point): Schedule {
  const { count, depth, hierarchy } = space;
  const rest = Int32Array.from(space.sizes);
  const cut = (slot: number, d: number): Loop[] => {
    const tile = tiles[slot * count + d] ?? 1;
    if (tile === rest[d]) return [];
    rest[d] = tile;
    return [{ dimension: space.dimensions[d] ?? 0, tile }];
  };
  const levels = Array.from({ length: depth }, (_, level) => {
    const first = space.temporal[level] ?? 0;
    const temporal = [...order.subarray(level * count, (level + 1) * count)].flatMap((d) => cut(first, d));
    const spatial: SpatialLoop[] = (hierarchy.levels[level]?.axes ?? []).flatMap(({ name }, axis) =>
      Array.from({ length: count }, (_d, d) => cut(first + 1 + axis, d)).flatMap((loops) =>
        loops.map((loop) => ({ ...loop, axis: name })),
      ),
    );
    return { temporal, spatial };
  });
  const masks = space.bypasses[bypass] ?? new Int32Array(depth);
  return { levels, bypass: [...masks].map((mask) => operandKeys.filter((_, i) => ((mask >> i) & 1) === 1)) };
}

/**
 * The point of a schedule with at most one loop of a dimension in a level's time and one along each axis; undefined for
 * any other, and where it lies outside the space.
 */
export function pointOf(space: NestSpace, schedule: Schedule): Point | undefined {
  const { count, depth, hierarchy, slots } = space;
  const tiles = new Int32Array(slots.length * count);
  const order = new Int32Array(depth * count);
  const rest = Int32Array.from(space.sizes);
  for (const [slot, { level, axis }] of slots.entries()) {
    const loops = schedule.levels[level];
    const name = hierarchy.levels[level]?.axes[axis]?.name;
    const own = axis < 0 ? (loops?.temporal ?? []) : (loops?.spatial.filter((loop) => loop.axis === name) ?? []);
    for (const { dimension, tile } of own) {
      const d = space.dimensions.indexOf(dimension);
      if (d < 0 || tile === rest[d]) continue;
      if (space.allowed[slot * count + d] !== 1) return undefined;
      rest[d] = tile;
    }
    tiles.set(rest, slot * count);
    if (axis < 0) {
      const large = own.map((loop) => space.dimensions.indexOf(loop.dimension)).filter((d) => d >= 0);
      const inTime = [...new Set(large)];
      if (inTime.length < large.length) return undefined;
      const group = (d: number): number => space.groups[level * count + d] ?? 0;
      if (inTime.some((d, i) => i > 0 && group(d) < group(inTime[i - 1] ?? d))) return undefined;
      const still = Array.from({ length: count }, (_, d) => d).filter((d) => !inTime.includes(d));
      // Loops of one step lie anywhere in their group: a move may give them steps.
      order.set(
        [...still, ...inTime].sort((a, b) => group(a) - group(b)),
        level * count,
      );
    }
  }
  const masks = schedule.bypass.map((keys, level) => maskOf(keys) & (space.keepable[level] ?? 0));
  const bypass = space.bypasses.findIndex((choice) => choice.every((mask, level) => mask === (masks[level] ?? 0)));
  const done = tiles.subarray((slots.length - 1) * count).every((tile) => tile === 1);
  return bypass < 0 || !done ? undefined : { tiles, order, bypass };
}

/** Words of windows in tiles that start at multiples of their length: looked up, since a search asks for few of them. */
export interface WindowTable {
  /** The most words of a tile of `first` by `second` positions; the sum over all tiles. */
  most(first: number, second: number): number;
  sum(first: number, second: number): number;
}

function windowTable(rank: Rank, P: number, R: number): WindowTable {
  const mosts = new Float64Array((P + 1) * (R + 1));
  const sums = new Float64Array((P + 1) * (R + 1)).fill(-1);
  const fill = (first: number, second: number): number => {
    const at = first * (R + 1) + second;
    if ((sums[at] ?? 0) >= 0) return at;
    let [most, sum] = [0, 0];
    for (let p = 0; p < P; p += first) {
      for (let r = 0; r < R; r += second) {
        const rows = { start: p, length: Math.min(first, P - p) };
        const words = rankWords(rank, rows, { start: r, length: Math.min(second, R - r) });
        sum += words;
        if (words > most) most = words;
      }
    }
    mosts[at] = most;
    sums[at] = sum;
    return at;
  };
  return {
    most: (first, second) => mosts[fill(first, second)] ?? 0,
    sum: (first, second) => sums[fill(first, second)] ?? 0,
  };
}

/** An operand's rank by the space's dimensions. */
export interface FlatRank {
  readonly first: number;
  /** -1 without a second term of more than one position. */
  readonly second: number;
  /** Of two terms, or of one that meets padding: the second has one position then. */
  readonly table: WindowTable | undefined;
}

/** Every operand's ranks, without those of a single word. */
export function flatRanks({ problem, dimensions, sizes }: NestSpace): readonly (readonly FlatRank[])[] {
  return operandKeys.map((key) => problem.operands[key].flatMap((rank) => flatRank(rank, dimensions, sizes) ?? []));
}

function flatRank(rank: Rank, dimensions: Int32Array, sizes: Int32Array): FlatRank | undefined {
  const terms = rank.terms.filter(({ dimension }) => dimensions.includes(dimension));
  const [x, y] = terms;
  if (x === undefined) {
    const inside = rank.offset >= 0 && rank.offset < rank.extent;
    return inside ? undefined : { first: 0, second: -1, table: { most: () => 0, sum: () => 0 } };
  }
  const [first, second] = [dimensions.indexOf(x.dimension), y === undefined ? -1 : dimensions.indexOf(y.dimension)];
  const [P, R] = [sizes[first] ?? 1, second < 0 ? 1 : (sizes[second] ?? 1)];
  const plain = second < 0 && rankWords({ ...rank, terms }, { start: 0, length: P }) === P;
  return { first, second, table: plain ? undefined : windowTable({ ...rank, terms }, P, R) };
}
