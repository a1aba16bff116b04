// Simulated annealing over a space's aligned tiles, loop orders and bypasses, followed by a descent: the schedules of one
// seeded run that look best by the estimate.

import { exp, log } from "../../../base/transcendental.ts";
import type { Objective } from "../../machine.ts";
import type { NestEstimate } from "./estimate/estimate.ts";
import { copyInto, copyPoint, eachNeighbour, movesOf, samePoint } from "./search-moves.ts";
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

/** What each objective minimises. */
export const objectiveWeights: Readonly<Record<Objective, Weights>> = {
  cycles: { cycles: 1, joules: 0 },
  seconds: { cycles: 1, joules: 0 },
  energy: { cycles: 0, joules: 1 },
  edp: { cycles: 1, joules: 1 },
};

/** Weights of the runs that look for the front, beside those of the objective. */
export const frontWeights: readonly Weights[] = [
  { cycles: 0, joules: 1 },
  { cycles: 1, joules: 0 },
  { cycles: 1, joules: 1 },
  { cycles: 1, joules: 3 },
  { cycles: 3, joules: 1 },
];

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

export interface AnnealChoice {
  readonly seed: number;
  readonly steps: number;
  /** Where to begin; the plainest schedule without it. */
  readonly from?: Point;
  /** Temperature at the begin, in units of the logarithm of the figure. */
  readonly hot?: number;
  /** Good schedules of the space, parts of which are taken over now and then. */
  readonly mates?: readonly Point[];
  /** Whether a descent from the best one follows. */
  readonly descends?: boolean;
}

/** One run of `steps` moves; the same for the same choice. */
export function anneal(
  space: NestSpace,
  model: NestEstimate,
  weights: Weights,
  { seed, steps, from, hot = hottest, mates = [], descends = true }: AnnealChoice,
): AnnealRun {
  const { count, depth, slots, sizes, allowed, temporal } = space;
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
  const shift = (): void => {
    const d = active[pick(active.length)] ?? 0;
    const list = places[d] ?? [];
    if (list.length < 2) return;
    const first = pick(list.length);
    const second = (first + 1 + pick(list.length - 1)) % list.length;
    const slot = list[first] ?? 0;
    const other = list[second] ?? 0;
    const total = moves.factor(d, slot) * moves.factor(d, other);
    if (total === 1) return;
    // Factors by their logarithm, each the smallest with its number of steps.
    const factor = Math.max(1, Math.floor(exp(random() * log(total + 1))));
    moves.transfer(d, slot, other, Math.ceil(total / Math.ceil(total / factor)));
  };
  const drawn = (list: readonly number[] | undefined): number =>
    list === undefined || list.length === 0 ? -1 : (list[pick(list.length)] ?? -1);
  /** Moves steps of one dimension from an axis to another place, and as many of another one's from there to the axis. */
  const trade = (): void => {
    const slot = axes[pick(axes.length)] ?? -1;
    if (slot < 0) return;
    const may = along[slot] ?? active;
    if (may.length < 2) return;
    const outgoing = may[pick(may.length)] ?? 0;
    const incoming = may[pick(may.length)] ?? 0;
    const here = moves.factor(outgoing, slot);
    if (outgoing === incoming || here === 1) return;
    const other = drawn(places[outgoing]);
    if (other === slot || allowed[other * count + incoming] === 0) return;
    if (!moves.transfer(outgoing, slot, other, 1 + pick(here - 1))) return;
    let free = slots[slot]?.units ?? 1;
    for (const d of may) if (d !== incoming) free = Math.floor(free / moves.factor(d, slot));
    const total = moves.factor(incoming, slot) * moves.factor(incoming, other);
    moves.transfer(incoming, slot, other, Math.max(1, Math.min(free, total)));
  };
  /** Takes over a dimension's tiles from another schedule, or the loops of one level, or what passes levels by. */
  const cross = (): void => {
    const mate = mates[pick(mates.length)];
    if (mate === undefined) return;
    const kind = random();
    if (kind < 0.7) {
      const d = active[pick(active.length)] ?? 0;
      for (let at = d; at < point.tiles.length; at += count) point.tiles[at] = mate.tiles[at] ?? 1;
    } else if (kind < 0.9) {
      const at = pick(depth) * count;
      point.order.set(mate.order.subarray(at, at + count), at);
    } else point.bypass = mate.bypass;
  };
  const looping = new Int32Array(count);
  /** Puts one of a level's loops in the place of another one; loops of one step lie anywhere. */
  const turn = (): void => {
    if (depth === 1) return;
    const level = pick(depth - 1);
    let loops = 0;
    for (let i = 0; i < count; i++) {
      if (moves.factor(point.order[level * count + i] ?? 0, temporal[level] ?? 0) === 1) continue;
      looping[loops] = i;
      loops += 1;
    }
    if (loops < 2) return;
    const from = pick(loops);
    const to = (from + 1 + pick(loops - 1)) % loops;
    moves.reorder(level, looping[from] ?? 0, looping[to] ?? 0);
  };
  const move = (): void => {
    if (mates.length > 0 && random() < 0.1) {
      cross();
      return;
    }
    // Shares found on layers of ResNet-50 (bench/search.ts).
    const kind = random();
    if (kind < 0.35) shift();
    else if (kind < 0.75) trade();
    else if (kind < 0.93 || space.choices.length === 1) turn();
    else point.bypass = space.choices[pick(space.choices.length)] ?? 0;
  };

  if (from !== undefined) moves.restore(from);
  let figure = look();
  if (figure < Number.POSITIVE_INFINITY) keep(figure);
  const home = copyPoint(point);
  // Powers differ between engines in their last bit.
  const cooling = exp(log(cold / hot) / steps);
  let temperature = hot / cooling;
  for (let step = 0; step < steps; step++) {
    temperature *= cooling;
    const again = random() < 0.35;
    move();
    if (again) move();
    if (samePoint(point, home)) continue;
    const next = look();
    // From a point that cannot run every other one is a way on.
    const taken = next <= figure || (next < Number.POSITIVE_INFINITY && random() < exp((figure - next) / temperature));
    if (!taken) {
      moves.restore(home);
      continue;
    }
    if (next < figure) keep(next);
    figure = next;
    copyInto(home, point);
  }
  const best = candidates[0];
  if (!descends || best === undefined) return { candidates, sampled, valid };
  moves.restore(best.point);
  figure = best.figure;
  let better = true;
  const step = (): boolean => {
    const next = look();
    if (next < Number.POSITIVE_INFINITY) keep(next);
    if (next >= figure - 1e-12) return false;
    figure = next;
    better = true;
    return true;
  };
  for (let round = 0; round < 50 && better; round++) {
    better = false;
    eachNeighbour(space, moves, step);
  }
  return { candidates, sampled, valid };
}
