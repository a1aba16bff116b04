// What a schedule may do, as data: which dimensions a level iterates in time and along each axis, in which order, and
// what passes it by. The classic dataflows by name are such data, made for a problem and a hierarchy with an array.

import { InputError } from "../../base/error.ts";
import type { DataflowName } from "./nest-mapping.ts";
import type { NestProblem, OperandKey } from "./problem.ts";
import { operandKeys, reducedDimensions } from "./problem.ts";
import type { Axis, Hierarchy, Schedule } from "./schedule.ts";

/** Limits of one level; what is absent is free. Loops of a single step are without effect and always allowed. */
export interface LevelConstraint {
  /** Names of the dimensions that the level may iterate in time. */
  readonly temporal?: readonly string[];
  /** Names of the dimensions that may lie along an axis below the level, by axis name. */
  readonly spatial?: Readonly<Record<string, readonly string[]>>;
  /** Axes along which one dimension lies at most. */
  readonly single?: readonly string[];
  /** The operand whose tile rests while the level's temporal loops run: none of its dimensions is iterated by them. */
  readonly rests?: OperandKey;
  /** Loops over the first group lie around those over the second and so on, and all of them around the others. */
  readonly order?: readonly (readonly string[])[];
  /** Operands that pass the level by. */
  readonly bypass?: readonly OperandKey[];
  /** Operands that may do so as well; absent: every one, except at the first level. */
  readonly mayBypass?: readonly OperandKey[];
}

/** One entry for each level of the hierarchy. */
export interface NestConstraints {
  readonly name: string;
  readonly levels: readonly LevelConstraint[];
}

/** Indices of the dimensions that an operand's words depend on. */
export function relevantDimensions({ operands }: NestProblem, key: OperandKey): ReadonlySet<number> {
  return new Set(operands[key].flatMap((rank) => rank.terms.map((term) => term.dimension)));
}

/**
 * The level below which the array lies: the one with the most units on two axes. The axes are its rows and its columns;
 * undefined where no level has two axes of more than one unit.
 */
export function arrayLevel({ levels }: Hierarchy): number | undefined {
  let best: number | undefined;
  let most = 0;
  for (const [l, { axes }] of levels.entries()) {
    if (axes.filter((axis) => axis.units > 1).length < 2) continue;
    const units = axes.reduce((product, axis) => product * axis.units, 1);
    if (units > most) [best, most] = [l, units];
  }
  return best;
}

/**
 * A dataflow by name as limits on the schedules of a problem. With W for the dimensions of the weights that are not
 * summed (output channels, groups), I for those of the inputs that are not summed (images, output positions), K for the
 * summed ones (input channels, kernel taps; for a matrix product its K), in the order of a nest from the array inwards,
 * the levels further out being free:
 *
 * - `weight-stationary` (as in a systolic array that holds weights): a weight stays in its multiplier while the inputs
 *   of many positions pass.
 *   `for W, K: for I: rows K, columns W { for I: lanes W, K }`
 * - `output-stationary`: a unit finishes one output position at a time; its lanes share the sum.
 *   `for W, I: for K: rows I, columns I, W { for K: lanes K }`
 * - `input-stationary`: an input stays while the weights that need it pass.
 *   `for I, K: for W: rows K, columns I { for W: lanes I, K }`
 * - `row-stationary` (Chen et al., ISCA 2016): a unit convolves one kernel row with one input row; kernel rows lie along
 *   the array's rows and output rows along its columns, further channels beside them. A kernel row is never cut.
 *   `for any but R, S: rows R, C, M, columns P, M { for M, C, Q, S: lanes M, C, S }`; a matrix product is the case of
 *   kernels of one row.
 * - `no-local-reuse`: no level inside the array iterates, and the loops around it change both words at every step, so
 *   that a multiplier takes each of its words from the memory around the array.
 *   `for W, I: for K: rows K, columns W { lanes any }`
 *
 * Sources: the taxonomy of Chen et al. (ISCA 2016) as recalled; which dimensions lie along which axis is our choice where
 * it leaves that open. Each is a subspace of `any`. Throws InputError for a hierarchy without an array.
 */
export function namedConstraints(name: DataflowName, problem: NestProblem, hierarchy: Hierarchy): NestConstraints {
  const { levels, ...rest } = dataflowConstraints(name, problem, hierarchy);
  return { ...rest, levels: levels.map((level, l) => withinAxes(level, hierarchy.levels[l]?.axes ?? [])) };
}

