// Laws that every dataflow of a sparse product keeps on any machine: what is conserved, what bounds cycles and bytes,
// where the cycles went, and that all six give the same C.

import fc from "fast-check";
import { expect, test } from "vitest";
import { productArbitrary, productMachineArbitrary, sixMappings } from "../../../test/support/product-cases.ts";
import type { SparseMatrix } from "../../tensor/sparse-matrix.ts";
import { transpose } from "../../tensor/sparse-matrix.ts";
import { multiplySparse } from "../../workload/sparse-product.ts";
import { productRows } from "./product-values.ts";
import { runProduct } from "./run-product.ts";

const products = productArbitrary(20);

/** Entries in each row of a matrix. */
const lengths = ({ rows, rowStart }: SparseMatrix): number[] =>
  Array.from({ length: rows }, (_, row) => (rowStart[row + 1] ?? 0) - (rowStart[row] ?? 0));

/** The longest row of B that each row of A asks for. */
const longestFibres = (A: SparseMatrix, B: SparseMatrix): number[] =>
  Array.from({ length: A.rows }, (_, row) => {
    const asked = A.column.subarray(A.rowStart[row], A.rowStart[row + 1]);
    return Math.max(0, ...[...asked].map((k) => (B.rowStart[k + 1] ?? 0) - (B.rowStart[k] ?? 0)));
  });

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

test("multiplications, additions, outputs and words brought in are those of the operands, whatever the dataflow", () => {
  fc.assert(
    fc.property(products, productMachineArbitrary, ({ A, B }, machine) => {
      const columnsOfA = lengths(transpose(A));
      const rowsOfB = lengths(B);
      const multiplications = sum(columnsOfA.map((entries, k) => entries * (rowsOfB[k] ?? 0)));
      const nonZeros = multiplySparse(A, B).column.length;
      for (const mapping of sixMappings) {
        const { counts } = runProduct(A, B, machine, mapping);
        expect(counts.multiplications).toBe(multiplications);
        expect(counts.additions).toBe(multiplications - nonZeros);
        const [rests, streams] = mapping.stationary === "M" ? [A, B] : [transpose(B), transpose(A)];
        expect(counts.stationaryWords).toBe(rests.column.length);
        if (mapping.dataflow !== "inner") {
          expect(counts.executed).toBe(multiplications);
          expect(counts.outputWords).toBe(nonZeros);
          expect(counts.streamingWords).toBe(multiplications);
          continue;
        }
        // Every streamed column meets every resting entry, and gives a sum for each resting row.
        expect(counts.executed).toBe(rests.column.length * streams.columns);
        expect(counts.outputWords).toBe(lengths(rests).filter((entries) => entries > 0).length * streams.columns);
        const folded = lengths(rests).filter((entries) => entries > machine.multipliers);
        const folds = sum(folded.map((n) => 1 + Math.ceil((n - machine.multipliers) / (machine.multipliers - 1))));
        expect(counts.streamingWords).toBe((counts.batches - folds + folded.length) * streams.column.length);
      }
    }),
    { numRuns: 600 },
  );
});

test("the stack sums to the cycles exactly, nothing in it is negative, and no port is used faster than it is wide", () => {
  fc.assert(
    fc.property(products, productMachineArbitrary, ({ A, B }, machine) => {
      for (const mapping of sixMappings) {
        const { cycles, stack, counts, dram } = runProduct(A, B, machine, mapping);
        // Exact: multipliers are a power of two, so that their share of a count is.
        expect(sum(Object.values(stack))).toBe(cycles);
        expect(Math.min(0, ...Object.values(stack))).toBe(0);
        expect(cycles).toBeGreaterThanOrEqual(counts.executed / machine.multipliers);
        const brought = counts.stationaryWords + counts.streamingWords;
        expect(cycles).toBeGreaterThanOrEqual(brought / machine.distributionWidth);
        if (mapping.dataflow === "outer") {
          // A leaf takes an element of its fibre a cycle, and the network brings all that wait.
          const [rests, streams] = mapping.stationary === "M" ? [A, B] : [transpose(B), transpose(A)];
          const merging = stack["merge"] ?? 0;
          expect(merging).toBeGreaterThanOrEqual(sum(longestFibres(rests, streams)));
          expect(merging).toBeGreaterThanOrEqual(counts.treeElements / machine.distributionWidth);
        }
        const throughRoot = mapping.dataflow === "inner" ? 0 : counts.outputWords;
        expect(cycles).toBeGreaterThanOrEqual(throughRoot / machine.tree.rootWidth);
        // Sums that the cache carries leave as results do.
        const isCarried = mapping.dataflow === "inner" && machine.carriedSums === "cache";
        const written = dram.C + (isCarried ? dram.partialSumsOut : 0);
        const timed = sum(Object.values(dram)) - (machine.outputWrites === "timed" ? 0 : written);
        expect(cycles).toBeGreaterThanOrEqual(timed / machine.dramBytesPerCycle);
      }
    }),
    { numRuns: 600 },
  );
});

