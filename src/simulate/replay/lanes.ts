// The film of sparse lanes on a machine of loop nests: the rounds of a unit up to the end of a result, stepped by the
// lanes' reference while an observer looks on.

import { bitmapsOf } from "../../component/sparse-lanes/sparse-lanes.ts";
import type { LaneProgram } from "../../component/sparse-lanes/stepped.ts";
import { steppedLanes } from "../../component/sparse-lanes/stepped.ts";
import type { LaneMachine } from "../../dataflow/nest/sparse/lane-cycles.ts";
import { columnsOf, effectiveSparsity } from "../../dataflow/nest/sparse/lane-cycles.ts";
import type { LaneNest } from "../../dataflow/nest/sparse/lane-nest.ts";
import type { LaneTile } from "../../dataflow/nest/sparse/lane-tile.ts";
import { isPerLane, isShared, laneTile } from "../../dataflow/nest/sparse/lane-tile.ts";
import { printNest } from "../../mapping/nest/print.ts";
import type { NestProblem } from "../../mapping/nest/problem.ts";
import { nestProblem } from "../../mapping/nest/problem.ts";
import type { Schedule } from "../../mapping/nest/schedule.ts";
import type { NumberFormat } from "../../technology/technology.ts";
import { generate } from "../../tensor/generate.ts";
import { deriveSeed } from "../../tensor/random.ts";
import type { ComputeLayer, Operand } from "../../workload/layer.ts";
import { elementCount, operandShapes } from "../../workload/shapes.ts";
import { simulateNestLayer } from "../nest/simulate-nest.ts";
import { skippingOf } from "../nest/zeros.ts";
import type { Objective } from "../machine.ts";
import type { PreparedNest } from "../prepared.ts";
import { captionsOf, reel } from "./draft.ts";
import { timelineRow } from "./film.ts";
import { fillLanes, pairsOf } from "./lanes/fill.ts";
import type { LanePlan } from "./lanes/layout.ts";
import { laneLayout, lanePartCount } from "./lanes/layout.ts";
import type { LaneCycle } from "./lanes/record.ts";
import { laneRecorder } from "./lanes/record.ts";
import { laneCaptions, laneProgram, laneSentences } from "./lanes/text.ts";
import type { ReplayOptions } from "./options.ts";
import { checkParts, checkTile, mostSeededValue } from "./options.ts";
import type { Replay, ReplayRow } from "./replay.ts";

/** Units that a picture shows at most, where they wait for each other. */
const mostUnits = 4;

/**
 * A tile is what a unit does up to the end of a result: its rounds, at least some of them, up to where all units wait
 * for each other. Of units that wait for each other the first few of a column are shown. A schedule that is given is
 * checked; without one it is that of a run, which searches it. Undefined where the machine has no lanes that skip
 * by bitmaps, or the layer no channel that they could run along. Throws InputError for a tile that there is not, or a
 * picture of too many parts.
 */
export function replayLanes(
  layer: ComputeLayer,
  prepared: PreparedNest,
  options: ReplayOptions,
  choice: { readonly mapping?: string; readonly objective?: Objective; readonly schedule?: Schedule } = {},
): Replay | undefined {
  const { zeros } = prepared.machine;
  const skipping = zeros && skippingOf(zeros, prepared);
  if (skipping === undefined) return undefined;
  const problem = nestProblem(layer.operation);
  if (effectiveSparsity(problem, skipping.component.sparsity) === "none") return undefined;
  const schedule = scheduleOf(layer, prepared, options, choice);
  const { hierarchy, array } = prepared.parts;
  return filmLanes(
    {
      title: `${layer.name} on ${prepared.machine.name}`,
      problem,
      schedule,
      machine: skipping.machine,
      accumulator: array.part.accumulator,
      A: valuesOf(layer, "A", options.seed),
      B: valuesOf(layer, "B", options.seed),
      loops: printNest(problem, hierarchy, schedule),
    },
    options,
  );
}

/** The schedule that a run reports: one that was given, or the best for the objective (default: seconds). */
function scheduleOf(
  layer: ComputeLayer,
  prepared: PreparedNest,
  { seed }: ReplayOptions,
  { mapping, objective = "seconds", schedule }: NonNullable<Parameters<typeof replayLanes>[3]>,
): Schedule {
  const found = simulateNestLayer(layer, prepared, {
    objective,
    check: "off",
    auditPercent: 0,
    seed,
    ...(mapping === undefined ? {} : { mapping }),
    ...(schedule === undefined ? {} : { schedules: { [layer.name]: schedule } }),
  }).schedule;
  if (found === undefined) throw new Error("a loop nest without a schedule");
  return found;
}

/** Row-major values of an operand: its own, or made up with the zeros that a run counts on. */
function valuesOf({ operation, values, density }: ComputeLayer, which: "A" | "B", seed: number): ArrayLike<number> {
  const own = values?.[which];
  const shape = operandShapes(operation)[which];
  if (own !== undefined) return inOrder(own, shape, which);
  const spec = {
    kind: "uniform",
    density: density[which],
    values: { minimum: -mostSeededValue, maximum: mostSeededValue },
  } as const;
  return generate(spec, "int8", shape, deriveSeed(seed, "non-zeros", which)).data;
}

