// Whether a schedule may run on a hierarchy: everything that is wrong with it as data, with the place and, for a tile
// that does not fit, the memory and the bytes.

import type { NestProblem, OperandKey } from "./problem.ts";
import { operandKeys, reducedDimensions } from "./problem.ts";
import type { Hierarchy, NestMemory, Schedule } from "./schedule.ts";
import { largestRankWords } from "./tiles.ts";

/** What a memory would have to hold. Bytes of one instance. */
export interface CapacityFault {
  readonly memory: string;
  /** Bytes of the largest tile of each operand that the memory keeps. */
  readonly operands: readonly { readonly operand: OperandKey; readonly words: number; readonly bytes: number }[];
  readonly bytesNeeded: number;
  readonly bytesThere: number;
}

export interface Violation {
  readonly kind: "levels" | "dimension" | "tile" | "unfinished" | "axis" | "reduction" | "bypass" | "capacity";
  /** Index of the level; what loops leave uncut belongs to the last one. */
  readonly level: number;
  /** Field path below the schedule, such as `levels[1].spatial[0].tile`. */
  readonly path: string;
  /** What is wrong, as a short clause without a final full stop. */
  readonly message: string;
  readonly found: string;
  readonly expected: string;
  /** Name of the axis, for faults of kinds `axis` and `reduction`. */
  readonly axis?: string;
  /** Index into the problem's dimensions, for faults of one of them. */
  readonly dimension?: number;
  readonly capacity?: CapacityFault;
}

/**
 * Everything that is wrong with `schedule`, in the order of the nest; nothing where it may run. A loop that is at fault
 * counts as absent for what follows. Capacity is that of the largest tile without its padding; results count with the
 * bytes of a partial sum.
 */
export function checkSchedule(problem: NestProblem, hierarchy: Hierarchy, schedule: Schedule): readonly Violation[] {
  const found: Violation[] = [];
  const depth = hierarchy.levels.length;
  for (const part of ["levels", "bypass"] as const) {
    if (schedule[part].length === depth) continue;
    found.push({
      kind: "levels",
      level: Math.min(schedule[part].length, depth),
      path: part,
      message: "one entry for each level of the hierarchy",
      found: String(schedule[part].length),
      expected: `${depth} (${hierarchy.levels.map((level) => level.name).join(", ")})`,
    });
  }
  const { dimensions } = problem;
  const reduced = new Set(reducedDimensions(problem));
  const sizes = dimensions.map((dimension) => dimension.size);
  const rest = [...sizes];
  const tiles: number[][] = sizes.map(() => []);
  for (const [l, level] of hierarchy.levels.entries()) {
    checkBypass(l, hierarchy, schedule, found);
    checkCapacities(problem, hierarchy, schedule, { level: l, sizes, tiles }, found);
    const loops = schedule.levels[l];
    if (loops === undefined) continue;
    const cut = (dimension: number, tile: number, path: string): number | undefined => {
      const left = rest[dimension];
      const place = { level: l, dimension };
      if (left === undefined) {
        const known = dimensions.map(({ name }, index) => `${index} (${name})`).join(", ");
        const fault = { message: "no such dimension", found: String(dimension), expected: known };
        found.push({ kind: "dimension", level: l, path: `${path}.dimension`, ...fault });
        return undefined;
      }
      const name = dimensions[dimension]?.name ?? "";
      if (!Number.isInteger(tile) || tile < 1 || tile > left) {
        const large = Number.isInteger(tile) && tile > left;
        found.push({
          kind: "tile",
          ...place,
          path: `${path}.tile`,
          message: large
            ? `the loop's pieces of ${name} are larger than what the loops around it leave`
            : `the loop's pieces of ${name} are no whole number of positions`,
          found: String(tile),
          expected: left === 1 ? "1" : `1 to ${left}`,
        });
        return undefined;
      }
      rest[dimension] = tile;
      tiles[dimension]?.push(tile);
      return Math.ceil(left / tile);
    };
    for (const [i, loop] of loops.temporal.entries()) cut(loop.dimension, loop.tile, `levels[${l}].temporal[${i}]`);
    const used = new Map<string, { units: number; path: string }>();
    for (const [i, loop] of loops.spatial.entries()) {
      const path = `levels[${l}].spatial[${i}]`;
      const axis = level.axes.find(({ name }) => name === loop.axis);
      const steps = cut(loop.dimension, loop.tile, path);
      if (axis === undefined) {
        found.push({
          kind: "axis",
          level: l,
          path: `${path}.axis`,
          axis: loop.axis,
          message: `no such axis below ${level.name}`,
          found: loop.axis,
          expected: level.axes.map(({ name }) => name).join(", ") || "no spatial loop: the level has no axes",
        });
        continue;
      }
      if (steps === undefined) continue;
      used.set(axis.name, { units: (used.get(axis.name)?.units ?? 1) * steps, path });
      const name = dimensions[loop.dimension]?.name ?? "";
      if (steps > 1 && axis.dimensions?.includes(name) === false) {
        found.push({
          kind: "axis",
          level: l,
          path: `${path}.dimension`,
          axis: axis.name,
          dimension: loop.dimension,
          message: `this dimension cannot lie along ${axis.name}`,
          found: name,
          expected: `one of ${axis.dimensions.join(", ")}`,
        });
      }
      if (steps > 1 && axis.reduction === "none" && reduced.has(loop.dimension)) {
        const others = dimensions.filter((_, index) => !reduced.has(index));
        found.push({
          kind: "reduction",
          level: l,
          path: `${path}.dimension`,
          axis: axis.name,
          dimension: loop.dimension,
          message: `units along ${axis.name} do not add the results of one sum`,
          found: dimensions[loop.dimension]?.name ?? "",
          expected: `one of ${others.map(({ name }) => name).join(", ")}, or an axis that reduces`,
        });
      }
    }
    for (const axis of level.axes) {
      const { units, path } = used.get(axis.name) ?? { units: 1, path: "" };
      if (units <= axis.units) continue;
      found.push({
        kind: "axis",
        level: l,
        path,
        axis: axis.name,
        message: `more steps side by side along ${axis.name} than units`,
        found: String(units),
        expected: `at most ${axis.units}`,
      });
    }
  }
  for (const [dimension, left] of rest.entries()) {
    if (left === 1) continue;
    const { name, size } = dimensions[dimension] ?? { name: "", size: left };
    found.push({
      kind: "unfinished",
      level: depth - 1,
      dimension,
      path: "levels",
      message: `the loops of ${name} leave pieces of more than one`,
      found: String(left),
      expected: `loops that cut its ${size} down to 1`,
    });
  }
  return found;
}

