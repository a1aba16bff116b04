// One part of a search in one round: a run of annealing with the evaluation of what looks best, or a stretch of the walk
// through the whole space. Depends on nothing but the search, the state of the round and the number of the part.

import { log } from "../../../base/transcendental.ts";
import { deriveSeed } from "../../../tensor/random.ts";
import type { AnnealRun, Candidate, Weights } from "./search-anneal.ts";
import { anneal, frontWeights, objectiveWeights } from "./search-anneal.ts";
import { enumerate } from "./search-enumerate.ts";
import { copyPoint, eachNeighbour, movesOf } from "./search-moves.ts";
import { nestCost } from "./search-price.ts";
import type { NestSpace, Point } from "./search-space.ts";
import { pointOf, scheduleOf } from "./search-space.ts";
import type { Found, PartState, SearchState } from "./search-state.ts";
import { compareCosts, onFront } from "./search-state.ts";
import type { PreparedSearch, SearchTask } from "./search-prepare.ts";
import { costOf } from "./search-prepare.ts";

/** Where a run begins: in a part of the space or around a schedule; with schedules to take parts over from. */
interface Plan {
  readonly weights: Weights;
  readonly within: NestSpace;
  readonly around: Point | undefined;
  readonly mates: readonly Point[];
}

/**
 * The plan of a part's next run. In the first round there is a part for each dataflow, the others begin anywhere; later
 * ones look around the best schedule of all, and again in the dataflow that led furthest.
 */
function planOf(search: PreparedSearch, state: SearchState, part: number): Plan {
  const { task, effort, space, guides } = search;
  const own = objectiveWeights[task.objective];
  const within = (guide: number): NestSpace => guides[guide - 1] ?? space;
  const starts = state.parts[part]?.starts ?? 0;
  if (starts === 0 || state.best === null) {
    return { weights: own, within: within(part), around: undefined, mates: [] };
  }
  const mates = state.parts.flatMap(({ best }) => (best === null ? [] : (pointOf(space, best.schedule) ?? [])));
  const around = pointOf(space, state.best.schedule);
  if (part % 2 === 1 && effort.front) {
    const start = starts * effort.parts + part;
    return { weights: frontWeights[((start - 1) / 2) % 5] ?? own, within: space, around, mates };
  }
  if (part % 4 < 2) return { weights: own, within: space, around, mates };
  // Parts by what they found, each for the dataflow in which it began.
  const ranked = state.parts
    .flatMap(({ best }, index) => (best === null ? [] : [{ best, index }]))
    .sort((a, b) => compareCosts(task.price, task.objective, a.best, b.best) || a.index - b.index);
  return { weights: own, within: within(ranked[0]?.index ?? 0), around: undefined, mates };
}

/** The next run of a part: where it begins, its annealing, and the evaluation of what looks best. */
export function* annealPart(
  search: PreparedSearch,
  before: PartState,
  part: number,
  state: SearchState,
): Generator<number, PartState, undefined> {
  const { task, effort, space, model } = search;
  const start = before.starts * effort.parts + part;
  const seed = deriveSeed(effort.seed, "nest", start);
  const plan = planOf(search, state, part);
  const { weights } = plan;
  const run = yield* annealRun(search, plan, seed);
  let [best, front, evaluations] = [before.best, before.front, before.evaluations];
  // Around the best of all it is the evaluation that decides.
  let left = effort.evaluations * (plan.around !== undefined && part % 4 === 0 ? 4 : 1);
  const seen = new Set<string>();
  /** Evaluates a candidate; whether it is the best of this run by the objective. */
  let here: Found | null = null;
  const look = ({ point }: Candidate): boolean => {
    const key = `${point.tiles.join()};${point.order.join()};${point.bypass}`;
    if (seen.has(key) || left === 0) return false;
    seen.add(key);
    left -= 1;
    evaluations += 1;
    const found = evaluated(task, space, point);
    front = onFront(front, found);
    if (best === null || compareCosts(task.price, task.objective, found, best) < 0) best = found;
    if (here !== null && compareCosts(task.price, task.objective, found, here) >= 0) return false;
    here = found;
    return true;
  };
  let center: Candidate | undefined;
  let { sampled, valid } = run;
  for (const candidate of knownCandidates(search, start)) {
    left += 1;
    if (!look(candidate)) continue;
    const again = anneal(space, model, weights, { seed, steps: effort.moves / 4, from: candidate.point, hot: warm });
    sampled += again.sampled;
    valid += again.valid;
    for (const other of again.candidates.slice(0, 2)) {
      left += 1;
      if (look(other)) center = other;
    }
  }
  for (const candidate of run.candidates.slice(0, Math.ceil(left / 2))) if (look(candidate)) center = candidate;
  // The estimate may be wrong about a whole family of schedules: each run's own best is looked at as well.
  for (const candidate of run.bests) {
    left += 1;
    if (look(candidate)) center = candidate;
  }
  // A descent by evaluations: of the neighbours, those that look best.
  while (center !== undefined) {
    const near = neighbours(search, center, weights);
    sampled += near.sampled;
    valid += near.list.length;
    center = undefined;
    for (const candidate of near.list.slice(0, 24)) if (look(candidate)) center = candidate;
  }
  return { ...before, ...sums(before, sampled, valid), evaluations, best, front, starts: before.starts + 1 };
}