/** The limits of a level with those of its axes themselves. */
function withinAxes(level: LevelConstraint, axes: readonly Axis[]): LevelConstraint {
  const limited = axes.flatMap(({ name, dimensions }) => {
    const asked = level.spatial?.[name];
    if (dimensions === undefined) return asked === undefined ? [] : [[name, asked] as const];
    return [[name, asked?.filter((dimension) => dimensions.includes(dimension)) ?? dimensions] as const];
  });
  return limited.length === 0 ? level : { ...level, spatial: Object.fromEntries(limited) };
}

function dataflowConstraints(name: DataflowName, problem: NestProblem, hierarchy: Hierarchy): NestConstraints {
  const free: LevelConstraint[] = hierarchy.levels.map(({ keeps = [] }, l) => ({
    mayBypass: l === 0 ? [] : operandKeys.filter((key) => !keeps.includes(key)),
  }));
  if (name === "any") return { name, levels: free };
  const array = arrayLevel(hierarchy);
  if (array === undefined) {
    throw new InputError({
      message: `${name} needs an array`,
      found: hierarchy.levels.map((level) => `${level.name}: ${level.axes.length} axes`).join(", "),
      expected: "a level with two axes of more than one unit",
    });
  }
  const sets = dimensionSets(problem);
  const axes = hierarchy.levels[array]?.axes.filter((axis) => axis.units > 1) ?? [];
  const along = (rows: readonly string[], columns: readonly string[]): LevelConstraint => ({
    spatial: Object.fromEntries(axes.map((axis, i) => [axis.name, i === 0 ? rows : columns])),
  });
  const inside = (l: number, dimensions: readonly string[]): Record<string, readonly string[]> =>
    Object.fromEntries((hierarchy.levels[l]?.axes ?? []).map((axis) => [axis.name, dimensions]));
  const kept = { bypass: [], mayBypass: [] };
  const resting = (
    operand: OperandKey,
    at: LevelConstraint,
    outside: readonly string[],
    lanes: readonly string[],
  ): NestConstraints => ({
    name,
    levels: free.map((level, l) => {
      if (l < array) return level;
      if (l === array) return { ...at, order: [outside] };
      return { rests: operand, spatial: inside(l, lanes), ...kept };
    }),
  });
  const { W, I, K } = sets;
  switch (name) {
    case "weight-stationary":
      return resting("A", along(K, W), [...W, ...K], [...W, ...K]);
    case "output-stationary":
      return resting("C", along(I, [...I, ...W]), [...W, ...I], K);
    case "input-stationary":
      return resting("B", along(K, I), [...I, ...K], [...I, ...K]);
    case "row-stationary":
      return { name, levels: rowStationary(problem, free, { array, along, inside }) };
    case "no-local-reuse":
      return {
        name,
        levels: free.map((level, l) => {
          if (l === array) return { ...level, ...along(K, W), order: [[...W, ...I]] };
          return l < array ? level : { ...level, temporal: [] };
        }),
      };
  }
}

function rowStationary(
  { dimensions, operands }: NestProblem,
  free: readonly LevelConstraint[],
  {
    array,
    along,
    inside,
  }: {
    readonly array: number;
    readonly along: (rows: readonly string[], columns: readonly string[]) => LevelConstraint;
    readonly inside: (level: number, dimensions: readonly string[]) => Record<string, readonly string[]>;
  },
): readonly LevelConstraint[] {
  const names = dimensions.map(({ name }) => name);
  const slides = operands.B.some((rank) => rank.terms.length > 1);
  if (!slides) {
    return free.map((level, l) =>
      l === array ? { ...level, ...along(["K", "C", "M"], ["N", "P", "M", "G"]) } : level,
    );
  }
  const outer = names.filter((name) => name !== "R" && name !== "S");
  return free.map((level, l) => {
    if (l < array) return { ...level, temporal: outer };
    if (l === array) return { ...level, temporal: outer, ...along(["R", "C", "M", "G"], ["P", "M", "G", "N"]) };
    return { ...level, temporal: ["M", "C", "Q", "S"], spatial: inside(l, ["M", "C", "S"]) };
  });
}

/** Names of the dimensions by role; the dimensions that all operands have belong to weights and inputs alike. */
function dimensionSets(problem: NestProblem): Record<"W" | "I" | "K", readonly string[]> {
  const reduced = new Set(reducedDimensions(problem));
  const names = (keep: (index: number) => boolean): readonly string[] =>
    problem.dimensions.flatMap(({ name }, index) => (keep(index) ? [name] : []));
  const [weights, inputs] = [relevantDimensions(problem, "A"), relevantDimensions(problem, "B")];
  return {
    W: names((index) => weights.has(index) && !reduced.has(index)),
    I: names((index) => inputs.has(index) && !reduced.has(index)),
    K: names((index) => reduced.has(index)),
  };
}