test("words, misses and partial sums agree with the bytes off chip, which are at least the compulsory ones", () => {
  fc.assert(
    fc.property(products, productMachineArbitrary, ({ A, B }, machine) => {
      const { elementBytes, cache, multipliers } = machine;
      for (const mapping of sixMappings) {
        const { counts, dram } = runProduct(A, B, machine, mapping);
        const isM = mapping.stationary === "M";
        const [rests, streams] = isM ? [A, B] : [transpose(B), transpose(A)];
        const [bytesResting, bytesStreaming] = isM ? [dram.A, dram.B] : [dram.B, dram.A];
        expect(counts.partialSumReads).toBe(counts.partialSumWrites);
        expect(counts.spilledWords).toBeLessThanOrEqual(counts.partialSumWrites);
        expect(dram.partialSumsOut).toBe(counts.spilledWords * elementBytes);
        const isCarried = mapping.dataflow === "inner" && machine.carriedSums === "cache";
        // Sums that the cache carries are written through it, and come back with their lines.
        if (isCarried) expect(counts.spilledWords).toBe(counts.partialSumWrites);
        else expect(dram.partialSumsIn).toBe(dram.partialSumsOut);
        expect(counts.carriedWords).toBe(isCarried ? counts.partialSumReads : 0);
        expect(dram.C).toBe(counts.outputWords * elementBytes);
        if (machine.sums.bytes === Infinity && !isCarried) expect(counts.spilledWords).toBe(0);
        const isLong = lengths(rests).some((entries) => entries > multipliers);
        if (mapping.dataflow === "outer") {
          expect(counts.partialSumWrites).toBeGreaterThanOrEqual(counts.multiplications);
        } else if (!isLong) expect(counts.partialSumWrites).toBe(0);

        const throughCache = counts.streamingWords + counts.carriedWords;
        const isCached = machine.stationary === "cache";
        expect(counts.cacheHits + counts.cacheMisses).toBe(throughCache + (isCached ? counts.stationaryWords : 0));
        expect(counts.cacheAccesses).toBeLessThanOrEqual(counts.cacheHits + counts.cacheMisses);
        expect(counts.cacheAccesses).toBeGreaterThanOrEqual(counts.cacheMisses);
        const sumLines = isCarried ? dram.partialSumsIn : 0;
        if (isCached) expect(bytesResting + bytesStreaming + sumLines).toBe(counts.cacheMisses * cache.lineBytes);
        else expect(bytesResting).toBe(rests.column.length * elementBytes);
        // Every word that is used is brought in at least once; the inner product brings all of them.
        const used =
          mapping.dataflow === "inner" && counts.batches > 0
            ? streams.column.length
            : sum(lengths(transpose(rests)).map((entries, k) => (entries > 0 ? (lengths(streams)[k] ?? 0) : 0)));
        expect(counts.cacheMisses * cache.lineBytes).toBeGreaterThanOrEqual(used * cache.wordBytes);
      }
    }),
    { numRuns: 400 },
  );
});

test("more ways never miss more, more room for partial sums never spills more, and neither changes the work", () => {
  fc.assert(
    fc.property(products, productMachineArbitrary, fc.integer({ min: 2, max: 4 }), ({ A, B }, machine, times) => {
      const { cache, sums } = machine;
      const roomier = {
        ...machine,
        cache: { ...cache, ways: cache.ways * times, bytes: cache.bytes * times },
        sums: { ...sums, bytes: sums.bytes * times },
      };
      for (const mapping of sixMappings) {
        const { counts } = runProduct(A, B, machine, mapping);
        const { counts: others } = runProduct(A, B, roomier, mapping);
        expect(others.cacheMisses).toBeLessThanOrEqual(counts.cacheMisses);
        expect(others.spilledWords).toBeLessThanOrEqual(counts.spilledWords);
        const { cacheHits, cacheMisses, spilledWords } = counts;
        expect({ ...others, cacheHits, cacheMisses, spilledWords }).toEqual(counts);
      }
    }),
    { numRuns: 300 },
  );
});

test("all six give the golden C, values included", () => {
  fc.assert(
    fc.property(products, fc.constantFrom(2, 4, 8, 16), ({ A, B }, multipliers) => {
      const C = multiplySparse(A, B);
      for (const mapping of sixMappings) {
        const golden = mapping.stationary === "M" ? C : transpose(C);
        const { rows, row } = productRows(A, B, multipliers, mapping);
        expect(rows).toBe(golden.rows);
        const formed = Array.from({ length: rows }, (_, at) => row(at));
        expect(formed.map(({ columns }) => columns.length)).toEqual(lengths(golden));
        expect(formed.flatMap(({ columns }) => columns)).toEqual([...golden.column]);
        expect(formed.flatMap(({ values }) => values)).toEqual([...(golden.value ?? [])]);
      }
    }),
    { numRuns: 600 },
  );
});

test("a wider root with queues no shorter never takes longer, and patterns alone decide", () => {
  fc.assert(
    fc.property(products, productMachineArbitrary, fc.integer({ min: 1, max: 16 }), ({ A, B }, machine, more) => {
      const patterns = [A, B].map(({ rows, columns, rowStart, column }) => ({ rows, columns, rowStart, column }));
      const [patternA = A, patternB = B] = patterns;
      for (const mapping of sixMappings) {
        const run = runProduct(A, B, machine, mapping);
        expect(runProduct(patternA, patternB, machine, mapping)).toEqual(run);
        const { rootWidth, fifoDepth } = machine.tree;
        const tree = { ...machine.tree, rootWidth: rootWidth + more, fifoDepth: fifoDepth + more - 1 };
        const wider = runProduct(A, B, { ...machine, tree }, mapping);
        expect(wider.cycles).toBeLessThanOrEqual(run.cycles);
        expect(wider.counts).toEqual(run.counts);
      }
    }),
    { numRuns: 300 },
  );
});
