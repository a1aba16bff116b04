// The film of one tile of a loop nest: the stepped nest is walked on it with the layer's values, and its trace is drawn.
// Its time is steps of the innermost loop, in each of which every unit multiplies once; cycles are a figure of the tile.

import { InputError } from "../../base/error.ts";
import { evaluateSchedule } from "../../dataflow/nest/evaluate.ts";
import { prepareNest } from "../../dataflow/nest/prepare.ts";
import type { SteppedEvaluation } from "../../dataflow/nest/stepped/step-nest.ts";
import { stepNest } from "../../dataflow/nest/stepped/step-nest.ts";
import { walkOf } from "../../dataflow/nest/stepped/walk.ts";
import { nestProblem } from "../../mapping/nest/problem.ts";
import type { Hierarchy, Schedule } from "../../mapping/nest/schedule.ts";
import type { ComputeLayer } from "../../workload/layer.ts";
import { lower } from "../../workload/lowering.ts";
import type { CarriedFormats } from "../check.ts";
import { operandsOf } from "../check.ts";
import type { ZeroHandling } from "../machine.ts";
import type { PreparedNest } from "../prepared.ts";
import { record } from "./film.ts";
import { drawNest, nestBoxes } from "./nest/picture.ts";
import type { NestTile } from "./nest/tile.ts";
import { nestTile } from "./nest/tile.ts";
import { plainResults, tileValues } from "./nest/values.ts";
import { drawTrace } from "./nest/watch.ts";
import { loopName, nestCaptions, nestProgram, nestSentences, nestTimeline, turningLoops } from "./nest/words.ts";
import type { ReplayOptions } from "./options.ts";
import { checkParts, mostSeededValue } from "./options.ts";
import type { Replay } from "./replay.ts";

/** Multiplications that are walked at most: the walk keeps the words of every unit in every step. */
const mostProducts = 2 ** 16;

/** What a film needs to know of a machine. */
export interface NestFilmed extends CarriedFormats {
  readonly name: string;
  readonly hierarchy: Hierarchy;
  readonly zeros?: ZeroHandling | undefined;
}

/** As `filmNest`, of a prepared machine. */
export const replayNest = (
  layer: ComputeLayer,
  { machine, parts: { hierarchy, array } }: PreparedNest,
  schedule: Schedule,
  options: ReplayOptions,
): Replay =>
  filmNest(
    layer,
    {
      name: machine.name,
      hierarchy,
      zeros: machine.zeros,
      operand: array.part.operand,
      accumulator: array.part.accumulator,
    },
    schedule,
    options,
  );

/**
 * Films a tile of a layer under a valid schedule. Throws InputError where there is no such tile, where the smallest one
 * is too large to be walked, or where the picture would have more than `mostParts` parts.
 */
export function filmNest(layer: ComputeLayer, machine: NestFilmed, schedule: Schedule, options: ReplayOptions): Replay {
  const { hierarchy } = machine;
  const boxes = nestBoxes(hierarchy);
  checkParts(boxes, options, hierarchy.levels.map(({ name }) => name).join(" > "));
  const whole = nestProblem(layer.operation);
  const tile = nestTile(whole, schedule, options.tile, options.mostCycles, mostProducts);
  const operands = operandsOf(layer, lower(layer.operation, "per-group"), machine, options.seed, mostSeededValue);
  if (operands === undefined) {
    throw new InputError({ path: `layer ${layer.name}`, message: "too large to make up values for" });
  }
  const values = {
    A: tileValues(layer.operation, whole, tile, "A", operands.A),
    B: tileValues(layer.operation, whole, tile, "B", operands.B),
  };
  const { problem } = tile;
  const run = stepNest(problem, hierarchy, tile.schedule, { values, trace: true });
  const walk = walkOf(problem, hierarchy, tile.schedule);
  const loops = turningLoops(walk);
  const picture = drawNest(
    hierarchy,
    loops.map((loop) => loopName(walk, hierarchy, loop)),
  );
  const steps = run.steps + 1;
  const film = record(picture, Math.min(steps, options.mostCycles));
  const story = { walk, hierarchy, tile, run, picture, loops };
  const gated = machine.zeros?.gated ?? [];
  const marks = drawTrace(story, values, gated, film);
  const cycles = film.cycles;
  return {
    title: `${layer.name} on ${machine.name}: tile ${options.tile + 1} of ${tile.tiles}, step by step`,
    sentences: nestSentences(story, machine.zeros),
    frame: "step",
    cycles,
    ...(steps > cycles ? { of: steps } : {}),
    tiles: tile.tiles,
    parts: picture.parts,
    links: picture.links,
    ...film.frames(cycles),
    timeline: nestTimeline(story, marks, cycles),
    program: nestProgram(story, cycles),
    captions: nestCaptions(story, marks, cycles),
    agreement: agreement(run, tile, hierarchy, values),
  };
}

/** The walk's figures beside those of the closed forms, and its results beside plain sums. */
function agreement(
  run: SteppedEvaluation,
  { problem, schedule }: NestTile,
  hierarchy: Hierarchy,
  { A, B }: { readonly A: Float64Array; readonly B: Float64Array },
): Replay["agreement"] {
  const closed = evaluateSchedule(prepareNest(problem, hierarchy), schedule);
  const nameOf = (level: number): string => hierarchy.levels[level]?.name ?? "the units";
  const plain = plainResults(problem, A, B);
  const { output = new Float64Array() } = run;
  const words = run.boundaries.flatMap(({ operand, parent, child, ...counts }, at) => {
    const other = closed.boundaries[at];
    const between = `${operand} between ${nameOf(parent)} and ${nameOf(child)}`;
    const read = { figure: `words read of ${between}`, stepped: counts.reads, run: other?.reads ?? 0 };
    if (operand !== "C") return [read];
    const written = counts.partialWrites + counts.finalWrites;
    const figure = `words written of ${between}`;
    return [read, { figure, stepped: written, run: (other?.partialWrites ?? 0) + (other?.finalWrites ?? 0) }];
  });
  return [
    { figure: "cycles, zeros multiplied too", stepped: run.cycles, run: closed.cycles },
    { figure: "steps", stepped: run.steps, run: closed.steps },
    { figure: "multiplications", stepped: run.macs, run: closed.macs },
    ...words,
    {
      figure: "results equal to plain sums of products",
      stepped: plain.reduce((equal, value, at) => equal + (value === output[at] ? 1 : 0), 0),
      run: plain.length,
    },
  ];
}
