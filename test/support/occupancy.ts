// What every buffer must hold while each step of a grid streams: a slow walk over named elements, from the layer, the
// tile order and the documented rules of retention alone. It reads no byte count of the schedule that it checks; from
// the plan it takes only where tiles are cut into blocks and steps.

import { formatBits } from "../../src/component/component.ts";
import { workingBytes } from "../../src/component/memory/sram.ts";
import type { GridPlan } from "../../src/dataflow/grid.ts";
import type { FoldRange, GridMachine } from "../../src/dataflow/grid-machine.ts";
import { foldRange, folds } from "../../src/dataflow/grid-machine.ts";
import { expand } from "../../src/dataflow/program.ts";
import type { GridMapping } from "../../src/mapping/grid-mapping.ts";
import type { ComputeOperation, Conv2d } from "../../src/workload/layer.ts";
import type { MatrixProduct } from "../../src/workload/lowering.ts";
import { convolutionOutput } from "../../src/workload/shapes.ts";

/** One operand at one buffer, in bytes, by step. */
export interface BufferWalk {
  /** What the step uses that is not there: it must have arrived before the step streams. */
  readonly fetch: readonly number[];
  /** What is there for this step and what it keeps for later ones, while the step streams. */
  readonly held: readonly number[];
  /** What leaves for the operand's home after the step. */
  readonly write: readonly number[];
  /** What `write` occupies until it has left. */
  readonly leaving: readonly number[];
  /** Most bytes that a step and what it keeps may take: half of a double buffer but for all of a single product. */
  readonly limit: number;
}

/** The part of the product that one step streams. */
interface Piece {
  readonly product: number;
  readonly column: number;
  readonly block: number;
  readonly tile: number;
  readonly m: FoldRange;
  readonly n: FoldRange;
  readonly k: FoldRange;
  /** First and last fold of K, or with stationary outputs the last step of a tile: when sums come to be and are done. */
  readonly begins: boolean;
  readonly ends: boolean;
}

/** For how long a buffer keeps what it has: steps with the same number share what they fetch. */
type Scope = (piece: Piece) => number;

/** The pieces of a layer in execution order: products, folds over columns, blocks, folds over rows, steps. */
export function piecesOf(product: MatrixProduct, plan: GridPlan, { grid }: GridMachine, mapping: GridMapping): Piece[] {
  const { M, N, K, count } = product;
  const rests = mapping.stationary;
  const columnFolds = folds(rests === "inputs" ? N : M, grid.columns);
  const rowFolds = folds(rests === "outputs" ? N : K, grid.rows);
  const pieces: Piece[] = [];
  const steps = expand(plan.program.nodes);
  let tile = 0;
  for (let p = 0; p < count; p++) {
    for (let column = 0; column < columnFolds.count; column++) {
      for (let block = 0; block < plan.blocks.count; block++) {
        for (let row = 0; row < rowFolds.count; row++, tile++) {
          const across = foldRange(columnFolds, column);
          const down = foldRange(rowFolds, row);
          const [start, end]: FoldRange = rests === "outputs" ? [0, K] : foldRange(plan.blocks, block);
          for (let at = start; at < end;) {
            const step = steps.next().value;
            if (step === undefined || step.startsTile !== (at === start)) throw new Error("the steps miss their tile");
            const vectors: FoldRange = [at, at + step.stream / plan.vectorInterval];
            at = vectors[1];
            if (at > end) throw new Error("a step streams past its tile");
            const place = { product: p, column, block, tile };
            if (rests === "outputs") {
              pieces.push({ ...place, m: across, n: down, k: vectors, begins: true, ends: at === end });
            } else {
              const ranges = rests === "weights" ? { m: across, n: vectors } : { m: vectors, n: across };
              pieces.push({ ...place, ...ranges, k: down, begins: row === 0, ends: row === rowFolds.count - 1 });
            }
          }
        }
      }
    }
  }
  if (steps.next().done !== true) throw new Error("more steps than tiles");
  return pieces;
}

