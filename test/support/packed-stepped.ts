// Packed dot-product engines with dense bitmaps, one cycle at a time: every column of every fold hands its values over and
// takes its sums in before the next one comes. The reference for src/dataflow/packed; no code in common.

import type { PackedMachine } from "../../src/dataflow/packed/packed-inner.ts";
import type { SparseMatrix } from "../../src/tensor/sparse-matrix.ts";

/** Rows of values, undefined where a matrix has no entry. */
function dense({ rows, columns, rowStart, column, value }: SparseMatrix): (number | undefined)[][] {
  return Array.from({ length: rows }, (_, row) => {
    const out: (number | undefined)[] = Array.from({ length: columns });
    for (let i = rowStart[row] ?? 0; i < (rowStart[row + 1] ?? 0); i++) out[column[i] ?? 0] = value?.[i] ?? 1;
    return out;
  });
}

const isEntry = (value: number | undefined): value is number => value !== undefined;

export function steppedPacked(A: SparseMatrix, B: SparseMatrix, machine: PackedMachine) {
  const { multipliers, depth, valueBytes, sumBytes, memoryBytesPerCycle, dramBytesPerCycle } = machine;
  const [a, b] = [dense(A), dense(B)];
  const counts = { multiplications: 0, mapped: 0, streamed: 0, touched: 0, spilled: 0, folds: 0, outputs: 0 };
  const dram = { A: 0, B: 0, partialSumsOut: 0, partialSumsIn: 0, C: 0 };
  const C = Array.from({ length: A.rows }, () =>
    Array.from({ length: B.columns }, (): number | undefined => undefined),
  );

  // How many entries each row of C will have decides where its sums are kept.
  const entriesOfRow = a.map(
    (row) =>
      Array.from({ length: B.columns }, (_, n) => n).filter((n) => row.some((x, k) => isEntry(x) && isEntry(b[k]?.[n])))
        .length,
  );
  const isResident = entriesOfRow.map(
    (_, row) => entriesOfRow.slice(0, row + 1).reduce((sum, one) => sum + one, 0) <= machine.outputBytes / sumBytes,
  );

  let cycles = 0;
  let toMove = 0;
  const isTimed = machine.outputWrites === "timed";
  /** Elements come and sums leave until both are through, a cycle at least when `atLeastOne`. */
  const handOver = (elements: number, sums: number, atLeastOne: boolean): void => {
    let toNetworks = elements;
    let fromMemory = elements * valueBytes;
    let toMemory = isTimed ? sums * sumBytes : 0;
    for (let first = atLeastOne; first || toNetworks > 0 || fromMemory > 0 || toMemory > 0; first = false) {
      toNetworks -= machine.width;
      fromMemory -= memoryBytesPerCycle;
      toMemory -= memoryBytesPerCycle;
      cycles++;
    }
  };
  for (let k0 = 0; k0 < A.columns; k0 += depth) {
    const ks = Array.from({ length: Math.min(depth, A.columns - k0) }, (_, i) => k0 + i);
    const entriesOfA = a.flatMap((row) => ks.filter((k) => isEntry(row[k])));
    const entriesOfB = ks.flatMap((k) => (b[k] ?? []).filter(isEntry));
    const bytesOfA = entriesOfA.length * valueBytes + Math.ceil((A.rows * ks.length) / 8);
    const bytesOfB = entriesOfB.length * valueBytes + Math.ceil((B.columns * ks.length) / 8);
    dram.A += bytesOfA;
    dram.B += bytesOfB;
    toMove += bytesOfA + bytesOfB;
    const anyInRow = ks.map((k) => (b[k] ?? []).some(isEntry));
    let waiting = a.flatMap((row, m) =>
      ks.filter((k, i) => isEntry(row[k]) && anyInRow[i] === true).map((k) => ({ m, k, value: row[k] ?? 0 })),
    );
    for (let isFirst = true; waiting.length > 0; isFirst = false) {
      const fold = waiting.slice(0, multipliers);
      waiting = waiting.slice(multipliers);
      if (!isFirst && bytesOfA + bytesOfB > machine.operandBytes) {
        dram.B += bytesOfB;
        toMove += bytesOfB;
      }
      counts.folds++;
      counts.mapped += fold.length;
      // Nothing moves until the memory answers for the first time.
      if (counts.folds === 1) cycles += machine.dramLatency;
      const start = cycles;
      cycles += machine.fillCycles;
      handOver(fold.length, 0, false);
      for (let n = 0; n < B.columns; n++) {
        const sums = new Map<number, number>();
        const delivered = new Set<number>();
        for (const { m, k, value } of fold) {
          const other = b[k]?.[n];
          if (!isEntry(other)) continue;
          delivered.add(k);
          counts.multiplications++;
          sums.set(m, (sums.get(m) ?? 0) + value * other);
        }
        counts.streamed += delivered.size;
        for (const [m, sum] of sums) {
          const row = C[m];
          if (row !== undefined) row[n] = (row[n] ?? 0) + sum;
          counts.touched++;
          if (isResident[m] === true) continue;
          counts.spilled++;
          dram.partialSumsIn += sumBytes;
          dram.partialSumsOut += sumBytes;
          if (isTimed) toMove += 2 * sumBytes;
        }
        handOver(delivered.size, sums.size, true);
      }
      // The channel works while the fold does, and the fold ends when both have.
      if (dramBytesPerCycle === Infinity) toMove = 0;
      for (let cycle = start; toMove > 0; cycle++) {
        toMove -= dramBytesPerCycle;
        if (cycle >= cycles) cycles++;
      }
      toMove = 0;
    }
  }
  counts.outputs = C.flat().filter(isEntry).length;
  dram.C = counts.outputs * valueBytes + Math.ceil((A.rows * B.columns) / 8);
  if (isTimed) toMove += dram.C;
  if (dramBytesPerCycle === Infinity) toMove = 0;
  for (; toMove > 0; cycles++) toMove -= dramBytesPerCycle;
  return { cycles, counts, dram, C };
}
