// Simulated annealing over a space's aligned tiles, loop orders and bypasses, followed by a descent: the schedules of one
// seeded run that look best by the estimate.

import { exp, log } from "../../../base/transcendental.ts";
import type { NestEstimate } from "./search-estimate.ts";
import type { NestSpace, Point } from "./search-space.ts";

export interface Candidate {
  readonly point: Point;
  readonly cycles: number;
  readonly joules: number;
  /** Logarithm of the objective's figure, with a hundredth of that of the other. */
  readonly figure: number;
}

export interface AnnealRun {
  /** Best first, no two of the same figure. */
  readonly candidates: readonly Candidate[];
  readonly sampled: number;
  readonly valid: number;
}

/** Exponents of cycles and of joules in the product to minimise. */
export interface Weights {
  readonly cycles: number;
  readonly joules: number;
}

const kept = 8;
const hottest = 0.3;
const cold = 0.002;

/** A small generator for the moves of one run (mulberry32). */
function generator(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

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
    bypass: 0,
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
      point.tiles.set(other.tiles);
      point.order.set(other.order);
      point.bypass = other.bypass;
    },
  };
}

/** Calls `visit` after each single move away from the current point, which is put back. */
export function eachNeighbour(space: NestSpace, moves: Moves, visit: () => void): void {
  const { count, depth, slots, sizes, allowed } = space;
  const { point } = moves;
  const home = copyPoint(point);
  for (let d = 0; d < count; d++) {
    if (sizes[d] === 1) continue;
    for (let slot = 0; slot < slots.length; slot++) {
      if (allowed[slot * count + d] === 0) continue;
      for (let other = 0; other < slots.length; other++) {
        if (other === slot || allowed[other * count + d] === 0) continue;
        const now = moves.factor(d, slot);
        const total = now * moves.factor(d, other);
        for (let steps = 1, last = 0; steps <= total; steps++) {
          const value = Math.ceil(total / steps);
          if (value === last) {
            // The same factor for several numbers of steps: go on with the next smaller one.
            steps = Math.ceil(total / Math.max(1, value - 1)) - 1;
            if (value === 1) break;
            continue;
          }
          last = value;
          if (value === now) continue;
          if (moves.transfer(d, slot, other, value)) visit();
          moves.restore(home);
        }
      }
    }
  }
  for (let level = 0; level < depth - 1; level++) {
    for (let from = 0; from < count; from++) {
      if (moves.factor(home.order[level * count + from] ?? 0, space.temporal[level] ?? 0) === 1) continue;
      for (let to = 0; to < count; to++) {
        if (to === from) continue;
        moves.reorder(level, from, to);
        visit();
        moves.restore(home);
      }
    }
  }
  for (let bypass = 0; bypass < space.bypasses.length; bypass++) {
    if (bypass === home.bypass) continue;
    point.bypass = bypass;
    visit();
  }
  moves.restore(home);
}

export interface AnnealChoice {
  readonly seed: number;
  readonly steps: number;
  /** Where to begin; the plainest schedule without it. */
  readonly from?: Point;
  /** Temperature at the begin, in units of the logarithm of the figure. */
  readonly hot?: number;
}

