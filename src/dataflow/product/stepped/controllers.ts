// The controllers of a stepped sparse product, A resting: for each dataflow the sequence of its states around memories and
// tree. They act only when no word that they asked for is outstanding.

import type { SparseMatrix } from "../../../tensor/sparse-matrix.ts";
import { transpose } from "../../../tensor/sparse-matrix.ts";
import type { Hardware, States } from "./hardware.ts";
import { inFull } from "./hardware.ts";
import type { MergedElement } from "./tree.ts";

/** Consecutive entries of a matrix. */
interface Range {
  readonly from: number;
  readonly to: number;
}

const rowOf = ({ rowStart }: SparseMatrix, row: number): Range => ({
  from: rowStart[row] ?? 0,
  to: rowStart[row + 1] ?? 0,
});

const valueOf = ({ value }: SparseMatrix, entry: number): number => value?.[entry] ?? 1;

/** Entries from `from` to before `to` as ranges of so many each. */
const inRanges = ({ from, to }: Range, length: number): readonly Range[] =>
  Array.from({ length: Math.ceil((to - from) / length) }, (_, i) => ({
    from: from + i * length,
    to: Math.min(to, from + (i + 1) * length),
  }));

const numbers = ({ from, to }: Range): readonly number[] => Array.from({ length: to - from }, (_, i) => from + i);

/** The products of a number and a row of B. */
const productsOf = (scale: number, B: SparseMatrix, fibre: Range): readonly MergedElement[] =>
  numbers(fibre).map((i) => ({ column: B.column[i] ?? 0, value: scale * valueOf(B, i) }));

/** Brings an element of each fibre in step after step, until a step finds nothing. */
function* stream(
  fibres: readonly Range[],
  base: number,
  { machine, counted, given, load, idle, watching }: Hardware,
  arrived: (elements: number) => void,
): States {
  let open = fibres;
  for (let step = 0; ; step++) {
    open = open.filter(({ from, to }) => from + step < to);
    if (open.length === 0) break;
    const at = step;
    watching()?.asks(
      fibres.flatMap(({ from, to }, multiplier) =>
        from + at < to ? [{ address: base + from + at, multipliers: [multiplier] }] : [],
      ),
    );
    yield* load(
      "B",
      open.map(({ from }) => base + from + at),
    );
    counted.multiplications += open.length;
    counted.executed += open.length;
    given.streamingWords += open.length;
    arrived(open.length);
  }
  yield* idle(machine.control.exhausted, "exhausted");
}

function* gustavson(A: SparseMatrix, B: SparseMatrix, hardware: Hardware): States {
  const { multipliers, control } = hardware.machine;
  for (let row = 0; row < A.rows; row++) {
    const chunks = inRanges(rowOf(A, row), multipliers);
    for (const chunk of chunks) {
      hardware.given.batches++;
      hardware.watching()?.rests(
        chunk.from,
        numbers(chunk).map((entry) => ({ row, k: A.column[entry] ?? 0, value: valueOf(A, entry) })),
      );
      yield* hardware.idle(control.configure, "configure");
      yield* hardware.loadResting(chunk.from, chunk.to);
      const fibres = numbers(chunk).map((entry) => rowOf(B, A.column[entry] ?? 0));
      yield* stream(fibres, A.column.length, hardware, () => undefined);
      const merged = yield* hardware.merge(fibres.map((fibre, i) => productsOf(valueOf(A, chunk.from + i), B, fibre)));
      yield* hardware.idle(control.gustavsonTail, "tail");
      if (chunks.length > 1) hardware.keep(row, inFull(merged));
      else hardware.finishRow(row, merged, merged.length);
      yield* hardware.transfers("batch");
    }
    if (chunks.length > 1) yield* hardware.mergeWaiting(row);
  }
}

