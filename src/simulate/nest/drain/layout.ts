// How results lie in the memory beside the array when the next layer reads them: laid out for it by a drain that can
// reorder, or in the order in which they left, for which the next layer pays in accesses.

import type { DrainCounts, LayoutDrain, LayoutOrder } from "../../../component/layout-drain.ts";
import { drainCounts } from "../../../component/layout-drain.ts";
import { portBitsPerCycle } from "../../../component/memory/sram.ts";
import type { NestProblem, OperandKey } from "../../../mapping/nest/problem.ts";
import { nestProblem } from "../../../mapping/nest/problem.ts";
import type { Schedule } from "../../../mapping/nest/schedule.ts";
import type { ComputeLayer } from "../../../workload/layer.ts";
import { energyOf } from "../../accounts.ts";
import type { PreparedNest } from "../../prepared.ts";
import type { LayerResult, LayoutChange, LayoutTotal } from "../../result.ts";

/** What lies next to each other: the channels of a position, or the positions of a channel. */
type Neighbours = LayoutChange["from"];

/** Whether a dimension chooses among channels of the operand, groups included, rather than among positions. */
const isChannel = ({ dimensions }: NestProblem, operand: OperandKey, dimension: number): boolean => {
  const name = dimensions[dimension]?.name ?? "";
  return operand === "C" ? name === "M" || name === "G" : name === "C" || name === "K" || name === "G";
};

const has = ({ operands }: NestProblem, operand: OperandKey, dimension: number): boolean =>
  operands[operand].some(({ terms }) => terms.some((term) => term.dimension === dimension));

interface Run {
  readonly dimension: number;
  readonly level: number;
  readonly spatial: boolean;
}

/** Loops of an operand's dimensions that have more than one step, in nest order. */
function runsOf(problem: NestProblem, operand: OperandKey, schedule: Schedule): readonly Run[] {
  const left = problem.dimensions.map(({ size }) => size);
  return schedule.levels.flatMap(({ temporal, spatial }, level) =>
    [...temporal, ...spatial].flatMap(({ dimension, tile }, i): Run[] => {
      const cuts = (left[dimension] ?? 1) > tile;
      left[dimension] = Math.min(left[dimension] ?? 1, tile);
      return cuts && has(problem, operand, dimension) ? [{ dimension, level, spatial: i >= temporal.length }] : [];
    }),
  );
}

/**
 * The order in which results leave the array: units side by side leave side by side, so that the last spatial loop over
 * results on the array's axes runs fastest; without one, the innermost loop over results.
 */
export function leavingOrder(problem: NestProblem, schedule: Schedule, arrayBelow: number): Neighbours {
  const runs = runsOf(problem, "C", schedule);
  const fastest = runs.findLast(({ spatial, level }) => spatial && level === arrayBelow) ?? runs.at(-1);
  return fastest === undefined || isChannel(problem, "C", fastest.dimension) ? "channels" : "positions";
}

/** The order in which a layer goes through its inputs: that of the innermost loop over them. */
export function readingOrder(problem: NestProblem, schedule: Schedule): Neighbours {
  const fastest = runsOf(problem, "B", schedule).at(-1);
  return fastest === undefined || isChannel(problem, "B", fastest.dimension) ? "channels" : "positions";
}

/** Inputs of a layer as the plane that the layer before drained: a row for each position, a column for each channel. */
function inputPlane({ operation }: ComputeLayer): { readonly rows: number; readonly columns: number } {
  if (operation.operator === "matmul") return { rows: operation.batch * operation.N, columns: operation.K };
  const { batch, height, width, inChannels } = operation;
  return { rows: batch * height * width, columns: inChannels };
}

const orderOf = (neighbours: Neighbours): LayoutOrder => (neighbours === "channels" ? "rows" : "columns");

/** Accesses to write a layer's inputs and to read them once, by a drain that can or cannot reorder. */
export function layoutAccesses(
  drain: LayoutDrain,
  layer: ComputeLayer,
  from: Neighbours,
  to: Neighbours,
): { readonly plain: DrainCounts; readonly reordered: DrainCounts } {
  const plane = { ...inputPlane(layer), array: orderOf(from), next: orderOf(to) };
  return {
    plain: drainCounts({ ...drain, reorders: false }, plane),
    reordered: drainCounts({ ...drain, reorders: true }, plane),
  };
}

/**
 * Charges every layer for inputs that lie in another order than it reads them, and says what a drain that reorders
 * spared. The rule, all of it assumed: results of a layer are the inputs of the one after it (pooling between them keeps
 * the order); a word of the drain holds neighbours in one order; inputs that lie in the order of reading cost no access
 * beyond those that the schedule counts; in the other order every element costs an access of a whole word, on every one
 * of the passes that the schedule makes over its inputs. The accesses that come on top of those in the right order take
 * the energy of reading a word of the memory beside the array, and its port's time where that is the bound: so many in a
 * cycle as it reads words. The memory further up hands on words of either order, and the search does not see any of it.
 */