/** One run of `steps` moves; the same for the same choice. */
export function anneal(
  space: NestSpace,
  model: NestEstimate,
  weights: Weights,
  { seed, steps, from, hot = hottest }: AnnealChoice,
): AnnealRun {
  const { count, depth, slots, sizes, allowed } = space;
  const random = generator(seed);
  const pick = (n: number): number => Math.min(n - 1, Math.floor(random() * n));
  const moves = movesOf(space);
  const { point } = moves;
  const out = new Float64Array(2);
  const candidates: Candidate[] = [];
  let [sampled, valid] = [0, 0];
  if (!moves.possible) return { candidates, sampled, valid };
  const [main, side] = [weights, { cycles: weights.cycles > 0 ? 0 : 1, joules: weights.joules > 0 ? 0 : 1 }];

  /** The figure of the point at hand; infinite where it cannot run. */
  const look = (): number => {
    sampled += 1;
    if (!model.fits(point)) return Number.POSITIVE_INFINITY;
    valid += 1;
    model.estimate(point, out);
    const cycles = log(out[0] ?? 1);
    const joules = log(Math.max(out[1] ?? 1, Number.MIN_VALUE));
    return main.cycles * cycles + main.joules * joules + 0.01 * (side.cycles * cycles + side.joules * joules);
  };
  const keep = (figure: number): void => {
    const worst = candidates.at(-1);
    if (candidates.length === kept && worst !== undefined && figure >= worst.figure) return;
    if (candidates.some((other) => Math.abs(other.figure - figure) < 1e-12)) return;
    candidates.push({ point: copyPoint(point), cycles: out[0] ?? 0, joules: out[1] ?? 0, figure });
    candidates.sort((a, b) => a.figure - b.figure);
    if (candidates.length > kept) candidates.pop();
  };

  const active = Array.from({ length: count }, (_, d) => d).filter((d) => (sizes[d] ?? 1) > 1);
  const places = Array.from({ length: count }, (_, d) =>
    Array.from({ length: slots.length }, (_s, slot) => slot).filter((slot) => allowed[slot * count + d] === 1),
  );
  const axes = slots.flatMap(({ axis, units }, slot) => (axis >= 0 && units > 1 ? [slot] : []));
  const along = slots.map((_, slot) => active.filter((d) => allowed[slot * count + d] === 1));
  const inTime = places.map((list) => list.filter((slot) => slots[slot]?.axis === -1));
  const shift = (): boolean => {
    const d = active[pick(active.length)] ?? 0;
    const list = places[d] ?? [];
    if (list.length < 2) return false;
    const first = pick(list.length);
    const second = (first + 1 + pick(list.length - 1)) % list.length;
    const slot = list[first] ?? 0;
    const other = list[second] ?? 0;
    const total = moves.factor(d, slot) * moves.factor(d, other);
    if (total === 1) return false;
    // Factors by their logarithm, each the smallest with its number of steps.
    const factor = Math.max(1, Math.floor(exp(random() * log(total + 1))));
    return moves.transfer(d, slot, other, Math.ceil(total / Math.ceil(total / factor)));
  };
  const drawn = (list: readonly number[] | undefined): number =>
    list === undefined || list.length === 0 ? -1 : (list[pick(list.length)] ?? -1);
  /** Makes room on an axis by moving one dimension's steps into time, and fills it with another's. */
  const exchange = (): boolean => {
    const slot = axes[pick(axes.length)] ?? -1;
    if (slot < 0) return false;
    const may = along[slot] ?? active;
    if (may.length === 0) return false;
    const incoming = may[pick(may.length)] ?? 0;
    const outgoing = may[pick(may.length)] ?? 0;
    if (outgoing !== incoming) {
      const other = drawn(inTime[outgoing]);
      if (other < 0 || !moves.transfer(outgoing, slot, other, 1)) return false;
    }
    let free = slots[slot]?.units ?? 1;
    for (const d of may) if (d !== incoming) free = Math.floor(free / moves.factor(d, slot));
    const other = drawn(inTime[incoming]);
    if (other < 0 || free < 1) return false;
    const total = moves.factor(incoming, slot) * moves.factor(incoming, other);
    const most = Math.min(free, total);
    const value = random() < 0.5 ? most : Math.ceil(total / Math.ceil(total / most));
    return moves.transfer(incoming, slot, other, value);
  };
  const move = (): boolean => {
    const kind = random();
    if (kind < 0.55) return shift();
    if (kind < 0.75) return exchange();
    if (kind < 0.93 || space.bypasses.length === 1) {
      if (depth === 1) return false;
      moves.reorder(pick(depth - 1), pick(count), pick(count));
      return true;
    }
    point.bypass = pick(space.bypasses.length);
    return true;
  };

  if (from !== undefined) moves.restore(from);
  let figure = look();
  if (figure < Number.POSITIVE_INFINITY) keep(figure);
  let home = copyPoint(point);
  for (let step = 0; step < steps; step++) {
    const temperature = hot * (cold / hot) ** (step / steps);
    const again = random() < 0.35;
    const moved = move() && (!again || move());
    const next = moved ? look() : Number.NaN;
    // From a point that cannot run every other one is a way on.
    const taken = next <= figure || (next < Number.POSITIVE_INFINITY && random() < exp((figure - next) / temperature));
    if (!taken) {
      moves.restore(home);
      continue;
    }
    if (next < figure) keep(next);
    figure = next;
    home = copyInto(home, point);
  }
  for (let round = 0; round < 50; round++) {
    const best = candidates[0];
    if (best === undefined) break;
    moves.restore(best.point);
    eachNeighbour(space, moves, () => {
      const next = look();
      if (next < Number.POSITIVE_INFINITY) keep(next);
    });
    if (candidates[0] === best) break;
  }
  return { candidates, sampled, valid };
}

function copyInto(target: Point, { tiles, order, bypass }: Point): Point {
  target.tiles.set(tiles);
  target.order.set(order);
  target.bypass = bypass;
  return target;
}
