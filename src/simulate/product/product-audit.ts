// The audit of a sparse product: a share of its batches is stepped from the state in which the product has left the
// memories, while all others are gone through without time, so that their counts are compared too.

import type { ProductBooks, ProductMachine, ProductRun } from "../../dataflow/product/product.ts";
import { runProduct } from "../../dataflow/product/run-product.ts";
import type { SteppedRow, SteppedUnit } from "../../dataflow/product/stepped/stepped-product.ts";
import { steppedUnits } from "../../dataflow/product/stepped/stepped-product.ts";
import type { ProductMapping } from "../../mapping/product-mapping.ts";
import { deriveSeed } from "../../tensor/random.ts";
import type { SparseMatrix } from "../../tensor/sparse-matrix.ts";
import { transpose } from "../../tensor/sparse-matrix.ts";
import type { OperandPair } from "../../workload/sparse-operands.ts";
import { pickTiles } from "../grid/audit.ts";
import type { LayerAudit } from "../result.ts";

/** Words brought in and merged up to which a product is gone through: some minutes. */
const reach = 2 ** 28;
/** Differences that are listed. */
const mostListed = 1000;

/** What is audited, and how much of it. */
export interface AuditRequest {
  /** Name of the layer. */
  readonly layer: string;
  /** Batches and merge passes of all its products together. */
  readonly units: number;
  /** Of which so many percent are stepped, at least one, chosen by the seed. */
  readonly percent: number;
  readonly seed: number;
}

/** Batches and merge passes of a layer's products, stepped or gone through beside those of `engine`. */
export function auditProducts(
  pairs: readonly OperandPair[],
  mapping: Pick<ProductMapping, "dataflow" | "stationary">,
  machine: ProductMachine,
  { layer, units, percent, seed }: AuditRequest,
  engine: typeof runProduct = runProduct,
): LayerAudit {
  const wanted = Math.max(1, Math.round((units * percent) / 100));
  const chosen = new Set(pickTiles(units, Math.min(units, wanted), deriveSeed(seed, layer, "audit")));
  const differences: string[] = [];
  const differ = (text: string): void => {
    if (differences.length < mostListed) differences.push(text);
    else if (differences.length === mostListed) differences.push("further differences are not listed");
  };
  let stepped = 0;
  let cycles = 0;
  let seen = 0;
  let words = 0;
  for (const pair of pairs) {
    if (words > reach) break;
    const [A, B] = oriented(pair, mapping.stationary);
    const first = seen;
    const order = { dataflow: mapping.dataflow, stationary: "M" } as const;
    const walk = steppedUnits(A, B, machine, order, (unit) => chosen.has(first + unit));
    const compare = comparison(A, B, differ);
    const run = engine(A, B, machine, order, (books) => {
      if (words > reach) return;
      // Empty rows are passed over in one go.
      if (books.counts.batches + books.counts.mergePasses === seen - first) return;
      const unit = nextUnit(walk);
      if (unit === undefined) {
        differ(`${layer}: the stepped machine has no unit ${seen + 1}`);
        return;
      }
      seen++;
      if (unit.cycles !== undefined) {
        stepped++;
        cycles += unit.cycles;
      }
      compare.unit(`${unit.kind} ${seen} of ${layer}`, books, unit, unit.cycles !== undefined);
      words += compare.words();
    });
    if (words <= reach) compare.whole(layer, run, walk);
  }
  const note = `counts of the first ${seen} of ${units} were compared: the rest is out of reach`;
  return {
    tiles: stepped,
    of: units,
    cycles,
    differences,
    ...(seen < units ? { note } : {}),
  };
}

/** Patterns, so that sums are exact: the operand that rests first. */
function oriented({ A, B }: OperandPair, stationary: "M" | "N"): readonly [SparseMatrix, SparseMatrix] {
  const pattern = ({ rows, columns, rowStart, column }: SparseMatrix): SparseMatrix => ({
    rows,
    columns,
    rowStart,
    column,
  });
  return stationary === "M" ? [pattern(A), pattern(B)] : [transpose(pattern(B)), transpose(pattern(A))];
}

/** The next batch or pass. */
function nextUnit(walk: Generator<SteppedUnit, void>): SteppedUnit | undefined {
  for (;;) {
    const { done, value } = walk.next();
    if (done === true || value === undefined) return undefined;
    if (value.kind !== "empty") return value;
  }
}

