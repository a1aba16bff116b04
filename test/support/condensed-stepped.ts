// The outer product of a condensed matrix with lists: columns are gathered, partial matrices built and merged for real,
// and each round runs cycle by cycle until its elements and its bytes are through. The reference for
// src/dataflow/condensed; no code in common but the buffer, which has a reference of its own.

import { lookAheadState } from "../../src/component/memory/look-ahead-buffer.ts";
import type { CondensedMachine } from "../../src/dataflow/condensed/condensed-outer.ts";
import type { SparseMatrix } from "../../src/tensor/sparse-matrix.ts";

/** Values by row and column. */
type Partial = Map<string, number>;

interface Pending {
  readonly weight: number;
  readonly born: number;
  /** Rows of A and the entry of each, or a matrix that an earlier round left. */
  readonly from: { readonly column: number } | { readonly matrix: Partial };
}

export function steppedCondensed(A: SparseMatrix, B: SparseMatrix, machine: CondensedMachine) {
  const { multipliers, ways, mergeWidth, elementBytes, partialBytes, dramBytesPerCycle, fillCycles } = machine;
  const rows = Array.from({ length: A.rows }, (_, row) => {
    const entries: { k: number; value: number }[] = [];
    for (let i = A.rowStart[row] ?? 0; i < (A.rowStart[row + 1] ?? 0); i++) {
      entries.push({ k: A.column[i] ?? 0, value: A.value?.[i] ?? 1 });
    }
    return entries;
  });
  const rowOfB = (k: number): { column: number; value: number }[] => {
    const entries: { column: number; value: number }[] = [];
    for (let j = B.rowStart[k] ?? 0; j < (B.rowStart[k + 1] ?? 0); j++) {
      entries.push({ column: B.column[j] ?? 0, value: B.value?.[j] ?? 1 });
    }
    return entries;
  };
  const productsOf = (column: number): number =>
    rows.reduce((sum, entries) => sum + (entries[column] === undefined ? 0 : rowOfB(entries[column].k).length), 0);

  const pending: Pending[] = [];
  const longest = rows.reduce((most, entries) => Math.max(most, entries.length), 0);
  for (let column = 0; column < longest; column++) {
    pending.push({ weight: productsOf(column), born: column, from: { column } });
  }

  // The plan first, without any matrix, for the buffer sees requests of later rounds too.
  const planned: (Pending & { readonly round?: number })[] = [...pending];
  const plan: (readonly (Pending & { readonly round?: number })[])[] = [];
  let take = longest < 2 ? longest : ((longest - 2) % (ways - 1)) + 2;
  while (planned.length > (plan.length === 0 ? 0 : 1)) {
    planned.sort((a, b) => a.weight - b.weight || a.born - b.born);
    const round = planned.splice(0, take);
    plan.push(round);
    planned.push({
      weight: round.reduce((sum, { weight }) => sum + weight, 0),
      born: longest + plan.length,
      from: { matrix: new Map() },
      round: plan.length - 1,
    });
    take = ways;
  }
  const requests: number[] = [];
  for (const round of plan) {
    const columns = round.flatMap(({ from }) => ("column" in from ? [from.column] : [])).toSorted((a, b) => a - b);
    for (const entries of rows) {
      for (const column of columns) if (entries[column] !== undefined) requests.push(entries[column].k);
    }
  }
  const buffer = lookAheadState(machine.buffer, Uint32Array.from(requests), B.rowStart);

  const counts = { multiplications: 0, additions: 0, reads: 0, writes: 0, outputs: 0, rounds: 0 };
  const dram = { A: 0, B: 0, partialSumsOut: 0, partialSumsIn: 0, C: 0 };
  const results: Partial[] = [];
  let cycles = 0;
  for (const [number, round] of plan.entries()) {
    const merged: Partial = new Map();
    let entered = 0;
    const products = round.reduce((sum, { from }) => sum + ("column" in from ? productsOf(from.column) : 0), 0);
    let elementsOfA = 0;
    const add = (key: string, value: number): void => {
      entered++;
      merged.set(key, (merged.get(key) ?? 0) + value);
    };
    let partials = 0;
    for (const input of round) {
      if ("column" in input.from) {
        for (const [row, entries] of rows.entries()) {
          const entry = entries[input.from.column];
          if (entry === undefined) continue;
          elementsOfA++;
          for (const { column, value } of rowOfB(entry.k)) add(`${row} ${column}`, entry.value * value);
        }
      } else {
        for (const [key, value] of results[input.round ?? -1] ?? []) {
          partials++;
          add(key, value);
        }
      }
    }
    let elementsOfB = 0;
    for (let i = 0; i < elementsOfA; i++) elementsOfB += buffer.next();
    results.push(merged);
    const isLast = number === plan.length - 1;
    dram.A += elementsOfA * elementBytes;
    dram.B += elementsOfB * elementBytes;
    dram.partialSumsIn += partials * partialBytes;
    if (isLast) dram.C += merged.size * elementBytes;
    else dram.partialSumsOut += merged.size * partialBytes;
    counts.multiplications += products;
    counts.additions += entered - merged.size;
    counts.reads += partials;
    counts.rounds++;
    if (isLast) counts.outputs = merged.size;
    else counts.writes += merged.size;

    cycles += fillCycles;
    let toMultiply = products;
    let toMerge = entered;
    const bytes =
      (elementsOfA + elementsOfB) * elementBytes +
      partials * partialBytes +
      merged.size * (isLast ? elementBytes : partialBytes);
    let toMove = dramBytesPerCycle === Infinity ? 0 : bytes;
    while (toMultiply > 0 || toMerge > 0 || toMove > 0) {
      toMultiply -= multipliers;
      toMerge -= mergeWidth;
      toMove -= dramBytesPerCycle;
      cycles++;
    }
  }
  return { cycles, counts, dram, C: results.at(-1) ?? new Map<string, number>() };
}
