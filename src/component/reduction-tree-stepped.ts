// The reduction networks of reduction-tree.ts one cycle at a time, with values: the reference for cycles and events.

import { arithmetic } from "./arithmetic.ts";
import type { Add } from "./arithmetic.ts";
import { checkReduction, groupsAtOnce, levelsFor, reductionLevels } from "./reduction-tree.ts";
import type { ReductionEvents, ReductionTree } from "./reduction-tree.ts";

export interface SteppedReduction {
  readonly cycles: number;
  readonly events: ReductionEvents;
  /** By group, then point. */
  readonly sums: readonly (readonly number[])[];
}

/** A register behind an adder: whose sum it holds, or nothing. */
interface Held {
  readonly group: number;
  readonly point: number;
  readonly value: number;
}

/** `held[group][part][point]`: the sums of the units of each group, equally many everywhere. */
export function steppedReduction(
  tree: ReductionTree,
  held: readonly (readonly (readonly number[])[])[],
): SteppedReduction {
  const parts = held[0]?.length ?? 1;
  const points = held[0]?.[0]?.length ?? 0;
  checkReduction(tree, { parts, groups: held.length, points });
  const { add } = arithmetic[tree.accumulator];
  return tree.network.shape === "chain" ? chain(held, parts, points, add) : levels(tree, held, parts, points, add);
}

/** Every unit hands its sum to the next in a cycle of its own; the last one's leaves in the cycle after. */
function chain(
  held: readonly (readonly (readonly number[])[])[],
  parts: number,
  points: number,
  add: Add,
): SteppedReduction {
  const events: ReductionEvents = { addition: 0, hop: 0 };
  const sums = held.map((): number[] => []);
  let cycle = 0;
  let waiting = false;
  for (let point = 0; point < points; point++) {
    const running = held.map((units) => units[0]?.[point] ?? 0);
    for (let unit = 1; unit < parts; unit++) {
      for (const [group, units] of held.entries()) {
        running[group] = add(running[group] ?? 0, units[unit]?.[point] ?? 0);
        events.addition++;
        events.hop++;
      }
      // The port of the last unit is free: the sum before leaves beside this hop.
      waiting = false;
      cycle++;
    }
    for (const [group, sum] of running.entries()) sums[group]?.push(sum);
    if (parts === 1) cycle++;
    else waiting = true;
  }
  return { cycles: cycle + (waiting ? 1 : 0), events, sums };
}

/** Registers of all levels of the tree over all units, or of several trees side by side; groups in turns. */
function levels(
  tree: ReductionTree,
  held: readonly (readonly (readonly number[])[])[],
  parts: number,
  points: number,
  add: Add,
): SteppedReduction {
  const events: ReductionEvents = { addition: 0, hop: 0 };
  const sums = held.map((): number[] => []);
  const tap = reductionLevels(tree, parts);
  const atOnce = groupsAtOnce(tree, parts);
  const leaves = 2 ** Math.max(levelsFor(tree.units), tap);
  const width = 2 ** tap;
  // registers[level][node]; level 0 are the units themselves, read in the cycle in which they enter.
  let registers: (Held | undefined)[][] = Array.from({ length: tap + 1 }, () => []);
  const left = { groups: held.length * points };
  let cycle = 0;
  for (; left.groups > 0; cycle++) {
    const turn = Math.floor(cycle / points);
    const point = cycle % points;
    const entering: (Held | undefined)[] = Array.from({ length: leaves }, () => undefined);
    for (let place = 0; place < atOnce; place++) {
      const group = turn * atOnce + place;
      for (const [part, unit] of (held[group] ?? []).entries()) {
        entering[place * width + part] = { group, point, value: unit[point] ?? 0 };
      }
    }
    // What left a level's registers in the last cycle enters the next level in this one.
    const next: (Held | undefined)[][] = [entering];
    for (let level = 1; level <= tap; level++) {
      const below = registers[level - 1] ?? [];
      next.push(
        Array.from({ length: leaves / 2 ** level }, (_, node) => {
          const a = below[2 * node];
          const b = below[2 * node + 1];
          if (a === undefined && b === undefined) return undefined;
          events.hop++;
          if (a === undefined || b === undefined) return a ?? b;
          events.addition++;
          return { ...a, value: add(a.value, b.value) };
        }),
      );
    }
    registers = next;
    for (const sum of registers[tap] ?? []) {
      if (sum === undefined) continue;
      sums[sum.group]?.push(sum.value);
      left.groups--;
    }
  }
  return { cycles: cycle, events, sums };
}
