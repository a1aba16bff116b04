// Why no schedule may run: the try that asks least of every memory, what it still lacks, and the nearest repairs.

import type { ConstraintFault } from "../../../mapping/nest/constraints.ts";
import { checkConstraints } from "../../../mapping/nest/constraints.ts";
import type { OperandKey } from "../../../mapping/nest/problem.ts";
import type { Schedule } from "../../../mapping/nest/schedule.ts";
import type { Violation } from "../../../mapping/nest/validate.ts";
import { checkSchedule } from "../../../mapping/nest/validate.ts";
import { movesOf } from "./search-moves.ts";
import type { NestSpace } from "./search-space.ts";
import { scheduleOf } from "./search-space.ts";

/** A change after which the try would have one fault less. Levels, axes and memories by name. */
export type Repair =
  | {
      readonly kind: "enlarge";
      readonly level: string;
      readonly memory: string;
      readonly from: number;
      readonly to: number;
    }
  | {
      readonly kind: "pass by";
      readonly level: string;
      readonly memory: string;
      readonly operands: readonly OperandKey[];
    }
  | {
      readonly kind: "widen";
      readonly level: string;
      readonly axis: string;
      readonly from: number;
      readonly to: number;
    }
  | { readonly kind: "allow"; readonly level: string; readonly dimension: string; readonly axis?: string };

export interface NoSchedule {
  readonly constraints: string;
  /** What was tried: the smallest tiles everywhere that the constraints leave open. */
  readonly tried: Schedule;
  readonly violations: readonly Violation[];
  readonly faults: readonly ConstraintFault[];
  readonly repairs: readonly Repair[];
  /** One sentence for a person. */
  readonly message: string;
}

/**
 * The explanation for a space without a schedule that may run, by its most permissive one; undefined where that one may
 * run. Of the choices of what passes by, it takes the one that lacks the fewest bytes.
 */
export function explainNone(space: NestSpace): NoSchedule | undefined {
  const { problem, hierarchy, constraints } = space;
  const moves = movesOf(space);
  spreadUnabsorbed(space, moves);
  let best: { schedule: Schedule; violations: readonly Violation[]; lacking: number } | undefined;
  for (let bypass = 0; bypass < space.bypasses.length; bypass++) {
    moves.point.bypass = bypass;
    const schedule = scheduleOf(space, moves.point);
    const violations = checkSchedule(problem, hierarchy, schedule);
    const lacking = violations.reduce(
      (sum, { capacity }) => sum + (capacity === undefined ? 0 : capacity.bytesNeeded - capacity.bytesThere),
      0,
    );
    if (best === undefined || lacking < best.lacking) best = { schedule, violations, lacking };
  }
  if (best === undefined) return undefined;
  const { schedule, violations } = best;
  const faults = checkConstraints(problem, hierarchy, constraints, schedule);
  if (violations.length === 0 && faults.length === 0) return undefined;
  const repairs = [
    ...violations.flatMap((violation) => repairsOf(space, violation)),
    ...faults.flatMap(({ level, dimension, axis }): Repair[] => {
      const name = hierarchy.levels[level]?.name ?? "";
      if (dimension === undefined) return [];
      return [{ kind: "allow", level: name, dimension, ...(axis === undefined ? {} : { axis }) }];
    }),
  ];
  return {
    constraints: constraints.name,
    tried: schedule,
    violations,
    faults,
    repairs,
    message: sentence(space, violations, faults),
  };
}

/** Lays along axes what loops in time further in would have to take whole, as far as units go. */
function spreadUnabsorbed(
  { count, slots, sizes, allowed, absorber }: NestSpace,
  moves: ReturnType<typeof movesOf>,
): void {
  const free = slots.map(({ units }) => units);
  for (let d = 0; d < count; d++) {
    for (let slot = 0; slot < slots.length; slot++) {
      free[slot] = Math.floor((free[slot] ?? 1) / Math.max(1, moves.factor(d, slot)));
    }
  }
  for (let d = 0; d < count; d++) {
    const inside = absorber[d] ?? -1;
    for (let slot = 0; slot < inside; slot++) {
      if (allowed[slot * count + d] === 0 || (slots[slot]?.axis ?? -1) < 0) continue;
      const steps = Math.min(free[slot] ?? 1, sizes[d] ?? 1);
      if (steps > 1 && moves.transfer(d, slot, inside, steps)) free[slot] = Math.floor((free[slot] ?? 1) / steps);
    }
  }
}

function repairsOf({ hierarchy }: NestSpace, { kind, level, axis, found, capacity }: Violation): Repair[] {
  const at = hierarchy.levels[level];
  const name = at?.name ?? "";
  if (capacity !== undefined) {
    const { memory, bytesNeeded, bytesThere, operands } = capacity;
    const enlarge: Repair = { kind: "enlarge", level: name, memory, from: bytesThere, to: bytesNeeded };
    if (level === 0) return [enlarge];
    // The fewest bytes whose absence would make the rest fit.
    const large = [...operands].sort((a, b) => b.bytes - a.bytes);
    let rest = bytesNeeded;
    const leaving: OperandKey[] = [];
    for (const { operand, bytes } of large) {
      if (rest <= bytesThere) break;
      leaving.push(operand);
      rest -= bytes;
    }
    return [enlarge, { kind: "pass by", level: name, memory, operands: leaving }];
  }
  const there = at?.axes.find((candidate) => candidate.name === axis);
  if (kind === "axis" && there !== undefined) {
    return [{ kind: "widen", level: name, axis: there.name, from: there.units, to: Number(found) }];
  }
  return [];
}

function sentence(
  { constraints, hierarchy }: NestSpace,
  violations: readonly Violation[],
  faults: readonly ConstraintFault[],
): string {
  const reasons = [
    ...violations.map(({ level, capacity, message, found, expected }) => {
      const at = hierarchy.levels[level]?.name ?? "";
      if (capacity === undefined) return `${message} (found ${found}, expected ${expected})`;
      const { memory, operands, bytesNeeded, bytesThere } = capacity;
      const list = operands.map(({ operand, bytes }) => `${operand} ${bytes}`).join(", ");
      return `${memory} of ${at} needs ${bytesNeeded} bytes (${list}) where ${bytesThere} are there`;
    }),
    ...faults.map(({ message }) => message),
  ];
  return `no schedule under ${constraints.name}: even with the smallest tiles, ${reasons.join("; ")}`;
}
