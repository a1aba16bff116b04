// A sparse product one cycle at a time: the controller as a sequence of states around its memories and its tree, the
// reference that the engine's closed forms must equal. It acts only when no word that it asked for is outstanding.

import type { ProductCounts, ProductMachine, ProductTraffic } from "../product.ts";
import type { ProductMapping } from "../../../mapping/product-mapping.ts";
import type { SparseMatrix } from "../../../tensor/sparse-matrix.ts";
import type { Entry, Hardware, States } from "./hardware.ts";
import { hardwareOf, inRuns } from "./hardware.ts";
import type { MergedElement } from "./tree.ts";

export interface SteppedProduct {
  readonly cycles: number;
  readonly counts: ProductCounts;
  readonly dram: ProductTraffic;
  /** Rows of C (of its transpose when N rests), columns ascending. */
  readonly rows: readonly (readonly MergedElement[])[];
}

interface Operands {
  readonly rowsOfC: number;
  readonly columnsOfC: number;
  readonly A: readonly Entry[];
  readonly B: readonly Entry[];
}

/** Throws Error for a machine whose root passes more than one element a cycle: that has no stepped form here. */
export function steppedProduct(
  A: SparseMatrix,
  B: SparseMatrix,
  machine: ProductMachine,
  { dataflow, stationary }: Pick<ProductMapping, "dataflow" | "stationary">,
): SteppedProduct {
  if (machine.mergeWidth !== 1) throw new Error("one element a cycle leaves the root");
  const isM = stationary === "M";
  const operands = {
    rowsOfC: isM ? A.rows : B.columns,
    columnsOfC: isM ? B.columns : A.rows,
    A: entriesOf(isM ? A : B, isM),
    B: entriesOf(isM ? B : A, isM),
  };
  const hardware = hardwareOf(machine, operands.rowsOfC);
  const states = controllers[dataflow](operands, hardware);
  let cycles = 0;
  for (; states.next().done !== true; cycles++) hardware.tick();
  const { A: rests, B: streams, ...others } = hardware.bytes;
  return {
    cycles,
    counts: hardware.counts(),
    dram: isM ? { A: rests, B: streams, ...others } : { A: streams, B: rests, ...others },
    rows: hardware.rows,
  };
}

/** Entries without addresses yet; turned over unless `asIs`. */
function entriesOf(matrix: SparseMatrix, asIs: boolean): Entry[] {
  const entries: Entry[] = [];
  for (let row = 0; row < matrix.rows; row++) {
    for (let i = matrix.rowStart[row] ?? 0; i < (matrix.rowStart[row + 1] ?? 0); i++) {
      const column = matrix.column[i] ?? 0;
      const value = matrix.value?.[i] ?? 1;
      entries.push({ row: asIs ? row : column, column: asIs ? column : row, value, address: -1 });
    }
  }
  return entries;
}

/** Entries as they lie in memory from an address on, compressed by rows or by columns. */
function stored(entries: readonly Entry[], by: "row" | "column", base: number): readonly Entry[] {
  const other = by === "row" ? "column" : "row";
  return entries
    .toSorted((a, b) => a[by] - b[by] || a[other] - b[other])
    .map((entry, i) => ({ ...entry, address: base + i }));
}

const grouped = (entries: readonly Entry[], by: "row" | "column", groups: number): readonly (readonly Entry[])[] =>
  Array.from({ length: groups }, (_, group) => entries.filter((entry) => entry[by] === group));

/** Brings an element of each fibre in step after step, until a step finds nothing. */
function* stream(
  fibres: readonly (readonly Entry[])[],
  { machine, counted, given, load, idle }: Hardware,
  arrived: (elements: number) => void,
): States {
  for (let step = 0; ; step++) {
    const elements = fibres.flatMap((fibre) => fibre[step] ?? []);
    if (elements.length === 0) break;
    yield* load(
      "B",
      elements.map(({ address }) => address),
    );
    counted.multiplications += elements.length;
    counted.executed += elements.length;
    given.streamingWords += elements.length;
    arrived(elements.length);
  }
  yield* idle(machine.control.exhausted);
}

const productsOf = (entry: Entry, fibre: readonly Entry[]): readonly MergedElement[] =>
  fibre.map(({ column, value }) => ({ column, value: entry.value * value }));

function* gustavson({ A, B, rowsOfC }: Operands, hardware: Hardware): States {
  const { multipliers, control } = hardware.machine;
  const rowsOfB = groupedByNumber(stored(B, "row", A.length));
  for (const [row, resting] of grouped(stored(A, "row", 0), "row", rowsOfC).entries()) {
    const chunks = inRuns(resting, multipliers);
    for (const chunk of chunks) {
      hardware.given.batches++;
      yield* hardware.idle(control.configure);
      yield* hardware.loadResting(chunk);
      const fibres = chunk.map(({ column }) => rowsOfB.get(column) ?? []);
      yield* stream(fibres, hardware, () => undefined);
      const merged = yield* hardware.merge(chunk.map((entry, i) => productsOf(entry, fibres[i] ?? [])));
      yield* hardware.idle(control.gustavsonTail);
      if (chunks.length > 1) hardware.keep(row, merged);
      else {
        hardware.rows[row] = merged;
        hardware.output(merged.length);
      }
      yield* hardware.transfers();
    }
    if (chunks.length > 1) yield* hardware.mergeWaiting(row);
  }
}