/** Counts of a unit that both sides know at its end; sums and elements in the tree are known row by row only. */
const perUnit = [
  "stationaryWords",
  "streamingWords",
  "outputWords",
  "partialSumWrites",
  "partialSumReads",
  "spilledWords",
] as const;

const totalCycles = ({ cycles }: ProductBooks): number =>
  cycles.control + cycles.stationary + cycles.streaming + cycles.misses + cycles.merge + cycles.bandwidth;

/** Compares a product unit by unit, each by what was added to the books since the one before. */
function comparison(A: SparseMatrix, B: SparseMatrix, differ: (text: string) => void) {
  let cyclesBefore = 0;
  let wordsInUnit = 0;
  let last: Readonly<Record<string, number>> = {};
  const fastBefore = new Map<string, number>();
  const steppedBefore = new Map<string, number>();
  const since = (before: Map<string, number>, name: string, now: number): number => {
    const added = now - (before.get(name) ?? 0);
    before.set(name, now);
    return added;
  };
  const same = (where: string, name: string, fast: number, slow: number): void => {
    const [expected, found] = [since(fastBefore, name, fast), since(steppedBefore, name, slow)];
    if (expected !== found) differ(`${where}: ${name} ${expected} in closed form, ${found} stepped`);
  };
  return {
    /** Words that the last unit brought in or merged. */
    words: () => wordsInUnit,
    unit: (where: string, books: ProductBooks, unit: SteppedUnit, isTimed: boolean): void => {
      const total = totalCycles(books);
      const took = total - cyclesBefore;
      cyclesBefore = total;
      if (isTimed && took !== unit.cycles) {
        differ(`${where}: ${took} cycles in closed form, ${String(unit.cycles)} stepped`);
      }
      const { counts, dram, cache } = books;
      last = { ...unit.counts };
      const moved = counts.stationaryWords + counts.streamingWords + counts.partialSumReads;
      wordsInUnit = since(fastBefore, "all words", moved);
      for (const name of perUnit) same(where, name, counts[name], unit.counts[name]);
      same(where, "cacheHits", cache.hits, unit.counts.cacheHits);
      same(where, "cacheMisses", cache.misses, unit.counts.cacheMisses);
      same(where, "cacheAccesses", cache.accesses, unit.counts.cacheAccesses);
      for (const name of ["A", "B", "partialSumsOut", "partialSumsIn", "C"] as const) {
        same(where, `bytes of ${name}`, dram[name], unit.dram[name]);
      }
      if (unit.cycles !== undefined) for (const row of unit.rows) compareRow(where, A, B, row, differ);
    },
    /** The product at its end, where the stepped machine has nothing left to do but empty rows. */
    whole: (layer: string, run: ProductRun, walk: Generator<SteppedUnit, void>): void => {
      const more = nextUnit(walk);
      if (more !== undefined) differ(`${layer}: the stepped machine goes on with a ${more.kind}`);
      const totals: Readonly<Record<string, number>> = { ...run.counts };
      for (const [name, total] of Object.entries(totals)) {
        const found = last[name] ?? 0;
        if (total !== found) differ(`${layer}: ${name} ${total} in closed form, ${found} stepped`);
      }
    },
  };
}

/** A finished row against the definition: the number of pairs of entries that meet in each place. */
function compareRow(
  where: string,
  A: SparseMatrix,
  B: SparseMatrix,
  { row, elements }: SteppedRow,
  differ: (text: string) => void,
): void {
  const sums = new Map<number, number>();
  for (let i = A.rowStart[row] ?? 0; i < (A.rowStart[row + 1] ?? 0); i++) {
    const k = A.column[i] ?? 0;
    for (let j = B.rowStart[k] ?? 0; j < (B.rowStart[k + 1] ?? 0); j++) {
      const column = B.column[j] ?? 0;
      sums.set(column, (sums.get(column) ?? 0) + 1);
    }
  }
  if (elements.length !== sums.size) {
    differ(`${where}: ${elements.length} results in row ${row} stepped, ${sums.size} expected`);
  }
  for (const { column, value } of elements) {
    const expected = sums.get(column) ?? 0;
    if (value === expected) continue;
    differ(`${where}: result (${row}, ${column}) is ${value} stepped, ${expected} expected`);
  }
}