/** Temperature of a run that begins at a good schedule. */
const warm = 0.05;

/**
 * Four short runs from the plainest schedule and a longer one around the best of them, in the plan's part of the space,
 * then one in all of it; or four around a schedule. Descents end the longer ones.
 */
function* annealRun(
  { effort, space, model }: PreparedSearch,
  plan: Plan,
  seed: number,
): Generator<number, AnnealRun & { readonly bests: readonly Candidate[] }, undefined> {
  const { weights, within, around, mates } = plan;
  let [sampled, valid] = [0, 0];
  let candidates: readonly Candidate[] = [];
  const bests: Candidate[] = [];
  const first = around === undefined ? 0 : 2;
  for (let i = first; i < 6; i++) {
    const from = i < 4 ? around : candidates[0]?.point;
    const steps = Math.ceil(effort.moves / (i < 4 && around === undefined ? 8 : 4));
    const hot = from === undefined ? {} : { from, hot: i < 4 ? 2 * warm : warm };
    const run = anneal(i < 5 ? within : space, model, weights, {
      seed: deriveSeed(seed, i),
      steps,
      ...hot,
      mates: i < 5 && within !== space ? [] : mates,
      descends: i >= 4,
    });
    sampled += run.sampled;
    valid += run.valid;
    candidates = [...candidates, ...run.candidates].sort((a, b) => a.figure - b.figure).slice(0, 16);
    bests.push(...run.candidates.slice(0, 2));
    yield sampled;
  }
  return { candidates, bests, sampled, valid };
}

/** The known schedules that belong to a run. */
function knownCandidates({ task, effort, space, model }: PreparedSearch, start: number): readonly Candidate[] {
  if (start >= effort.parts) return [];
  const out = new Float64Array(2);
  return (task.known ?? []).flatMap((schedule, i) => {
    const point = i % effort.parts === start ? pointOf(space, schedule) : undefined;
    if (point === undefined || !model.fits(point)) return [];
    model.estimate(point, out);
    return [{ point, ...costOf(out), figure: 0 }];
  });
}

const sums = (before: PartState, sampled: number, valid: number): Pick<PartState, "sampled" | "valid"> => ({
  sampled: before.sampled + sampled,
  valid: before.valid + valid,
});

function neighbours(
  { space, model }: PreparedSearch,
  center: Candidate,
  weights: Weights,
): { readonly list: readonly Candidate[]; readonly sampled: number } {
  const moves = movesOf(space);
  moves.restore(center.point);
  const out = new Float64Array(2);
  const list: Candidate[] = [];
  let sampled = 0;
  eachNeighbour(space, moves, () => {
    sampled += 1;
    if (!model.fits(moves.point)) return false;
    model.estimate(moves.point, out);
    const { cycles, joules } = costOf(out);
    const figure = weights.cycles * log(cycles) + weights.joules * log(Math.max(joules, Number.MIN_VALUE));
    list.push({ point: copyPoint(moves.point), cycles, joules, figure });
    return false;
  });
  list.sort((a, b) => a.figure - b.figure);
  return { list, sampled };
}

function evaluated(task: SearchTask, space: NestSpace, point: Point): Found {
  const schedule = scheduleOf(space, point);
  return { ...nestCost(task.price, task.evaluate(schedule)), schedule };
}

/** A part's share of the walk through the whole space by branch and bound, as far as a round goes. */
export function enumeratePart(
  search: PreparedSearch,
  before: PartState,
  part: number,
  shared: Found | null,
): PartState {
  const { task, effort, space, bound } = search;
  const { price, objective } = task;
  const out = new Float64Array(2);
  let { best, front, evaluations } = before;
  if (shared !== null && (best === null || compareCosts(price, objective, shared, best) < 0)) best = shared;
  const hopeless = (point: Point, levels: number): boolean => {
    if (best === null) return false;
    bound(point, levels, out);
    return compareCosts(price, objective, costOf(out), best) >= 0;
  };
  const walk = enumerate(
    space,
    { tiles: effort.tiles, part, parts: effort.parts, nodes: effort.nodes },
    { position: before.position, ordinal: before.ordinal },
    hopeless,
    (point) => {
      evaluations += 1;
      const found = evaluated(task, space, point);
      front = onFront(front, found);
      if (best === null || compareCosts(price, objective, found, best) < 0) best = found;
    },
  );
  return {
    ...before,
    ...sums(before, walk.nodes, walk.leaves),
    evaluations,
    best,
    front,
    position: walk.place.position,
    ordinal: walk.place.ordinal,
    complete: walk.complete,
  };
}