function groupedByNumber(rows: readonly Entry[]): ReadonlyMap<number, readonly Entry[]> {
  const groups = new Map<number, Entry[]>();
  for (const entry of rows) groups.set(entry.row, [...(groups.get(entry.row) ?? []), entry]);
  return groups;
}

function* outer({ A, B, rowsOfC }: Operands, hardware: Hardware): States {
  const { multipliers, control } = hardware.machine;
  const rowsOfB = groupedByNumber(stored(B, "row", A.length));
  const rowsThatWait = new Set<number>();
  for (const batch of inRuns(stored(A, "column", 0), multipliers)) {
    hardware.given.batches++;
    yield* hardware.idle(control.configure);
    yield* hardware.loadResting(batch);
    const fibres = batch.map(({ column }) => rowsOfB.get(column) ?? []);
    // A product is formed while the controller looks for the next step.
    yield* stream(fibres, hardware, (elements) => {
      hardware.queue.send(elements, control.exhausted + control.outerTail);
    });
    yield* hardware.settle(control.outerTail);
    for (const [i, entry] of batch.entries()) {
      const products = productsOf(entry, fibres[i] ?? []);
      if (products.length === 0) continue;
      hardware.keep(entry.row, products);
      rowsThatWait.add(entry.row);
    }
    yield* hardware.transfers();
  }
  for (let row = 0; row < rowsOfC; row++) {
    if (rowsThatWait.has(row)) yield* hardware.mergeWaiting(row);
    else {
      yield* hardware.idle(control.emptyRow);
      yield* hardware.transfers();
    }
  }
}

function* inner({ A, B, rowsOfC, columnsOfC }: Operands, hardware: Hardware): States {
  const { multipliers } = hardware.machine;
  const rowsOfA = grouped(stored(A, "row", 0), "row", rowsOfC);
  const columnsOfB = grouped(stored(B, "column", A.length), "column", columnsOfC);
  const baseOfC = A.length + B.length;
  let pack: (readonly Entry[])[] = [];
  const flush = function* (): States {
    if (pack.length > 0) yield* meet(pack, columnsOfB, hardware, undefined);
    pack = [];
  };
  for (const [row, entries] of rowsOfA.entries()) {
    if (pack.flat().length + entries.length > multipliers) yield* flush();
    if (entries.length === 0) continue;
    if (entries.length <= multipliers) {
      pack.push(entries);
      continue;
    }
    // One multiplier of every later fold carries the partial sum.
    const folds = [entries.slice(0, multipliers), ...inRuns(entries.slice(multipliers), multipliers - 1)];
    for (const [index, fold] of folds.entries()) {
      const isLast = index === folds.length - 1;
      const above = index === 0 ? -1 : (folds[index - 1]?.at(-1)?.column ?? -1);
      const upTo = isLast ? Infinity : (fold.at(-1)?.column ?? -1);
      const within = columnsOfB.map((column) => column.filter((entry) => entry.row > above && entry.row <= upTo));
      const sums = index === 0 ? undefined : baseOfC + row * columnsOfC;
      yield* meet([fold], within, hardware, { row, sums, isLast });
    }
  }
  yield* flush();
}

interface Fold {
  readonly row: number;
  /** Where the partial sums of its row lie, unless it is the first. */
  readonly sums: number | undefined;
  readonly isLast: boolean;
}

/** Rows of A rest, whole ones or a part of one, and the columns of B stream past them. */
function* meet(
  resting: readonly (readonly Entry[])[],
  columns: readonly (readonly Entry[])[],
  hardware: Hardware,
  fold: Fold | undefined,
): States {
  const { counted, given, queue } = hardware;
  const { control } = hardware.machine;
  const carried = fold?.sums === undefined ? 0 : 1;
  const levels = Math.ceil(Math.log2(Math.max(...resting.map((row) => row.length)) + carried));
  given.batches++;
  const before = fold?.sums === undefined ? [] : hardware.fetch(fold.row).flat();
  const entries = resting.flat();
  yield* hardware.idle(control.configure);
  yield* hardware.loadResting(entries);
  const results = resting.map((): MergedElement[] => []);
  const partial: MergedElement[] = [];
  for (const [column, streaming] of columns.entries()) {
    const addresses = streaming.map(({ address }) => address);
    if (fold?.sums !== undefined) addresses.push(fold.sums + column);
    given.streamingWords += streaming.length;
    counted.executed += entries.length;
    counted.treeElements += entries.length;
    if (addresses.length === 0) yield* hardware.idle(1);
    else yield* hardware.load("B", addresses);
    queue.send(resting.length, control.innerTail + levels);
    for (const [i, row] of resting.entries()) {
      // A sum that no pair has reached yet goes round as NaN.
      let sum = before[column]?.value ?? NaN;
      for (const a of row) {
        for (const b of streaming) {
          if (a.column !== b.row) continue;
          counted.multiplications++;
          if (!Number.isNaN(sum)) counted.additions++;
          sum = (Number.isNaN(sum) ? 0 : sum) + a.value * b.value;
        }
      }
      if (!Number.isNaN(sum)) results[i]?.push({ column, value: sum });
      partial.push({ column, value: sum });
    }
  }
  yield* hardware.settle(control.innerTail + levels);
  if (fold !== undefined && !fold.isLast) hardware.keep(fold.row, partial);
  else {
    hardware.output(resting.length * columns.length);
    for (const [i, row] of resting.entries()) hardware.rows[row[0]?.row ?? 0] = results[i] ?? [];
  }
  yield* hardware.transfers();
}

const controllers = { gustavson, outer, inner } as const;
