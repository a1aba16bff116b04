// The best schedule of a problem on a hierarchy under constraints: annealing in fixed parts, evaluation of what looks
// best, and branch and bound over the whole space where it is small. Deterministic for a seed, whatever runs the parts.

import { log } from "../../../base/transcendental.ts";
import type { NestEvaluation, SparsityFactors } from "../../../dataflow/nest/evaluation.ts";
import type { NestConstraints } from "../../../mapping/nest/constraints.ts";
import type { NestProblem } from "../../../mapping/nest/problem.ts";
import type { Hierarchy, Schedule } from "../../../mapping/nest/schedule.ts";
import { deriveSeed } from "../../../tensor/random.ts";
import type { Objective } from "../../machine.ts";
import type { AnnealRun, Candidate, Weights } from "./search-anneal.ts";
import { anneal, frontWeights, objectiveWeights } from "./search-anneal.ts";
import type { NestBound } from "./search-bound.ts";
import { nestBound } from "./search-bound.ts";
import type { TileChoice } from "./search-enumerate.ts";
import { enumerate, spaceSize } from "./search-enumerate.ts";
import type { NestEstimate } from "./search-estimate.ts";
import { nestEstimate } from "./search-estimate.ts";
import { guidesOf } from "./search-guides.ts";
import { copyPoint, eachNeighbour, movesOf } from "./search-moves.ts";
import type { NestCost, NestPrice } from "./search-price.ts";
import { nestCost, nestScore } from "./search-price.ts";
import type { NestSpace, Point } from "./search-space.ts";
import { nestSpace, pointOf, scheduleOf } from "./search-space.ts";
import type { Found, PartState, SearchState } from "./search-state.ts";
import { compareCosts, emptyPart, onFront } from "./search-state.ts";
import { searchParts } from "./search-parts.ts";

export interface SearchTask {
  readonly problem: NestProblem;
  readonly hierarchy: Hierarchy;
  readonly constraints: NestConstraints;
  readonly price: NestPrice;
  readonly objective: Objective;
  /** Mean word sizes and step times of sparse operands; the bound and the estimate take them over. */
  readonly sparsity?: SparsityFactors;
  readonly evaluate: (schedule: Schedule) => NestEvaluation;
  /** Known schedules to begin from beside chance; those outside the space are passed over. */
  readonly known?: readonly Schedule[];
}

/** How much to search. The result depends on all of it, and on nothing else but the task and the seed. */
export interface SearchEffort {
  readonly seed: number;
  /** Parts that may run side by side. */
  readonly parts: number;
  /**
   * Annealing runs of each part, one a round, and moves of a run: half from scratch, half around its best. In the first
   * round parts begin in the classic dataflows, where the space has them as parts; from the second round on every other
   * one looks around the best of all.
   */
  readonly starts: number;
  readonly moves: number;
  /** Most evaluations that follow a run. */
  readonly evaluations: number;
  /** Spaces of at most as many schedules are walked through by branch and bound; 0 never. */
  readonly enumerate: number;
  /** Nodes of that walk that a part visits in a round. */
  readonly nodes: number;
  readonly tiles: TileChoice;
  /** Whether some runs aim at other weights of cycles and joules, for the front between them. */
  readonly front: boolean;
}

export const defaultEffort: SearchEffort = {
  seed: 1,
  parts: searchParts,
  starts: 2,
  moves: 50_000,
  evaluations: 8,
  enumerate: 200_000,
  nodes: 20_000,
  tiles: "aligned",
  front: false,
};

/** A task with its tables, ready to run parts of a search. */
export interface PreparedSearch {
  readonly task: SearchTask;
  readonly effort: SearchEffort;
  readonly space: NestSpace;
  /** Parts of the space in which some runs begin. */
  readonly guides: readonly NestSpace[];
  readonly model: NestEstimate;
  readonly bound: NestBound;
  /** No schedule of the space has a lower figure than this. */
  readonly lowerBound: number;
  readonly enumerates: boolean;
}

/** What rounds are begun and joined by: plain data, where a search is prepared on other threads than this one. */
export interface SearchFrame extends Pick<PreparedSearch, "effort" | "lowerBound" | "enumerates"> {
  readonly task: Pick<SearchTask, "price" | "objective">;
}

/** The frame of a prepared search, without what threads cannot hand over. */
export const frameOf = ({
  task: { price, objective },
  effort,
  lowerBound,
  enumerates,
}: PreparedSearch): SearchFrame => ({
  task: { price, objective },
  effort,
  lowerBound,
  enumerates,
});

