// What the changes of one dimension come to in words and units: the factors of the products that count words.

import type { ChainLoop, Change, Measures, Stage, Traits } from "./chain.ts";
import { keptTable, leftTable, takenTable } from "./chain.ts";

/** Units that read together, by (operand kind: 0 inputs, 1 results; parent 0..stage): the number of each one's group. */
export function unitGroups(
  loops: readonly ChainLoop[],
  counts: readonly number[],
  digits: Int32Array,
  units: number,
  stage: number,
): readonly (readonly Int32Array[])[] {
  const spatial = loops.filter((loop) => loop.spatial && loop.level < stage);
  return [0, 1].map((kind) =>
    Array.from({ length: stage + 1 }, (_, parent) => {
      const groups = new Int32Array(units);
      for (let unit = 0; unit < units; unit++) {
        let group = 0;
        for (const [index, loop] of spatial.entries()) {
          if (loop.level < parent || (kind === 0 && !loop.multicast)) {
            group = group * (counts[index] ?? 1) + (digits[unit * spatial.length + index] ?? 0);
          }
        }
        groups[unit] = group;
      }
      return groups;
    }),
  );
}

const overlap = (begin: number, length: number, from: number, to: number): number =>
  Math.max(0, Math.min(begin + length, to) - Math.max(begin, from));

/**
 * For every change, operand and parent the factor of the dimension in
 *   words taken up - words among them that every taker had = product of `taken` - product of `kept`,
 * and for results in words left = product of `left` - product of `kept`. An operand's own dimension gives words, added up
 * over the units, whose pieces never overlap; another one gives groups of units.
 * `weights` are the units that one unit stands for, by kind and parent; `groups` as of unitGroups.
 */
export function measureChanges(
  traits: Traits,
  changes: readonly Change[],
  groups: readonly (readonly Int32Array[])[],
  weights: readonly (readonly number[])[],
  stage: number,
  moves: Stage["moves"],
): Measures {
  const parents = Array.from({ length: stage + 1 }, (_, parent) => parent);
  const data = new Float64Array((stage + 7) * (stage + 1) * changes.length);
  const table = (index: number): Float64Array => data.subarray(index * changes.length, (index + 1) * changes.length);
  for (const operand of [0, 1, 2]) {
    const role = traits.roles[operand];
    if (role === undefined || role.kind === "window") continue;
    const kind = operand === 2 ? 1 : 0;
    for (const parent of parents) {
      const groupOf = groups[kind]?.[parent] ?? new Int32Array();
      const weight = (role.kind === "alone" ? weights[kind]?.[stage] : weights[kind]?.[parent]) ?? 1;
      const takenHere = table(takenTable(stage, operand, parent));
      const keptHere = table(keptTable(stage, operand, parent));
      for (const [change, { next, before, beforeSums }] of changes.entries()) {
        const units = next.begin.length;
        const held = operand === 2 ? beforeSums : before;
        const takes = (unit: number): boolean => (next.length[unit] ?? 0) > 0;
        const had = (unit: number): boolean => (held?.length[unit] ?? 0) > 0;
        if (role.kind === "alone") {
          let [sum, both] = [0, 0];
          for (let unit = 0; unit < units; unit++) {
            const [from, size] = [next.begin[unit] ?? 0, next.length[unit] ?? 0];
            sum += overlap(from, size, role.from, role.to);
            if (held === undefined) continue;
            const [begin, length] = [held.begin[unit] ?? 0, held.length[unit] ?? 0];
            const low = Math.max(from, begin);
            both += overlap(low, Math.min(from + size, begin + length) - low, role.from, role.to);
          }
          takenHere[change] = sum * weight;
          keptHere[change] = both * weight;
        } else takenHere[change] = countGroups(groupOf, takes) * weight;
        if (operand === 2) {
          // The first unit of a group stands for it; groups of single units count all.
          if (role.kind === "absent") {
            keptHere[change] = countFirsts(groupOf, (unit) => takes(unit) && had(unit)) * weight;
          }
          for (const mover of parents) {
            const words = table(leftTable(stage, mover, parent));
            if (held === undefined) continue;
            const goes = goingOn(groups[1]?.[mover] ?? new Int32Array(), takes);
            if (role.kind === "absent") {
              words[change] = countFirsts(groupOf, (unit) => had(unit) && goes(unit)) * weight;
            } else {
              let total = 0;
              for (let unit = 0; unit < units; unit++) {
                if (goes(unit)) total += overlap(held.begin[unit] ?? 0, held.length[unit] ?? 0, role.from, role.to);
              }
              words[change] = total * weight;
            }
          }
        } else if (held !== undefined && role.kind === "absent") {
          const lacking = new Set<number>();
          for (let unit = 0; unit < units; unit++) if (takes(unit) && !had(unit)) lacking.add(groupOf[unit] ?? 0);
          keptHere[change] = countGroups(groupOf, (unit) => takes(unit) && !lacking.has(groupOf[unit] ?? 0)) * weight;
        }
      }
    }
  }
  const tables = 6 * (stage + 1);
  const sums = new Float64Array(tables * moves.length);
  for (let index = 0; index < tables; index++) {
    const values = table(index);
    for (const [moved, { change, count }] of moves.entries()) {
      let total = 0;
      for (const [at, key] of change.entries()) total += (values[key] ?? 0) * (count[at] ?? 0);
      sums[index * moves.length + moved] = total;
    }
  }
  const most = Float64Array.from({ length: tables / 2 }, (_, index) =>
    table(index).reduce((largest, value) => Math.max(largest, value), 0),
  );
  return { data, sums, most };
}

/** Whether the unit of a level above each unit has work: the first unit below it idles only with it. */
function goingOn(above: Int32Array, takes: (unit: number) => boolean): (unit: number) => boolean {
  const first = new Map<number, boolean>();
  for (let unit = 0; unit < above.length; unit++) {
    const group = above[unit] ?? 0;
    if (!first.has(group)) first.set(group, takes(unit));
  }
  return (unit) => first.get(above[unit] ?? 0) === true;
}

function countGroups(groupOf: Int32Array, test: (unit: number) => boolean): number {
  const seen = new Set<number>();
  for (let unit = 0; unit < groupOf.length; unit++) if (test(unit)) seen.add(groupOf[unit] ?? 0);
  return seen.size;
}

/** Groups whose first unit passes: units are numbered so that it is the first of its group. */
function countFirsts(groupOf: Int32Array, test: (unit: number) => boolean): number {
  const seen = new Set<number>();
  let count = 0;
  for (let unit = 0; unit < groupOf.length; unit++) {
    const group = groupOf[unit] ?? 0;
    if (seen.has(group)) continue;
    seen.add(group);
    if (test(unit)) count++;
  }
  return count;
}