function* outer(A: SparseMatrix, B: SparseMatrix, hardware: Hardware): States {
  const { multipliers, control } = hardware.machine;
  const byColumn = transpose(A);
  // The column of A that each of its entries is in, in the order of columns.
  const columnOf = new Uint32Array(A.column.length);
  for (let k = 0; k < byColumn.rows; k++) {
    const { from, to } = rowOf(byColumn, k);
    columnOf.fill(k, from, to);
  }
  const rowsThatWait = new Set<number>();
  for (const batch of inRanges({ from: 0, to: A.column.length }, multipliers)) {
    hardware.given.batches++;
    hardware.watching()?.rests(
      batch.from,
      numbers(batch).map((entry) => ({
        row: byColumn.column[entry] ?? 0,
        k: columnOf[entry] ?? 0,
        value: valueOf(byColumn, entry),
      })),
    );
    yield* hardware.idle(control.configure, "configure");
    yield* hardware.loadResting(batch.from, batch.to);
    const fibres = numbers(batch).map((entry) => rowOf(B, columnOf[entry] ?? 0));
    // A product is formed while the controller looks for the next step.
    yield* stream(fibres, A.column.length, hardware, (elements) => {
      hardware.send(elements, control.exhausted + control.outerTail);
    });
    yield* hardware.settle(control.outerTail);
    for (const [i, fibre] of fibres.entries()) {
      const length = fibre.to - fibre.from;
      if (length === 0) continue;
      const row = byColumn.column[batch.from + i] ?? 0;
      const scale = valueOf(byColumn, batch.from + i);
      hardware.keep(row, { length, elements: () => productsOf(scale, B, fibre) });
      rowsThatWait.add(row);
    }
    yield* hardware.transfers("batch");
  }
  for (let row = 0; row < A.rows; row++) {
    if (rowsThatWait.has(row)) yield* hardware.mergeWaiting(row);
    else {
      yield* hardware.idle(control.emptyRow, "configure");
      yield* hardware.transfers("empty");
    }
  }
}

