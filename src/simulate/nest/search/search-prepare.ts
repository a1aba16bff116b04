// What a search is asked, how much it may do, and the tables that it needs before it begins.

import type { NestEvaluation, SparsityFactors } from "../../../dataflow/nest/evaluation.ts";
import type { NestConstraints } from "../../../mapping/nest/constraints.ts";
import type { NestProblem } from "../../../mapping/nest/problem.ts";
import type { Hierarchy, Schedule } from "../../../mapping/nest/schedule.ts";
import type { Objective } from "../../machine.ts";
import type { NestBound } from "./search-bound.ts";
import { nestBound } from "./search-bound.ts";
import type { TileChoice } from "./search-enumerate.ts";
import { spaceSize } from "./search-enumerate.ts";
import type { NestEstimate } from "./estimate/estimate.ts";
import { nestEstimate } from "./estimate/estimate.ts";
import { guidesOf } from "./search-guides.ts";
import { movesOf } from "./search-moves.ts";
import type { NestCost, NestPrice } from "./search-price.ts";
import { nestScore } from "./search-price.ts";
import type { SearchReduction } from "./estimate/reduction.ts";
import type { NestSpace } from "./search-space.ts";
import { nestSpace } from "./search-space.ts";
import { searchParts } from "./search-parts.ts";

export interface SearchTask {
  readonly problem: NestProblem;
  readonly hierarchy: Hierarchy;
  readonly constraints: NestConstraints;
  readonly price: NestPrice;
  readonly objective: Objective;
  /** Mean word sizes and step times of sparse operands; the bound and the estimate take them over. */
  readonly sparsity?: SparsityFactors;
  /** A network that adds sums between units, for the estimate. */
  readonly reduction?: SearchReduction;
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
   * round parts begin in the classic dataflows, where the space has them as parts; later most of them look around the best
   * of all, the others again in the dataflow that led furthest.
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
  moves: 25_000,
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
  const { problem, hierarchy, constraints, price, sparsity, reduction, objective } = task;
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
    model: nestEstimate(space, price, { sparsity, reduction }),
    bound,
    lowerBound,
    enumerates: spaceSize(space, effort.tiles) <= effort.enumerate,
  };
}

/** The estimate or bound in `out` as a cost. */
export const costOf = (out: Float64Array): NestCost => ({ cycles: out[0] ?? 0, joules: out[1] ?? 0 });