export function settleLayouts(
  results: readonly LayerResult[],
  layers: readonly ComputeLayer[],
  follows: readonly boolean[],
  prepared: PreparedNest,
): { readonly layers: readonly LayerResult[]; readonly total?: LayoutTotal } {
  const { drain } = prepared.parts;
  if (drain === undefined) return { layers: results };
  const settled = results.map((result, i): LayerResult => {
    const [layer, before, previous] = [layers[i], results[i - 1]?.schedule, layers[i - 1]];
    if (follows[i] !== true || layer === undefined || previous === undefined) return result;
    if (before === undefined || result.schedule === undefined) return result;
    const from = leavingOrder(nestProblem(previous.operation), before, prepared.parts.arrayBelow);
    const to = readingOrder(nestProblem(layer.operation), result.schedule);
    if (from === to) return result;
    const { plain, reordered } = layoutAccesses(drain.part, layer, from, to);
    const { rows, columns } = inputPlane(layer);
    const passes = passesOver(result, rows * columns, layer, drain.memory, prepared);
    const accesses = Math.max(
      0,
      Math.round((plain.reads - reordered.reads) * passes + plain.writes - reordered.writes),
    );
    return drain.part.reorders
      ? { ...result, layout: { from, to, reordered: true, accesses, cycles: 0, energy: 0 } }
      : charged(result, { from, to, accesses }, drain, prepared);
  });
  const changes = settled.flatMap(({ layout }) => (layout === undefined ? [] : [layout]));
  const sum = (of: (change: LayoutChange) => number): number => changes.reduce((all, change) => all + of(change), 0);
  return {
    layers: settled,
    total: {
      drain: drain.part.reorders ? "reordering" : "plain",
      changes: changes.length,
      accesses: sum(({ accesses }) => accesses),
      cycles: sum(({ cycles }) => cycles),
      energy: sum(({ energy }) => energy),
    },
  };
}

/** How often a layer reads each of its inputs from the memory, on the mean; at least once. */
function passesOver(
  { traffic }: LayerResult,
  words: number,
  { density }: ComputeLayer,
  memory: string,
  { parts, machine }: PreparedNest,
): number {
  const level = parts.hierarchy.levels.find(({ memories }) => memories.some(({ name }) => name === memory));
  const format = machine.zeros?.formats[level?.name ?? ""]?.B;
  // Compressed inputs move their non-zeros and a bit for each element.
  const bytes = parts.hierarchy.wordBytes.B;
  const perWord = format === undefined ? bytes : Math.min(bytes, bytes * density.B + 1 / 8);
  return Math.max(1, (traffic[memory]?.operands.B.read ?? 0) / perWord / words);
}

/** A layer that pays for the accesses. */
function charged(
  result: LayerResult,
  { from, to, accesses }: Pick<LayoutChange, "from" | "to" | "accesses">,
  { part, memory }: NestDrain,
  prepared: PreparedNest,
): LayerResult {
  const component = prepared.machine.components[memory];
  if (component?.kind !== "sram") throw new Error(`${memory} has no words`);
  const wordBits = part.wordElements * part.elementBits;
  const bits = accesses * wordBits;
  const moved = result.traffic[memory];
  const portBits = (moved?.read ?? 0) * 8 + bits;
  const cycles = Math.max(0, Math.ceil(portBits / portBitsPerCycle(component)) - result.cycles);
  const seconds = (result.cycles + cycles) / result.clock;
  const paid = energyOf({ [`${memory}.readBit`]: bits }, prepared, cycles / result.clock);
  const components: Record<string, number> = { ...result.energy.components };
  let energy = 0;
  for (const [name, joules] of Object.entries(paid)) {
    components[name] = (components[name] ?? 0) + joules;
    energy += joules;
  }
  const own = moved?.operands.B;
  return {
    ...result,
    cycles: result.cycles + cycles,
    seconds,
    utilisation: result.macs.executed / (prepared.units * (result.cycles + cycles)),
    stack: cycles === 0 ? result.stack : { ...result.stack, layout: cycles },
    counts: { ...result.counts, [`${memory}.readBit`]: (result.counts[`${memory}.readBit`] ?? 0) + bits },
    traffic:
      moved === undefined || own === undefined
        ? result.traffic
        : {
            ...result.traffic,
            [memory]: {
              ...moved,
              read: moved.read + bits / 8,
              operands: { ...moved.operands, B: { ...own, read: own.read + bits / 8 } },
            },
          },
    energy: { total: result.energy.total + energy, components },
    layout: { from, to, reordered: false, accesses, cycles, energy },
  };
}

/** The drain of a machine, and the memory that it writes. */
export interface NestDrain {
  readonly name: string;
  readonly part: LayoutDrain;
  readonly memory: string;
}
