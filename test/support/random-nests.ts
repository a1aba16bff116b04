// Random small loop nests for property tests (fast-check): convolutions with stride, dilation, padding and groups and
// matrix products; 2 to 4 levels; perfect and ragged tiles, spatial loops, bypass, ports of any width.

import fc from "fast-check";
import type { NestProblem, OperandKey } from "../../src/mapping/nest/problem.ts";
import { nestProblem, operandKeys, reducedDimensions } from "../../src/mapping/nest/problem.ts";
import type {
  Axis,
  Hierarchy,
  HierarchyLevel,
  Loop,
  NestMemory,
  Schedule,
  SpatialLoop,
} from "../../src/mapping/nest/schedule.ts";
import type { ComputeOperation, Conv2d, Matmul } from "../../src/workload/layer.ts";

export interface NestCase {
  readonly operation: ComputeOperation;
  readonly problem: NestProblem;
  readonly hierarchy: Hierarchy;
  readonly schedule: Schedule;
}

export interface NestCaseOptions {
  /** Largest number of multiplications of a case. */
  readonly macs?: number;
  /** Largest number of units of a case, over all axes. */
  readonly units?: number;
  /** Ports without bound everywhere: cycles are steps. */
  readonly unlimited?: boolean;
  /** Tiles that divide what they cut. */
  readonly even?: boolean;
}

/** The sizes with the largest ones halved until their product is at most `limit`. */
function shrunk<K extends string>(sizes: Readonly<Record<K, number>>, keys: readonly K[], limit: number) {
  const result: Record<K, number> = { ...sizes };
  while (keys.reduce((product, key) => product * result[key], 1) > limit) {
    const largest = keys.reduce((best, key) => (result[key] > result[best] ? key : best));
    result[largest] = Math.floor(result[largest] / 2);
  }
  return result;
}

const upTo = (max: number, min = 1): fc.Arbitrary<number> => fc.integer({ min, max });
const often = (value: number, max: number): fc.Arbitrary<number> => fc.oneof(fc.constant(value), upTo(max));

/** Small matrix products. */
const matmulOperations = (macs: number): fc.Arbitrary<Matmul> =>
  fc.record({ batch: often(1, 3), M: upTo(9), N: upTo(9), K: upTo(9) }).map((sizes) => ({
    operator: "matmul",
    ...shrunk(sizes, ["batch", "M", "N", "K"], macs),
  }));

/** Small convolutions; windows that leave gaps, overlap, lie in the padding altogether. */
const conv2dOperations = (macs: number): fc.Arbitrary<Conv2d> =>
  fc
    .record({
      sizes: fc.record({
        batch: often(1, 2),
        groups: often(1, 3),
        M: upTo(5),
        C: upTo(5),
        P: upTo(6),
        Q: often(1, 5),
        R: upTo(4),
        S: often(1, 3),
      }),
      stride: fc.tuple(often(1, 3), often(1, 3)),
      dilation: fc.tuple(often(1, 3), often(1, 2)),
      padding: fc.tuple(fc.nat(2), fc.nat(2), fc.nat(2), fc.nat(2)),
      spare: fc.tuple(fc.nat(2), fc.nat(2)),
    })
    .map(({ sizes, stride, dilation, padding, spare }) => {
      const { batch, groups, M, C, P, Q, R, S } = shrunk(
        sizes,
        ["batch", "groups", "M", "C", "P", "Q", "R", "S"],
        macs,
      );
      // The input that gives exactly P x Q positions; where padding alone would be more, there is none.
      const axis = (index: 0 | 1, positions: number, kernel: number): readonly [number, number, number] => {
        const span = (positions - 1) * stride[index] + dilation[index] * (kernel - 1) + 1;
        const total = span + Math.min(spare[index], stride[index] - 1);
        const [before, after] = [padding[index], padding[index + 2] ?? 0];
        return total - before - after < 1 ? [total, 0, 0] : [total - before - after, before, after];
      };
      const [height, top, bottom] = axis(0, P, R);
      const [width, left, right] = axis(1, Q, S);
      return {
        operator: "conv2d",
        batch,
        inChannels: C * groups,
        height,
        width,
        outChannels: M * groups,
        kernelHeight: R,
        kernelWidth: S,
        stride,
        padding: [top, left, bottom, right],
        dilation,
        groups,
      };
    });

