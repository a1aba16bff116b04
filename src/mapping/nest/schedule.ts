// A schedule as data: for each level of memories the loops over the tiles that the level below holds, the partition over
// the instances of that level, and the operands that pass a level by. Levels come from a hierarchy.

import type { OperandKey } from "./problem.ts";

/**
 * A loop in steps of `tile` along a dimension: its body covers `tile` positions of what the loop around it covers, and
 * fewer in the last step where that does not divide.
 */
export interface Loop {
  /** Index into the problem's dimensions. */
  readonly dimension: number;
  readonly tile: number;
}

/** A spatial loop: its steps run side by side, on the units along one axis below a level. */
export interface SpatialLoop extends Loop {
  /** Name of one of the level's axes. */
  readonly axis: string;
}

/** Loops of one level of the hierarchy, outermost first; the temporal ones lie around the spatial ones. */
export interface ScheduleLevel {
  readonly temporal: readonly Loop[];
  readonly spatial: readonly SpatialLoop[];
}

/**
 * One entry for each level of the hierarchy, far to near. The innermost loops leave tiles of 1 in every dimension: the
 * multiplication. `bypass` names, for each level, the operands that are not kept there although they could be.
 */
export interface Schedule {
  readonly levels: readonly ScheduleLevel[];
  readonly bypass: readonly (readonly OperandKey[])[];
}

/** Units side by side below a level. */
export interface Axis {
  readonly name: string;
  readonly units: number;
  /** Names of the dimensions that may lie along it; all by default. */
  readonly dimensions?: readonly string[];
  /**
   * What happens to results of units along it that belong to the same sum: a tree or a chain between them adds them
   * before they reach the level; `none` allows no reduced dimension on this axis.
   */
  readonly reduction: "tree" | "chain" | "none";
  /** Whether one read of the level serves all units that need the same word in the same step. */
  readonly multicast: boolean;
}

/** One memory of a level: what it holds and what its ports move. Equal instances, one for each unit above it. */
export interface NestMemory {
  /** Component name. */
  readonly name: string;
  readonly operands: readonly OperandKey[];
  /** Bytes of one instance that a tile may take, a half where transfers fill the other one; Infinity has no bound. */
  readonly bytes: number;
  /** Transfers run beside the work on the tile at hand; otherwise before and after it. */
  readonly overlapped: boolean;
  /** Bytes a cycle of one instance; Infinity takes no time. */
  readonly readBytesPerCycle: number;
  readonly writeBytesPerCycle: number;
  /** Reads and writes take turns at one port of `readBytesPerCycle`. */
  readonly sharedPort: boolean;
}

/** A level: memories at the same distance from the multipliers, and the units below it. */
export interface HierarchyLevel {
  readonly name: string;
  readonly memories: readonly NestMemory[];
  /** Operands that no schedule may pass by here; none by default. The first level keeps all of them. */
  readonly keeps?: readonly OperandKey[];
  readonly axes: readonly Axis[];
}

/** Memories from far to near. The first level keeps every operand and cannot be passed by. */
export interface Hierarchy {
  readonly levels: readonly HierarchyLevel[];
  /** Bytes of a word in memory; `partial` is a result that is still being summed. */
  readonly wordBytes: Readonly<Record<OperandKey | "partial", number>>;
}
