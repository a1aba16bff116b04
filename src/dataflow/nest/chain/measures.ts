// What the changes of one dimension come to in words and units: the factors of the products that count words.

import type { ChainLoop, Change, Measures, Pieces, Role, Stage, Traits } from "./chain.ts";
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
  const size = changes.length;
  const data = new Float64Array((stage + 7) * (stage + 1) * size);
  const table = (index: number): Float64Array => data.subarray(index * size, (index + 1) * size);
  const firsts = groups.map((byParent) => byParent.map(firstUnits));
  const alike = firsts.map((byParent) =>
    byParent.map((first) => byParent.findIndex((other) => sameUnits(other, first))),
  );
  const units = changes[0]?.next.begin.length ?? 0;
  if (takes.length < units) {
    takes = new Int32Array(2 * units);
    keeps = new Int32Array(2 * units);
    had = new Int32Array(2 * units);
  }
  for (let operand = 0; operand < 3; operand++) {
    const role = traits.roles[operand];
    if (role === undefined || role.kind === "window") continue;
    const kind = operand === 2 ? 1 : 0;
    const alone = role.kind === "alone";
    for (let change = 0; change < size; change++) {
      const { next = nothing, before, beforeSums } = changes[change] ?? {};
      const held = operand === 2 ? beforeSums : before;
      setUnits(role, next, held, units);
      for (let parent = 0; parent <= stage; parent++) {
        const taken = takenTable(stage, operand, parent) * size + change;
        const kept = keptTable(stage, operand, parent) * size + change;
        const same = alone ? 0 : (alike[kind]?.[parent] ?? parent);
        if (same < parent && weights[kind]?.[same] === weights[kind]?.[parent]) {
          // The units of this parent read together as those of one before.
          data[taken] = data[takenTable(stage, operand, same) * size + change] ?? 0;
          data[kept] = data[keptTable(stage, operand, same) * size + change] ?? 0;
          if (operand < 2) continue;
          for (let mover = 0; mover <= stage; mover++) {
            data[leftTable(stage, mover, parent) * size + change] =
              data[leftTable(stage, mover, same) * size + change] ?? 0;
          }
          continue;
        }
        const first = firsts[kind]?.[parent] ?? none;
        const weight = (alone ? weights[kind]?.[stage] : weights[kind]?.[parent]) ?? 1;
        data[taken] = (alone ? sumOf(takes, units) : groupsOf(first, takes)) * weight;
        if (held === undefined) continue;
        if (alone) data[kept] = sumOf(keeps, units) * weight;
        else if (operand === 2) data[kept] = sumOfFirsts(first, keeps) * weight;
        else data[kept] = groupsWhole(first, takes, had) * weight;
        if (operand < 2) continue;
        for (let mover = 0; mover <= stage; mover++) {
          const left = leftTable(stage, mover, parent) * size + change;
          const earlier = alike[1]?.[mover] ?? mover;
          if (earlier < mover) {
            data[left] = data[leftTable(stage, earlier, parent) * size + change] ?? 0;
            continue;
          }
          // The unit of a level above goes on where the first unit below it has work: that idles only with it.
          const above = firsts[1]?.[mover] ?? none;
          let total = 0;
          for (let unit = 0; unit < units; unit++) {
            if (!alone && first[unit] !== unit) continue;
            if ((next.length[above[unit] ?? 0] ?? 0) > 0) total += had[unit] ?? 0;
          }
          data[left] = total * weight;
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

/** By unit: words taken up, those of them held before, all that was held; each 1 or 0 where it is units that count. */
let takes = new Int32Array(64);
let keeps = new Int32Array(64);
let had = new Int32Array(64);

function setUnits(role: Role, next: Pieces, held: Pieces | undefined, units: number): void {
  for (let unit = 0; unit < units; unit++) {
    const from = next.begin[unit] ?? 0;
    const length = next.length[unit] ?? 0;
    const begin = held?.begin[unit] ?? 0;
    const old = held?.length[unit] ?? 0;
    if (role.kind === "alone") {
      takes[unit] = overlap(from, length, role.from, role.to);
      had[unit] = overlap(begin, old, role.from, role.to);
      const low = Math.max(from, begin);
      keeps[unit] = overlap(low, Math.min(from + length, begin + old) - low, role.from, role.to);
    } else {
      takes[unit] = length > 0 ? 1 : 0;
      had[unit] = old > 0 ? 1 : 0;
      keeps[unit] = length > 0 && old > 0 ? 1 : 0;
    }
  }
}

function sameUnits(one: Int32Array, other: Int32Array): boolean {
  for (let unit = 0; unit < one.length; unit++) if (one[unit] !== other[unit]) return false;
  return true;
}

const none = new Int32Array();
const nothing = { begin: none, length: none };

/** By unit the first one of its group: units are numbered so that it stands for the group. */
function firstUnits(groupOf: Int32Array): Int32Array {
  const first = new Map<number, number>();
  return groupOf.map((group, unit) => {
    const found = first.get(group);
    if (found !== undefined) return found;
    first.set(group, unit);
    return unit;
  });
}

function sumOf(values: Int32Array, units: number): number {
  let sum = 0;
  for (let unit = 0; unit < units; unit++) sum += values[unit] ?? 0;
  return sum;
}

/** Sum over the first units of all groups. */
function sumOfFirsts(first: Int32Array, values: Int32Array): number {
  let sum = 0;
  for (let unit = 0; unit < first.length; unit++) if (first[unit] === unit) sum += values[unit] ?? 0;
  return sum;
}

/** By first unit of a group: whether some unit of it counts (1), or must not (2). */
let marks = new Uint8Array(256);

/** Groups some unit of which takes anything. */
function groupsOf(first: Int32Array, takes: Int32Array): number {
  return groupsWhole(first, takes, takes);
}

/** Groups some unit of which takes anything, and all such units of which had it. */
function groupsWhole(first: Int32Array, takes: Int32Array, had: Int32Array): number {
  if (marks.length < first.length) marks = new Uint8Array(2 * first.length);
  marks.fill(0, 0, first.length);
  let count = 0;
  for (let unit = 0; unit < first.length; unit++) {
    if (takes[unit] === 0) continue;
    const group = first[unit] ?? 0;
    if (had[unit] === 0) {
      if (marks[group] === 1) count--;
      marks[group] = 2;
    } else if (marks[group] === 0) {
      marks[group] = 1;
      count++;
    }
  }
  return count;
}