const bandwidths = fc.oneof(fc.constant(Infinity), fc.constantFrom(0.5, 1, 2, 3, 4.5, 8, 16));

const memories = (
  level: number,
  operands: readonly OperandKey[],
  { unlimited = false }: NestCaseOptions,
): fc.Arbitrary<NestMemory> =>
  fc
    .record({
      overlapped: fc.boolean(),
      readBytesPerCycle: unlimited ? fc.constant(Infinity) : bandwidths,
      writeBytesPerCycle: unlimited ? fc.constant(Infinity) : bandwidths,
      sharedPort: fc.boolean(),
    })
    .map((ports) => ({ name: `memory${level}${operands.join("")}`, operands, bytes: Infinity, ...ports }));

const axesOf = (level: number): fc.Arbitrary<Axis[]> =>
  fc
    .array(
      fc.record({
        units: upTo(4),
        reduction: fc.constantFrom("tree" as const, "chain" as const, "none" as const),
        multicast: fc.boolean(),
      }),
      { maxLength: 2 },
    )
    .map((axes) => axes.map((axis, index) => ({ name: `axis${level}${index}`, ...axis })));

/** Divisions of the operands among memories of a level, the common ones more often; the first level takes all. */
const divisions = (level: number): fc.Arbitrary<readonly (readonly OperandKey[])[]> =>
  level === 0
    ? fc.constantFrom([["A", "B", "C"]], [["A"], ["B", "C"]], [["A"], ["B"], ["C"]])
    : fc.constantFrom(
        [["A", "B", "C"]],
        [["A", "B", "C"]],
        [["A"], ["B"], ["C"]],
        [["A", "B"], ["C"]],
        [["A"], ["C"]],
        [["B", "C"]],
        [["C"]],
      );

const levelOf = (level: number, options: NestCaseOptions): fc.Arbitrary<HierarchyLevel> =>
  fc.tuple(divisions(level), axesOf(level)).chain(([division, axes]) =>
    fc.record({
      name: fc.constant(`level${level}`),
      memories: fc.tuple(...division.map((operands) => memories(level, operands, options))),
      axes: fc.constant(axes),
    }),
  );

/** Hierarchies of 2 to 4 levels. */
const hierarchies = (options: NestCaseOptions = {}): fc.Arbitrary<Hierarchy> =>
  fc
    .record({
      count: fc.constantFrom(2, 2, 3, 3, 4),
      levels: fc.tuple(levelOf(0, options), levelOf(1, options), levelOf(2, options), levelOf(3, options)),
      wordBytes: fc.record({
        A: fc.constantFrom(0.5, 1, 2),
        B: fc.constantFrom(1, 2),
        C: fc.constantFrom(1, 2),
        partial: fc.constantFrom(2, 3, 4),
      }),
    })
    .map(({ count, levels, wordBytes }) => ({ levels: levels.slice(0, count), wordBytes }));

/** A wish for a loop: which dimension, how large a piece of what is there, side by side or one after the other. */
interface Wish {
  readonly dimension: number;
  readonly share: number;
  /** Index of an axis; -1 for a temporal loop. */
  readonly axis: number;
}

const wishes: fc.Arbitrary<readonly Wish[]> = fc.array(
  fc.record({
    dimension: fc.nat(7),
    share: fc.oneof(fc.constant(0), fc.constantFrom(0.3, 0.5, 0.7), fc.double({ min: 0, max: 1, noNaN: true })),
    axis: fc.constantFrom(-1, -1, 0, 1),
  }),
  { maxLength: 5 },
);

interface Plan {
  readonly wishes: readonly (readonly Wish[])[];
  readonly bypass: readonly (readonly OperandKey[])[];
  /** Rotates the order of the loops that finish what the wishes leave. */
  readonly rotate: number;
}

/** The least tile of at least `tile` that divides a size; `tile` itself where that need not be. */
const dividing = (even: boolean, size: number, tile: number): number => {
  if (!even) return tile;
  let found = tile;
  while (size % found !== 0) found++;
  return found;
};

