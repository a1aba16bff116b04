// Words of pieces that all move together (positional-chain.ts): the factors of the products that count words.

import type { ChainLoop, Measures, Stage, Traits } from "./chain.ts";
import { keptTable, leftTable, takenTable } from "./chain.ts";
import { unitWeights } from "./chain-parts.ts";

/** One stage while its chain is built. */
export interface PositionalDraft {
  /** Where each unit's piece begins after the first unit's; and from there to the end of the last one's. */
  readonly offsets: Int32Array;
  readonly span: number;
  readonly length: number;
  /** Temporal loops of the level itself. */
  readonly tiles: readonly number[];
  readonly counts: readonly number[];
  readonly stateKeys: Map<number, number>;
  readonly stateBegin: number[];
  readonly changeKeys: Map<number, number>;
  readonly begin: number[];
  /** -1 before the first step. */
  readonly before: number[];
  readonly stateOf: number[];
  readonly firstOf: number[];
}

const overlap = (begin: number, end: number, from: number, to: number): number =>
  Math.max(0, Math.min(end, to) - Math.max(begin, from));

/** As measureChanges: all units have a piece, and take over whole pieces of others or parts of their own. */
export function measurePieces(
  { roles }: Traits,
  { begin, before, offsets, length }: PositionalDraft,
  loops: readonly ChainLoop[],
  counts: readonly number[],
  stage: number,
  moves: Stage["moves"],
): Measures {
  const size = begin.length;
  const data = new Float64Array((stage + 7) * (stage + 1) * size);
  const sums = new Float64Array(6 * (stage + 1) * moves.length);
  const most = new Float64Array(3 * (stage + 1));
  // In groups: as many as the units that a unit of a compact chain stands for.
  const weights = unitWeights(loops, counts, stage, true);
  for (const [operand, role] of roles.entries()) {
    if (role.kind === "window") continue;
    for (let change = 0; change < size; change++) {
      const [base, held] = [begin[change] ?? 0, before[change] ?? -1];
      let [takes, keeps, leaves] = [0, 0, 0];
      if (role.kind === "alone") {
        for (let unit = 0; unit < offsets.length; unit++) {
          const from = base + (offsets[unit] ?? 0);
          takes += overlap(from, from + length, role.from, role.to);
          if (held < 0) continue;
          const had = held + (offsets[unit] ?? 0);
          leaves += overlap(had, had + length, role.from, role.to);
          const low = Math.max(from, had);
          keeps += overlap(low, Math.max(low, Math.min(from, had) + length), role.from, role.to);
        }
      }
      for (let parent = 0; parent <= stage; parent++) {
        if (role.kind === "absent") {
          takes = weights[operand === 2 ? 1 : 0]?.[parent] ?? 1;
          keeps = held < 0 ? 0 : takes;
          leaves = keeps;
        }
        data[takenTable(stage, operand, parent) * size + change] = takes;
        data[keptTable(stage, operand, parent) * size + change] = keeps;
        const table = takenTable(stage, operand, parent);
        most[table] = Math.max(most[table] ?? 0, takes);
        if (operand < 2) continue;
        for (let mover = 0; mover <= stage; mover++) data[leftTable(stage, mover, parent) * size + change] = leaves;
      }
    }
  }
  for (let table = 0; table < 6 * (stage + 1); table++) {
    for (let moved = 0; moved < moves.length; moved++) {
      const { change, count } = moves[moved] ?? { change: [], count: [] };
      let total = 0;
      for (let index = 0; index < change.length; index++) {
        total += (data[table * size + (change[index] ?? 0)] ?? 0) * (count[index] ?? 0);
      }
      sums[table * moves.length + moved] = total;
    }
  }
  return { data, sums, most };
}