/** What a schedule does that the constraints forbid. */
export interface ConstraintFault {
  /** Index of the level. */
  readonly level: number;
  readonly rule: "temporal" | "spatial" | "rests" | "order" | "bypass";
  /** Name of the dimension at fault. */
  readonly dimension?: string;
  readonly axis?: string;
  readonly operand?: OperandKey;
  readonly message: string;
}

/** Whether level `l` may iterate dimension `index` in time. */
export function mayIterate(problem: NestProblem, constraint: LevelConstraint | undefined, index: number): boolean {
  const name = problem.dimensions[index]?.name ?? "";
  if (constraint?.temporal !== undefined && !constraint.temporal.includes(name)) return false;
  return constraint?.rests === undefined || !relevantDimensions(problem, constraint.rests).has(index);
}

/** Operands that pass level `l` by in every schedule, and those that may. */
export function bypassChoice(
  constraint: LevelConstraint | undefined,
  level: number,
): { readonly must: readonly OperandKey[]; readonly may: readonly OperandKey[] } {
  if (level === 0) return { must: [], may: [] };
  const must = constraint?.bypass ?? [];
  return { must, may: (constraint?.mayBypass ?? operandKeys).filter((key) => !must.includes(key)) };
}

/** Where `schedule`, which must run on the hierarchy (`checkSchedule`), breaks the constraints; nothing where it obeys. */
export function checkConstraints(
  problem: NestProblem,
  hierarchy: Hierarchy,
  constraints: NestConstraints,
  schedule: Schedule,
): readonly ConstraintFault[] {
  const faults: ConstraintFault[] = [];
  const rest = problem.dimensions.map(({ size }) => size);
  const steps = ({ dimension, tile }: { readonly dimension: number; readonly tile: number }): number => {
    const before = rest[dimension] ?? 1;
    rest[dimension] = tile;
    return Math.ceil(before / tile);
  };
  for (const [level, { name: at, memories }] of hierarchy.levels.entries()) {
    const constraint = constraints.levels[level];
    const loops = schedule.levels[level];
    let group = 0;
    for (const loop of loops?.temporal ?? []) {
      if (steps(loop) === 1) continue;
      const dimension = problem.dimensions[loop.dimension]?.name ?? "";
      const place = { level, dimension };
      if (!(constraint?.temporal?.includes(dimension) ?? true)) {
        faults.push({ ...place, rule: "temporal", message: `${at} may not iterate ${dimension}` });
      }
      const operand = constraint?.rests;
      if (operand !== undefined && relevantDimensions(problem, operand).has(loop.dimension)) {
        faults.push({
          ...place,
          rule: "rests",
          operand,
          message: `${operand} rests while ${at} iterates ${dimension}`,
        });
      }
      const rank = orderGroup(constraint, dimension);
      if (rank < group) {
        faults.push({ ...place, rule: "order", message: `${dimension} lies further out in the loops of ${at}` });
      }
      group = Math.max(group, rank);
    }
    const taken = new Map<string, string>();
    for (const loop of loops?.spatial ?? []) {
      if (steps(loop) === 1) continue;
      const dimension = problem.dimensions[loop.dimension]?.name ?? "";
      const other = taken.get(loop.axis);
      taken.set(loop.axis, dimension);
      if (other !== undefined && other !== dimension && constraint?.single?.includes(loop.axis) === true) {
        const message = `${dimension} may not lie along ${loop.axis} beside ${other}`;
        faults.push({ level, rule: "spatial", dimension, axis: loop.axis, message });
        continue;
      }
      const allowed = constraint?.spatial?.[loop.axis];
      if (allowed === undefined || allowed.includes(dimension)) continue;
      const message = `${dimension} may not lie along ${loop.axis}`;
      faults.push({ level, rule: "spatial", dimension, axis: loop.axis, message });
    }
    const { must, may } = bypassChoice(constraint, level);
    for (const operand of operandKeys) {
      if (!memories.some((memory) => memory.operands.includes(operand))) continue;
      const bypassed = schedule.bypass[level]?.includes(operand) ?? false;
      if (bypassed ? must.includes(operand) || may.includes(operand) : !must.includes(operand)) continue;
      const message = bypassed ? `${operand} may not pass ${at} by` : `${operand} passes ${at} by`;
      faults.push({ level, rule: "bypass", operand, message });
    }
  }
  return faults;
}

/** The group of `order` that a dimension belongs to: loops of lower groups lie outside. */
export function orderGroup(constraint: LevelConstraint | undefined, dimension: string): number {
  const order = constraint?.order ?? [];
  const group = order.findIndex((names) => names.includes(dimension));
  return group === -1 ? order.length : group;
}