/** Whether operand `key` rests in some memory of level `level`. */
export function keeps(hierarchy: Hierarchy, schedule: Schedule, level: number, key: OperandKey): boolean {
  const listed = hierarchy.levels[level]?.memories.some((memory) => memory.operands.includes(key)) ?? false;
  return listed && !(schedule.bypass[level]?.includes(key) ?? false);
}

function checkBypass(level: number, hierarchy: Hierarchy, schedule: Schedule, found: Violation[]): void {
  const keeps = level === 0 ? operandKeys : (hierarchy.levels[level]?.keeps ?? []);
  for (const [i, key] of (schedule.bypass[level] ?? []).entries()) {
    if (!keeps.includes(key)) continue;
    found.push({
      kind: "bypass",
      level,
      path: `bypass[${level}][${i}]`,
      message: level === 0 ? "the first level keeps every operand" : "nothing passes this operand by here",
      found: key,
      expected:
        level === 0
          ? "none here"
          : `${operandKeys.filter((other) => !keeps.includes(other)).join(", ") || "none"} at most`,
    });
  }
}

interface TilesOfLevel {
  readonly level: number;
  readonly sizes: readonly number[];
  readonly tiles: readonly (readonly number[])[];
}

function checkCapacities(
  problem: NestProblem,
  hierarchy: Hierarchy,
  schedule: Schedule,
  at: TilesOfLevel,
  found: Violation[],
): void {
  const bypass = at.level === 0 ? [] : (schedule.bypass[at.level] ?? []);
  for (const memory of hierarchy.levels[at.level]?.memories ?? []) {
    if (memory.bytes === Number.POSITIVE_INFINITY) continue;
    const fault = capacityFault(problem, hierarchy, memory, bypass, at);
    if (fault.bytesNeeded <= memory.bytes) continue;
    found.push({
      kind: "capacity",
      level: at.level,
      path: at.level === 0 ? "levels[0]" : `levels[${at.level - 1}]`,
      message: `the tile is too large for ${memory.name}`,
      found: `${fault.bytesNeeded} bytes (${fault.operands.map(({ operand, bytes }) => `${operand} ${bytes}`).join(", ")})`,
      expected: `at most ${memory.bytes} bytes`,
      capacity: fault,
    });
  }
}

function capacityFault(
  { operands }: NestProblem,
  { wordBytes }: Hierarchy,
  memory: NestMemory,
  bypass: readonly OperandKey[],
  { sizes, tiles }: TilesOfLevel,
): CapacityFault {
  const kept = operandKeys.filter((key) => memory.operands.includes(key) && !bypass.includes(key));
  const needs = kept.map((operand) => {
    const words = operands[operand].reduce((product, rank) => product * largestRankWords(rank, sizes, tiles), 1);
    return { operand, words, bytes: words * wordBytes[operand === "C" ? "partial" : operand] };
  });
  const bytesNeeded = needs.reduce((sum, { bytes }) => sum + bytes, 0);
  return { memory: memory.name, operands: needs, bytesNeeded, bytesThere: memory.bytes };
}