export function prepareSearch(task: SearchTask, effort: SearchEffort = defaultEffort): PreparedSearch {
  const { problem, hierarchy, constraints, price, sparsity, objective } = task;
  const space = nestSpace(problem, hierarchy, constraints);
  const bound = nestBound(space, price, sparsity);
  const { point } = movesOf(space);
  const out = new Float64Array(2);
  let lowerBound = Number.POSITIVE_INFINITY;
  for (let bypass = 0; bypass < space.bypasses.length; bypass++) {
    point.bypass = bypass;
    bound(point, 0, out);
    lowerBound = Math.min(lowerBound, nestScore(price, objective, costOf(out)));
  }
  return {
    task,
    effort,
    space,
    guides: guidesOf(space),
    model: nestEstimate(space, price, sparsity),
    bound,
    lowerBound,
    enumerates: spaceSize(space, effort.tiles) <= effort.enumerate,
  };
}

const costOf = (out: Float64Array): NestCost => ({ cycles: out[0] ?? 0, joules: out[1] ?? 0 });

/** The state before the first round. */
export function startSearch({ effort, enumerates }: SearchFrame): SearchState {
  return {
    version: 1,
    seed: effort.seed,
    phase: effort.starts > 0 ? "anneal" : enumerates ? "enumerate" : "done",
    round: 0,
    parts: Array.from({ length: effort.parts }, () => emptyPart),
    best: null,
    front: [],
    proven: false,
  };
}

/** Runs one part's share of the state's next round. Pure: parts of a round may run anywhere, in any order. */
export function runPart(search: PreparedSearch, state: SearchState, part: number): PartState {
  const steps = partSteps(search, state, part);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** `runPart` in steps, for threads that have to look around: yields how many schedules it has looked at in this round. */
export function* partSteps(
  search: PreparedSearch,
  state: SearchState,
  part: number,
): Generator<number, PartState, undefined> {
  const before = state.parts[part] ?? emptyPart;
  if (state.phase === "anneal") return yield* annealPart(search, before, part, state);
  if (state.phase === "enumerate" && !before.complete) return enumeratePart(search, before, part, state.best);
  return before;
}

/** The state after a round, of the parts in their order. */
export function joinParts(search: SearchFrame, state: SearchState, parts: readonly PartState[]): SearchState {
  const { price, objective } = search.task;
  let { best, front } = state;
  for (const part of parts) {
    if (part.best !== null && (best === null || compareCosts(price, objective, part.best, best) < 0)) best = part.best;
    for (const found of part.front) front = onFront(front, found);
  }
  const round = state.round + 1;
  const complete = parts.every((part) => part.complete);
  const reached = best !== null && nestScore(price, objective, best) <= search.lowerBound * (1 + 1e-8);
  const phase = (): SearchState["phase"] => {
    if (state.phase === "anneal" && round < search.effort.starts) return "anneal";
    return search.enumerates && !complete ? "enumerate" : "done";
  };
  return { ...state, round, parts, best, front, phase: phase(), proven: complete || reached };
}

export interface SearchProgress {
  readonly round: number;
  readonly phase: SearchState["phase"];
  readonly sampled: number;
  readonly valid: number;
  readonly evaluations: number;
  readonly best: Found | null;
}

export function searchProgress({ round, phase, parts, best }: SearchState): SearchProgress {
  const sum = (of: (part: PartState) => number): number => parts.reduce((total, part) => total + of(part), 0);
  return {
    round,
    phase,
    sampled: sum((part) => part.sampled),
    valid: sum((part) => part.valid),
    evaluations: sum((part) => part.evaluations),
    best,
  };
}

/**
 * Searches to the end on this thread, from the beginning or from a saved state of the same task and effort, whose result
 * is that of an uninterrupted search. `progress` gets the state after each round, which may be saved; false stops there.
 */
export function searchSchedule(
  search: PreparedSearch,
  from: SearchState = startSearch(search),
  progress?: (state: SearchState) => boolean,
): SearchState {
  let state = from;
  while (state.phase !== "done") {
    const current = state;
    const parts = current.parts.map((_, part) => runPart(search, current, part));
    state = joinParts(search, current, parts);
    if (progress?.(state) === false) break;
  }
  return state;
}

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

function* annealPart(
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

function enumeratePart(search: PreparedSearch, before: PartState, part: number, shared: Found | null): PartState {
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