function inOrder({ tensor, strides }: Operand, shape: readonly number[], which: string): Float64Array {
  const found = new Float64Array(elementCount(shape, which));
  for (let i = 0; i < found.length; i++) {
    let rest = i;
    let at = 0;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const size = shape[axis] ?? 1;
      at += (rest % size) * (strides[axis] ?? 0);
      rest = Math.floor(rest / size);
    }
    found[i] = tensor.data[at] ?? 0;
  }
  return found;
}

/** A scheduled layer on lanes, with its values. */
export interface LaneScene {
  readonly title: string;
  readonly problem: NestProblem;
  readonly schedule: Schedule;
  readonly machine: LaneMachine;
  readonly accumulator: NumberFormat;
  readonly A: ArrayLike<number>;
  readonly B: ArrayLike<number>;
  /** The schedule for a person to read. */
  readonly loops: readonly string[];
}

/** Films a tile of a scheduled layer. Throws InputError as `replayLanes` does. */
export function filmLanes(scene: LaneScene, options: ReplayOptions): Replay {
  const { problem, schedule, machine } = scene;
  const { lanes } = machine.lanes;
  let plan: LanePlan | undefined;
  const tile = laneTile(problem, schedule, machine, scene, options.tile, (nest) => {
    const made = planOf(nest, machine, options);
    plan = made.plan;
    return made.units;
  });
  if (typeof tile === "number" || plan === undefined) {
    checkTile(typeof tile === "number" ? tile : 0, options);
    throw new Error(`tile ${options.tile} was not found`);
  }
  const { observer, frames } = laneRecorder(options.mostCycles);
  const sparsity = effectiveSparsity(problem, machine.lanes.sparsity);
  const stepped = steppedLanes(
    { ...machine.lanes, sparsity, accumulator: scene.accumulator },
    tile.program,
    () => undefined,
    observer,
  );
  const layout = laneLayout(plan);
  const film = reel(layout.drawing, frames.length);
  fillLanes(film, layout.units, lanes, tile.program, frames);
  const rounds = tile.program.joins.length;
  return {
    title: `${scene.title}: tile ${options.tile + 1}, ${rounds === 1 ? "round" : `rounds ${tile.first} to`} ${tile.first + rounds - 1} of ${plan.units === 1 ? "a unit" : `${plan.units} units`}`,
    sentences: laneSentences(plan, tile.nest.units),
    ...film.finish(),
    ...(stepped.cycles > frames.length ? { of: stepped.cycles } : {}),
    timeline: timelineOf(tile, frames, lanes),
    program: laneProgram(scene.loops, tile, frames),
    captions: captionsOf(laneCaptions(tile, frames, lanes, stepped.cycles), frames.length),
    agreement: [
      { figure: "cycles", stepped: stepped.cycles, run: tile.counted.cycles },
      {
        figure: "multiplications",
        stepped: stepped.events.multiplyAccumulate,
        run: tile.counted.multiplications,
      },
      {
        figure: "bitmaps read",
        stepped: stepped.events.bitmapRead,
        run: tile.counted.rounds * lanes * (plan.weights && plan.inputs ? 2 : 1),
      },
    ],
  };
}

/** What is drawn of which units. Throws InputError where not even one fits. */
function planOf(
  nest: LaneNest,
  machine: LaneMachine,
  options: ReplayOptions,
): { readonly plan: LanePlan; readonly units: readonly number[] } {
  const { lanes, bankBits } = { lanes: machine.lanes.lanes, bankBits: nest.bankBits };
  const { weights, inputs } = bitmapsOf(effectiveSparsity(nest.problem, machine.lanes.sparsity));
  const mode = isPerLane(nest) ? "MxM" : "VxV";
  const { scope } = machine.lanes.barrier;
  // Lanes that run ahead of each other read the banks of different rounds.
  const sharesBank = scope !== "lane" && isShared(nest);
  const one: LanePlan = { units: 1, lanes, bankBits, mode, isShared: sharesBank, weights, inputs };
  checkParts(lanePartCount(one), options, `${lanes} lanes with banks of ${bankBits}`);
  if (scope === "lane" || scope === "pe") return { plan: one, units: [0] };
  // Units that wait for each other: of a column, those of the first unit's.
  const columns = columnsOf(nest, machine.columnAxis);
  const together = Array.from(columns.keys()).filter((unit) => scope === "array" || columns[unit] === columns[0]);
  const units = together.slice(0, Math.min(mostUnits, Math.floor(options.mostParts / lanePartCount(one))));
  return { plan: { ...one, units: units.length }, units };
}

/** A row for each lane. */
function timelineOf({ program }: LaneTile, cycles: readonly LaneCycle[], lanes: number): readonly ReplayRow[] {
  return program.units.flatMap((unit, number) =>
    Array.from({ length: lanes }, (_, lane) => {
      const name = program.units.length === 1 ? `lane ${lane}` : `unit ${number}, lane ${lane}`;
      return timelineRow(name, cycles.length, (cycle) => {
        const frame = cycles[cycle]?.lanes[number * lanes + lane];
        if (frame === undefined || frame.round < 0) return undefined;
        if (!frame.isWorking) return { activity: "stalled", label: `waits after round ${frame.round}` };
        if (frame.position < 0) return { activity: "idle", label: `nothing in round ${frame.round}` };
        const pairs = countPairs(unit, frame.round, lane);
        return { activity: "useful", label: `round ${frame.round}: ${pairs === 1 ? "1 pair" : `${pairs} pairs`}` };
      });
    }),
  );
}

const countPairs = ({ rounds }: LaneProgram["units"][number], round: number, lane: number): number =>
  pairsOf(rounds[round], lane).filter(Boolean).length;
