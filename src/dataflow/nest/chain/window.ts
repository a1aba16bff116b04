// Words of a rank in which a window slides: two dimensions together say where they lie, so their units are looked at pair
// by pair. Found once for each pair of changes and kept.

import type { Chain } from "./chain.ts";
import type { NumberTable } from "./number-table.ts";
import { enterNumber, numberAt, numberTable } from "./number-table.ts";

export interface WindowRank {
  readonly coefficients: readonly [number, number];
  readonly offset: number;
  readonly extent: number;
}

/** Factors of two chains together in an input's products; as Measures have them of one. */
export interface WindowTable {
  taken(stage: number, parent: number, x: number, y: number): number;
  kept(stage: number, parent: number, x: number, y: number): number;
  /** Sums over all steps, by which loop of either chain moved. */
  sumTaken(stage: number, parent: number, x: number, y: number): number;
  sumKept(stage: number, parent: number, x: number, y: number): number;
}

const wide = 2 ** 20;

/** Marks of words, by the number of the look that left them; for all windows, one after the other. */
let fresh = new Float64Array(256);
let lacking = new Float64Array(256);
let held = new Float64Array(256);
let stamp = 0;

function reserve(extent: number): void {
  if (fresh.length >= extent) return;
  fresh = new Float64Array(2 * extent);
  lacking = new Float64Array(2 * extent);
  held = new Float64Array(2 * extent);
}

/** Units by the number of their group. */
function sides(groups: Int32Array): readonly (readonly number[])[] {
  if (groups.length === 1) return one;
  const members = new Map<number, number[]>();
  for (let unit = 0; unit < groups.length; unit++) {
    const group = groups[unit] ?? 0;
    const list = members.get(group);
    if (list === undefined) members.set(group, [unit]);
    else list.push(unit);
  }
  return [...members.values()];
}

const one: readonly (readonly number[])[] = [[0]];

/** Whether the sums of `countX` multiples of `stepX` and `countY` of `stepY` leave no gaps; true only where that is certain. */
function isDense(stepX: number, stepY: number, countX: number, countY: number): boolean {
  if (countX === 1) return countY === 1 || stepY === 1;
  if (countY === 1) return stepX === 1;
  return (stepY === 1 && stepX <= countY) || (stepX === 1 && stepY <= countX);
}

/** Found so far of one boundary. */
interface Known {
  readonly pairs: NumberTable;
  readonly words: number[];
  readonly sumTaken: Map<number, number>;
  readonly sumKept: Map<number, number>;
}

const sizeOf = (chain: Chain, stage: number): number => chain.stages[stage]?.stateOf.length ?? 0;

