// Single moves within a space of schedules, which keep its tiles aligned, and all schedules that one of them leads to.

import type { NestSpace, Point } from "./search-space.ts";

/** Moves within a space; each changes `point` in place and keeps its tiles aligned. */
export interface Moves {
  readonly point: Point;
  /** Whether the constraints let every dimension be cut to 1. */
  readonly possible: boolean;
  /** Gives dimension d of slot `slot` as many steps as `factor` and lets slot `other` take up the difference. */
  transfer(d: number, slot: number, other: number, factor: number): boolean;
  /** Puts the dimension at `from` in a level's order to place `to`, as far as the constraints let it. */
  reorder(level: number, from: number, to: number): void;
  factor(d: number, slot: number): number;
  restore(point: Point): void;
}

export function copyPoint({ tiles, order, bypass }: Point): Point {
  return { tiles: tiles.slice(), order: order.slice(), bypass };
}

/** Begins with everything in the outermost loops that may have it. */
export function movesOf(space: NestSpace): Moves {
  const { count, depth, slots, sizes, absorber, groups } = space;
  const slotCount = slots.length;
  const point: Point = {
    tiles: new Int32Array(slotCount * count).fill(1),
    order: Int32Array.from({ length: depth * count }, (_, i) => i % count),
    bypass: space.choices[0] ?? 0,
  };
  const factors = new Float64Array(slotCount);
  const factor = (d: number, slot: number): number => {
    const outer = slot === 0 ? (sizes[d] ?? 1) : (point.tiles[(slot - 1) * count + d] ?? 1);
    return Math.ceil(outer / (point.tiles[slot * count + d] ?? 1));
  };
  /** Writes a dimension's tiles from `factors`; the absorber takes the rest. */
  const rebuild = (d: number): boolean => {
    const size = sizes[d] ?? 1;
    const absorbing = absorber[d] ?? -1;
    let product = 1;
    for (let slot = 0; slot < slotCount; slot++) if (slot !== absorbing) product *= factors[slot] ?? 1;
    if (absorbing >= 0) factors[absorbing] = Math.ceil(size / product);
    else if (product < size) return false;
    let tile = 1;
    for (let slot = slotCount - 1; slot >= 0; slot--) {
      point.tiles[slot * count + d] = Math.min(size, tile);
      tile *= factors[slot] ?? 1;
    }
    return true;
  };
  const load = (d: number): void => {
    for (let slot = 0; slot < slotCount; slot++) factors[slot] = factor(d, slot);
  };
  const sortLevel = (level: number): void => {
    const order = point.order;
    // Stable insertion by group.
    for (let i = level * count + 1; i < (level + 1) * count; i++) {
      const d = order[i] ?? 0;
      const group = groups[level * count + d] ?? 0;
      let j = i - 1;
      while (j >= level * count && (groups[level * count + (order[j] ?? 0)] ?? 0) > group) {
        order[j + 1] = order[j] ?? 0;
        j -= 1;
      }
      order[j + 1] = d;
    }
  };
  let possible = true;
  for (let d = 0; d < count; d++) {
    factors.fill(1);
    if (!rebuild(d)) {
      // Only axes may have it: fill them from the outermost.
      let rest = sizes[d] ?? 1;
      for (let slot = 0; slot < slotCount; slot++) {
        if (space.allowed[slot * count + d] === 0) continue;
        factors[slot] = Math.min(rest, slots[slot]?.units ?? 1);
        rest = Math.ceil(rest / (factors[slot] ?? 1));
      }
      if (!rebuild(d)) possible = false;
    }
  }
  for (let level = 0; level < depth; level++) sortLevel(level);
  return {
    point,
    possible,
    factor,
    transfer(d, slot, other, value) {
      load(d);
      const total = (factors[slot] ?? 1) * (factors[other] ?? 1);
      factors[slot] = value;
      factors[other] = Math.ceil(total / value);
      return rebuild(d);
    },
    reorder(level, from, to) {
      const base = level * count;
      const d = point.order[base + from] ?? 0;
      if (from < to) point.order.copyWithin(base + from, base + from + 1, base + to + 1);
      else point.order.copyWithin(base + to + 1, base + to, base + from);
      point.order[base + to] = d;
      sortLevel(level);
    },
    restore(other) {
      copyInto(point, other);
    },
  };
}

/**
 * Calls `visit` after each single move away from the current point: the point is put back, or, where `visit` says so, the
 * next ones go on from there.
 */
export function eachNeighbour(space: NestSpace, moves: Moves, visit: () => boolean): void {
  const { count, depth, slots, sizes, allowed } = space;
  const { point } = moves;
  const home = copyPoint(point);
  /** Whether the point was kept. */
  const look = (): boolean => {
    const stays = visit();
    if (stays) copyInto(home, point);
    else moves.restore(home);
    return stays;
  };
  for (let d = 0; d < count; d++) {
    if (sizes[d] === 1) continue;
    for (let slot = 0; slot < slots.length; slot++) {
      if (allowed[slot * count + d] === 0) continue;
      for (let other = 0; other < slots.length; other++) {
        if (other === slot || allowed[other * count + d] === 0) continue;
        let now = moves.factor(d, slot);
        const total = now * moves.factor(d, other);
        for (let value = total; value >= 1; value = nextFactor(total, value)) {
          if (value === now) continue;
          if (!moves.transfer(d, slot, other, value)) moves.restore(home);
          else if (look()) now = value;
        }
      }
    }
  }
  for (let level = 0; level < depth - 1; level++) {
    const loops = (i: number): boolean =>
      moves.factor(home.order[level * count + i] ?? 0, space.temporal[level] ?? 0) > 1;
    for (let from = 0; from < count; from++) {
      for (let to = 0; to < count; to++) {
        if (to === from || !loops(from) || !loops(to)) continue;
        moves.reorder(level, from, to);
        look();
      }
    }
  }
  for (const bypass of space.choices) {
    if (bypass === home.bypass) continue;
    point.bypass = bypass;
    look();
  }
}

/** Writes a point over another one. */
export function copyInto(target: Point, { tiles, order, bypass }: Point): void {
  target.tiles.set(tiles);
  target.order.set(order);
  target.bypass = bypass;
}

/** Whether two points of a space are the same in all numbers. */
export function samePoint(a: Point, b: Point): boolean {
  if (a.bypass !== b.bypass) return false;
  for (let i = 0; i < a.tiles.length; i++) if (a.tiles[i] !== b.tiles[i]) return false;
  for (let i = 0; i < a.order.length; i++) if (a.order[i] !== b.order[i]) return false;
  return true;
}

/** The next factor to try below one: of small numbers every one, of others the smallest with its number of steps. */
function nextFactor(total: number, value: number): number {
  if (total <= everyFactor || value === 1) return value - 1;
  return Math.ceil(total / Math.ceil(total / (value - 1)));
}

/** Up to as many steps in all, factors of as many steps are told apart by the length of their last one. */
const everyFactor = 16;