function* inner(A: SparseMatrix, B: SparseMatrix, hardware: Hardware): States {
  const { multipliers } = hardware.machine;
  const columnsOfB = transpose(B);
  const whole = Array.from({ length: B.columns }, (_, column) => rowOf(columnsOfB, column));
  const baseOfC = A.column.length + B.column.length;
  let pack: number[] = [];
  let packed = 0;
  const flush = function* (): States {
    const resting = pack.map((row) => ({ row, ...rowOf(A, row) }));
    if (pack.length > 0) yield* meet(resting, A, columnsOfB, whole, hardware, undefined);
    pack = [];
    packed = 0;
  };
  for (let row = 0; row < A.rows; row++) {
    const entries = rowOf(A, row);
    const length = entries.to - entries.from;
    if (packed + length > multipliers) yield* flush();
    if (length === 0) continue;
    if (length <= multipliers) {
      pack.push(row);
      packed += length;
      continue;
    }
    // One multiplier of every later fold carries the partial sum.
    const first = { from: entries.from, to: entries.from + multipliers };
    const folds = [first, ...inRanges({ from: first.to, to: entries.to }, multipliers - 1)];
    for (const [index, fold] of folds.entries()) {
      const isLast = index === folds.length - 1;
      const above = index === 0 ? -1 : (A.column[fold.from - 1] ?? -1);
      const upTo = isLast ? Infinity : (A.column[fold.to - 1] ?? -1);
      const within = whole.map(({ from, to }): Range => {
        let [start, end] = [from, to];
        while (start < end && (columnsOfB.column[start] ?? 0) <= above) start++;
        while (start < end && (columnsOfB.column[end - 1] ?? 0) > upTo) end--;
        return { from: start, to: end };
      });
      const sums = index === 0 ? undefined : baseOfC + row * B.columns;
      yield* meet([{ row, ...fold }], A, columnsOfB, within, hardware, { row, sums, isLast });
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
  resting: readonly (Range & { readonly row: number })[],
  A: SparseMatrix,
  columnsOfB: SparseMatrix,
  columns: readonly Range[],
  hardware: Hardware,
  fold: Fold | undefined,
): States {
  const { counted, given, watching } = hardware;
  const { control } = hardware.machine;
  const carried = fold?.sums === undefined ? 0 : 1;
  const levels = Math.ceil(Math.log2(Math.max(...resting.map(({ from, to }) => to - from)) + carried));
  given.batches++;
  const before = fold?.sums === undefined ? [] : hardware.fetchCarried(fold.row);
  const first = resting[0]?.from ?? 0;
  const end = resting.at(-1)?.to ?? 0;
  watching()?.rests(
    first,
    resting.flatMap(({ row, from, to }) =>
      numbers({ from, to }).map((entry) => ({ row, k: A.column[entry] ?? 0, value: valueOf(A, entry) })),
    ),
  );
  yield* hardware.idle(control.configure, "configure");
  yield* hardware.loadResting(first, end);
  // The multipliers that each row of B reaches: which resting row they belong to, and what they hold.
  const holders = new Map<number, { readonly at: number; readonly multiplier: number; readonly value: number }[]>();
  for (const [at, { from, to }] of resting.entries()) {
    for (let i = from; i < to; i++) {
      const k = A.column[i] ?? 0;
      const held = { at, multiplier: i - first, value: valueOf(A, i) };
      const others = holders.get(k);
      if (others === undefined) holders.set(k, [held]);
      else others.push(held);
    }
  }
  const results = resting.map((): MergedElement[] => []);
  const partial: MergedElement[] = [];
  for (const [column, streaming] of columns.entries()) {
    const addresses = numbers(streaming).map((entry) => A.column.length + entry);
    const isCached = fold?.sums !== undefined && hardware.machine.carriedSums === "cache";
    const carriedSum = isCached ? fold.sums + column : undefined;
    watching()?.asks([
      ...numbers(streaming).map((entry) => ({
        address: A.column.length + entry,
        multipliers: (holders.get(columnsOfB.column[entry] ?? 0) ?? []).map(({ multiplier }) => multiplier),
      })),
      ...(carriedSum === undefined
        ? []
        : [{ address: carriedSum, multipliers: [end - first], sum: before[column]?.value ?? NaN }]),
    ]);
    given.streamingWords += streaming.to - streaming.from;
    counted.executed += end - first;
    counted.treeElements += end - first;
    if (addresses.length === 0 && carriedSum === undefined) yield* hardware.idle(1, "stream");
    else yield* hardware.load("B", addresses, carriedSum);
    hardware.send(resting.length, control.innerTail + levels);
    // A sum that no pair has reached yet goes round as NaN.
    const sums = resting.map(() => before[column]?.value ?? NaN);
    for (let i = streaming.from; i < streaming.to; i++) {
      for (const { at, value } of holders.get(columnsOfB.column[i] ?? 0) ?? []) {
        const sum = sums[at] ?? NaN;
        counted.multiplications++;
        if (!Number.isNaN(sum)) counted.additions++;
        sums[at] = (Number.isNaN(sum) ? 0 : sum) + value * valueOf(columnsOfB, i);
      }
    }
    watching()?.sums(column, sums, fold?.sums === undefined ? undefined : (before[column]?.value ?? NaN));
    for (const [at, sum] of sums.entries()) if (!Number.isNaN(sum)) results[at]?.push({ column, value: sum });
    if (fold !== undefined) partial.push({ column, value: sums[0] ?? NaN });
  }
  yield* hardware.settle(control.innerTail + levels);
  if (fold !== undefined && !fold.isLast) hardware.keepCarried(fold.row, partial);
  else {
    for (const [at, { row }] of resting.entries()) hardware.finishRow(row, results[at] ?? [], columns.length);
  }
  yield* hardware.transfers("batch");
}

export const controllers = { gustavson, outer, inner } as const;