export function windowTable(first: Chain, second: Chain, rank: WindowRank): WindowTable {
  const [stepX, stepY] = rank.coefficients;
  const { offset, extent } = rank;
  const known = first.stages.map((): (Known | undefined)[] => []);
  const memo = (stage: number, parent: number): Known => {
    const list = known[stage];
    if (list === undefined) throw new Error(`no boundary from level ${parent} to stage ${stage}`);
    return (list[parent] ??= { pairs: numberTable(), words: [], sumTaken: new Map(), sumKept: new Map() });
  };
  /** Where the words of two changes are among those known: taken, then kept. */
  const wordsAt = ({ pairs, words }: Known, stage: number, parent: number, x: number, y: number): number => {
    const key = x * sizeOf(second, stage) + y;
    let at = numberAt(pairs, key);
    if (at < 0) {
      const [taken, kept] = count(stage, parent, x, y);
      at = words.length;
      words.push(taken, kept);
      enterNumber(pairs, key, at);
    }
    return at;
  };

  /** Words that the groups of units take up, and those of them that every taker of the group had. */
  function count(stage: number, parent: number, x: number, y: number): [number, number] {
    const [stageX, stageY] = [first.stages[stage], second.stages[stage]];
    const [changeX, changeY] = [stageX?.changes[x], stageY?.changes[y]];
    const [groupsX, groupsY] = [stageX?.groups[0]?.[parent], stageY?.groups[0]?.[parent]];
    if (changeX === undefined || changeY === undefined || groupsX === undefined || groupsY === undefined) return [0, 0];
    const beforeX = changeX.before;
    const beforeY = changeY.before;
    let taken = 0;
    let kept = 0;
    const allX = sides(groupsX);
    const allY = sides(groupsY);
    for (const unitsX of allX) {
      for (const unitsY of allY) {
        if (unitsX.length === 1 && unitsY.length === 1) {
          const [unitX, unitY] = [unitsX[0] ?? 0, unitsY[0] ?? 0];
          const lx = changeX.next.length[unitX] ?? 0;
          const ly = changeY.next.length[unitY] ?? 0;
          if (lx === 0 || ly === 0) continue;
          const olx = beforeX?.length[unitX] ?? 0;
          const oly = beforeY?.length[unitY] ?? 0;
          const nothing = olx === 0 || oly === 0;
          if (isDense(stepX, stepY, lx, ly) && (nothing || isDense(stepX, stepY, olx, oly))) {
            // The words of a lone unit without gaps are an interval.
            const from = (changeX.next.begin[unitX] ?? 0) * stepX + (changeY.next.begin[unitY] ?? 0) * stepY + offset;
            const low = Math.max(0, from);
            const high = Math.min(extent, from + (lx - 1) * stepX + (ly - 1) * stepY + 1);
            taken += Math.max(0, high - low);
            if (nothing) continue;
            const old = (beforeX?.begin[unitX] ?? 0) * stepX + (beforeY?.begin[unitY] ?? 0) * stepY + offset;
            const end = old + (olx - 1) * stepX + (oly - 1) * stepY + 1;
            kept += Math.max(0, Math.min(high, end) - Math.max(low, old));
            continue;
          }
        }
        reserve(extent);
        const group = ++stamp;
        for (const unitX of unitsX) {
          const bx: number = changeX.next.begin[unitX] ?? 0;
          const lx: number = changeX.next.length[unitX] ?? 0;
          if (lx === 0) continue;
          for (const unitY of unitsY) {
            const by: number = changeY.next.begin[unitY] ?? 0;
            const ly: number = changeY.next.length[unitY] ?? 0;
            if (ly === 0) continue;
            const own = ++stamp;
            const ox: number = beforeX?.begin[unitX] ?? 0;
            const olx: number = beforeX?.length[unitX] ?? 0;
            const oy: number = beforeY?.begin[unitY] ?? 0;
            const oly: number = beforeY?.length[unitY] ?? 0;
            for (let i = ox; i < ox + olx; i++) {
              for (let j = oy; j < oy + oly; j++) {
                const word = i * stepX + j * stepY + offset;
                if (word >= 0 && word < extent) held[word] = own;
              }
            }
            for (let i = bx; i < bx + lx; i++) {
              for (let j = by; j < by + ly; j++) {
                const word = i * stepX + j * stepY + offset;
                if (word < 0 || word >= extent) continue;
                // A word counts as taken once for the group, and as kept until some taker turns out not to have had it.
                if ((fresh[word] ?? 0) < group) {
                  fresh[word] = group;
                  taken++;
                  kept++;
                }
                if (held[word] !== own && (lacking[word] ?? 0) < group) {
                  lacking[word] = group;
                  kept--;
                }
              }
            }
          }
        }
      }
    }
    return [taken, kept];
  }

  const table: WindowTable = {
    taken(stage, parent, x, y) {
      const entry = memo(stage, parent);
      return entry.words[wordsAt(entry, stage, parent, x, y)] ?? 0;
    },
    kept(stage, parent, x, y) {
      const entry = memo(stage, parent);
      return entry.words[wordsAt(entry, stage, parent, x, y) + 1] ?? 0;
    },
    sumTaken(stage, parent, x, y) {
      const { sumTaken } = memo(stage, parent);
      const key = x * wide + y;
      let value = sumTaken.get(key);
      if (value === undefined) {
        value = sum(stage, x, y, (changeX, changeY) => table.taken(stage, parent, changeX, changeY));
        sumTaken.set(key, value);
      }
      return value;
    },
    sumKept(stage, parent, x, y) {
      const { sumKept } = memo(stage, parent);
      const key = x * wide + y;
      let value = sumKept.get(key);
      if (value === undefined) {
        value = sum(stage, x, y, (changeX, changeY) => table.kept(stage, parent, changeX, changeY));
        sumKept.set(key, value);
      }
      return value;
    },
  };

  function sum(stage: number, movedX: number, movedY: number, words: (x: number, y: number) => number): number {
    const [movesX, movesY] = [first.stages[stage]?.moves[movedX], second.stages[stage]?.moves[movedY]];
    if (movesX === undefined || movesY === undefined) return 0;
    let total = 0;
    for (const [i, x] of movesX.change.entries()) {
      for (const [j, y] of movesY.change.entries()) {
        total += words(x, y) * (movesX.count[i] ?? 0) * (movesY.count[j] ?? 0);
      }
    }
    return total;
  }
  return table;
}