/** Walks all steps of a planned layer, once for each operand. */
export function walkOccupancy(
  operation: ComputeOperation,
  product: MatrixProduct,
  machine: GridMachine,
  mapping: GridMapping,
  pieces: readonly Piece[],
): Readonly<Record<"A" | "B" | "C", BufferWalk>> {
  const { grid, routes } = machine;
  const { M, N, K } = product;
  const bytes = formatBits[grid.operand] / 8;
  const rests = mapping.stationary;
  const byProduct: Scope = (piece) => piece.product;
  const byColumn: Scope = (piece) => piece.product * M * N + piece.column;
  const byBlock: Scope = (piece) => (piece.product * M * N + piece.column) * M * N + piece.block;
  const byTile: Scope = (piece) => piece.tile;
  const widest = Math.min(grid.columns, rests === "inputs" ? N : M);

  const input = operation.operator === "conv2d" ? convolutionUnits(operation, product) : matrixUnits(product);
  const needs = {
    A: pieces.map(({ m, k }) => pairs(m, k, K)),
    B: pieces.map(input.needs),
    // Stationary outputs reach the buffer when they are done.
    C: pieces.map(({ m, n, ends }) => (rests === "outputs" && !ends ? [] : pairs(m, n, N))),
  };

  /** An operand that is only read stays for a product if that fits, else for a strip if each fits, else for a tile. */
  const read = (operand: "A" | "B", unitBytes: number, largestStrip: number): BufferWalk => {
    const { bufferMemory, direct } = routes[operand];
    const half = workingBytes(bufferMemory);
    const whole = product.count === 1 ? bufferMemory.bytes : half;
    const all = largestSet(needs[operand], pieces.map(byProduct)) * unitBytes;
    const [scope, keeps, limit]: [Scope, boolean, number] =
      direct || all <= whole
        ? [byProduct, true, direct ? bufferMemory.bytes : whole]
        : largestStrip <= half
          ? [byColumn, true, half]
          : [byTile, false, half];
    const { arriving, present } = walk(needs[operand], pieces.map(scope), keeps);
    const none = pieces.map(() => 0);
    return {
      fetch: arriving.map((units) => (direct ? 0 : units * unitBytes)),
      held: present.map((units) => units * unitBytes),
      write: none,
      leaving: none,
      limit,
    };
  };
  // A strip is what every block, or every tile of a column of resting outputs, meets again: the operand of the columns.
  const stripOfA = rests === "inputs" ? Infinity : widest * K * bytes;
  const stripOfB = rests === "inputs" ? product.largestFootprint(K, widest) * bytes : Infinity;

  /** Sums stay until K is done if those of a block fit; else each tile's come from their home and go back there. */
  const sums = (): BufferWalk => {
    const outputBytes = formatBits[machine.output] / 8;
    const unitBytes = rests === "outputs" ? outputBytes : formatBits[grid.accumulator] / 8;
    const half = workingBytes(routes.C.bufferMemory);
    const blockScopes = pieces.map(byBlock);
    const rowFolds = rests === "outputs" ? 1 : folds(K, grid.rows).count;
    const stay = rowFolds > 1 && largestSet(needs.C, blockScopes) * unitBytes <= half;
    const { arriving, present, departing } = walk(needs.C, stay ? blockScopes : pieces.map(byTile), false);
    return {
      fetch: pieces.map(({ begins }, i) => (begins ? 0 : (arriving[i] ?? 0) * unitBytes)),
      held: present.map((units) => units * unitBytes),
      write: pieces.map(({ ends }, i) => (departing[i] ?? 0) * (ends ? outputBytes : unitBytes)),
      leaving: departing.map((units) => units * unitBytes),
      limit: half,
    };
  };
  return { A: read("A", bytes, stripOfA), B: read("B", input.elements * bytes, stripOfB), C: sums() };
}

/**
 * Units that arrive for, are present in and depart after each step. A scope that `keeps` holds all that it fetched until
 * it ends; another one drops a unit after its last use.
 */
function walk(needs: readonly (readonly number[])[], scopes: readonly number[], keeps: boolean) {
  const arriving: number[] = [];
  const present: number[] = [];
  const departing: number[] = [];
  for (let start = 0, end = 0; start < needs.length; start = end) {
    const lastUse = new Map<number, number>();
    for (end = start; end < needs.length && scopes[end] === scopes[start]; end++) {
      for (const unit of needs[end] ?? []) lastUse.set(unit, end);
    }
    const there = new Set<number>();
    for (let i = start; i < end; i++) {
      const before = there.size;
      for (const unit of needs[i] ?? []) there.add(unit);
      arriving.push(there.size - before);
      present.push(there.size);
      const done = (needs[i] ?? []).filter((unit) => lastUse.get(unit) === i);
      departing.push(done.length);
      if (!keeps) for (const unit of done) there.delete(unit);
    }
  }
  return { arriving, present, departing };
}

/** Different units that the steps of one scope use, in the scope with most of them. */
function largestSet(needs: readonly (readonly number[])[], scopes: readonly number[]): number {
  return Math.max(...walk(needs, scopes, true).present);
}

/** Numbers of all (x, y) with `size` values of y. */
function pairs(xs: FoldRange, ys: FoldRange, size: number): number[] {
  const numbers: number[] = [];
  for (let x = xs[0]; x < xs[1]; x++) for (let y = ys[0]; y < ys[1]; y++) numbers.push(x * size + y);
  return numbers;
}

const matrixUnits = ({ N }: MatrixProduct) => ({ elements: 1, needs: ({ k, n }: Piece) => pairs(k, n, N) });

/** A convolution fetches whole input rows of a channel: each is a unit of as many elements as the layer touches of it. */
function convolutionUnits(conv: Conv2d, { K }: MatrixProduct) {
  const [outHeight, outWidth] = convolutionOutput(conv);
  const taps = conv.kernelHeight * conv.kernelWidth;
  const channels = K / taps;
  /** Positions inside the input that an output meets along one axis. */
  const met = (output: number, axis: 0 | 1): number[] => {
    const [size, kernel] = axis === 0 ? [conv.height, conv.kernelHeight] : [conv.width, conv.kernelWidth];
    const start = output * conv.stride[axis] - conv.padding[axis];
    const positions = Array.from({ length: kernel }, (_, tap) => start + tap * conv.dilation[axis]);
    return positions.filter((position) => position >= 0 && position < size);
  };
  const columns = new Set(Array.from({ length: outWidth }, (_, column) => met(column, 1)).flat());
  const needs = ({ k, n }: Piece): number[] => {
    const rows = new Set<number>();
    for (let at = n[0]; at < n[1]; at++) {
      const row = Math.floor(at / outWidth);
      const image = Math.floor(row / outHeight);
      for (const y of met(row - image * outHeight, 0)) rows.add(image * conv.height + y);
    }
    const units: number[] = [];
    for (let channel = Math.floor(k[0] / taps); channel * taps < k[1]; channel++) {
      for (const row of rows) units.push(row * channels + channel);
    }
    return units;
  };
  return { elements: columns.size, needs };
}