/** The schedule that the wishes come closest to: pieces that exist, axes with units left, sums only where they add. */
function scheduleOf(problem: NestProblem, hierarchy: Hierarchy, plan: Plan, units: number, even: boolean): Schedule {
  const reduced = new Set(reducedDimensions(problem));
  const left = problem.dimensions.map(({ size }) => size);
  const open = (): number[] => left.flatMap((size, index) => (size > 1 ? [index] : []));
  const sizeOf = (dimension: number): number => left[dimension] ?? 1;
  let unitsLeft = units;
  const levels = hierarchy.levels.map(({ axes }, level) => {
    const last = level === hierarchy.levels.length - 1;
    const temporal: Loop[] = [];
    const spatial: SpatialLoop[] = [];
    const free = axes.map((axis) => axis.units);
    const wanted = plan.wishes[level] ?? [];
    // Wishes turn over the dimensions that still can be cut; some fall on one that cannot, for loops of one step.
    const dimensionOf = (wish: Wish): number => {
      const choice = wish.dimension < 6 ? open() : left.map((_, index) => index);
      return choice[wish.dimension % choice.length] ?? wish.dimension % left.length;
    };
    for (const wish of wanted.filter(({ axis }) => axis < 0)) {
      const dimension = dimensionOf(wish);
      const size = sizeOf(dimension);
      const tile = dividing(even, size, Math.max(1, Math.ceil(wish.share * size)));
      temporal.push({ dimension, tile });
      left[dimension] = tile;
    }
    for (const wish of wanted.filter(({ axis }) => axis >= 0)) {
      const dimension = dimensionOf(wish);
      const axis = axes[wish.axis];
      if (axis === undefined || (axis.reduction === "none" && reduced.has(dimension))) continue;
      const size = sizeOf(dimension);
      const allowed = Math.min(free[wish.axis] ?? 1, unitsLeft);
      let tile = dividing(even, size, Math.max(1, Math.ceil(wish.share * size), Math.ceil(size / allowed)));
      if (last && tile > 1) {
        // Nothing cuts after the last level: its units take single positions of a piece that a temporal loop leaves.
        let piece = Math.min(size, allowed);
        if (even) while (size % piece !== 0) piece--;
        temporal.push({ dimension, tile: piece });
        left[dimension] = piece;
        tile = 1;
      }
      const steps = Math.ceil(sizeOf(dimension) / tile);
      free[wish.axis] = Math.floor((free[wish.axis] ?? 1) / steps);
      unitsLeft = Math.floor(unitsLeft / steps);
      spatial.push({ dimension, tile, axis: axis.name });
      left[dimension] = tile;
    }
    if (last) {
      const rest = open();
      for (let index = 0; index < rest.length; index++) {
        temporal.push({ dimension: rest[(index + plan.rotate) % rest.length] ?? 0, tile: 1 });
      }
    }
    return { temporal, spatial };
  });
  return { levels, bypass: levels.map((_, level) => (level === 0 ? [] : (plan.bypass[level] ?? []))) };
}

const plans: fc.Arbitrary<Plan> = fc.record({
  wishes: fc.tuple(wishes, wishes, wishes, wishes),
  bypass: fc.tuple(fc.constant([]), ...[1, 2, 3].map(() => fc.oneof(fc.constant([]), fc.subarray([...operandKeys])))),
  rotate: fc.nat(7),
});

/** Schedules of random problems on random hierarchies: at most 200 multiplications on at most 8 units by default. */
export const nestCases = (options: NestCaseOptions = {}): fc.Arbitrary<NestCase> => {
  const { macs = 200, units = 8, even = false } = options;
  return fc
    .record({
      operation: fc.oneof(matmulOperations(macs), conv2dOperations(macs), conv2dOperations(macs)),
      hierarchy: hierarchies(options),
      plan: plans,
    })
    .map(({ operation, hierarchy, plan }) => {
      const problem = nestProblem(operation);
      return { operation, problem, hierarchy, schedule: scheduleOf(problem, hierarchy, plan, units, even) };
    });
};
