// Carries values through a layer in the machine's own order and number formats and compares them with the golden
// evaluator: every output of a small layer, a seeded sample of a large one.

import type { Arithmetic } from "../component/arithmetic.ts";
import { arithmetic } from "../component/arithmetic.ts";
import type { GridMapping } from "../mapping/grid-mapping.ts";
import type { NumberFormat } from "../technology/technology.ts";
import { deriveSeed, keyOf, randomWord } from "../tensor/random.ts";
import { goldenElements } from "../workload/golden.ts";
import type { ComputeLayer, Operand } from "../workload/layer.ts";
import type { LoweredValues } from "../workload/lowered-values.ts";
import { latticeOperand, loweredValues, quantised } from "../workload/lowered-values.ts";
import type { Grouping, MatrixProduct } from "../workload/lowering.ts";
import type { CheckOutcome } from "./result.ts";

export type CheckMode = "all" | "sample" | "off";

/** Outputs compared in a sample. */
const sampleSize = 3;
/** Layers of at most this many multiply-accumulates are compared whole in `sample` mode too. */
const smallLayer = 2 ** 12;
/** Most multiply-accumulates that `all` evaluates before it samples instead. */
const largestWhole = 2 ** 30;

/** Number formats that values are carried in. */
export interface CarriedFormats {
  readonly operand: NumberFormat;
  readonly accumulator: NumberFormat;
}

/** How a machine comes to its outputs. */
export interface Carrier extends CarriedFormats {
  readonly grouping: Grouping;
  /** Output (m, n) of product p, summed in the machine's order. */
  readonly output: (values: LoweredValues, units: Arithmetic, p: number, m: number, n: number) => number;
}

/**
 * Largest operand magnitude for which every partial sum is exact in a Number and products fit the operand format; 0
 * where K is so large that there is none.
 */
function magnitudeFor(formats: CarriedFormats, K: number): number {
  // float32 sums of small integers are exact below 2^24, so that they can be compared without a tolerance.
  const limit = formats.accumulator === "float32" ? 2 ** 24 : 2 ** 53;
  return Math.min(formats.operand === "int8" ? 127 : 2 ** 15 - 1, Math.floor(Math.sqrt((limit - 1) / K)));
}

/** The longest sequences asked for so far: layers differ in how they read them, not in their values. */
const sequences = new Map<string, Int16Array>();

/**
 * At least `length` seeded integers of magnitude 1 to `magnitude` (below 2^15), or 0 with probability 1 - density.
 * Element i does not depend on what was asked for before.
 */
function randomSequence(
  seed: number,
  which: "A" | "B",
  density: number,
  magnitude: number,
  length: number,
): Int16Array {
  const name = `${seed} ${which} ${density} ${magnitude}`;
  const known = sequences.get(name) ?? new Int16Array(0);
  if (known.length >= length) return known;
  const key = keyOf(deriveSeed(seed, "lattice", which));
  const values = new Int16Array(Math.max(length, 2 * known.length, 4096));
  values.set(known);
  for (let i = known.length; i < values.length; i++) {
    const word = randomWord(key, 0, i);
    // Sixteen bits decide whether the element is zero, the others its value and sign.
    const value = (word & 0xffff) < density * 0x10000 ? 1 + ((word >>> 17) % magnitude) : 0;
    values[i] = ((word >>> 16) & 1) === 0 ? value : -value;
  }
  sequences.set(name, values);
  return values;
}

export interface LayerOperands {
  readonly A: Operand;
  readonly B: Operand;
}

/**
 * The operands that a layer is run on: its own values quantised to the machine's format, or seeded ones, of magnitude
 * `mostSeeded` at most. Undefined where no values would give exact sums, or where seeded ones would be huge.
 */
export function operandsOf(
  layer: ComputeLayer,
  product: MatrixProduct,
  formats: CarriedFormats,
  seed: number,
  mostSeeded = Infinity,
): LayerOperands | undefined {
  const magnitude = magnitudeFor(formats, product.K);
  if (magnitude === 0) return undefined;
  const operand = (which: "A" | "B"): Operand | undefined => {
    const own = layer.values?.[which];
    if (own !== undefined) return quantised(own, magnitude);
    return latticeOperand(layer.operation, which, (length) =>
      randomSequence(seed, which, layer.density[which], Math.min(magnitude, mostSeeded), length),
    );
  };
  const A = operand("A");
  const B = operand("B");
  return A === undefined || B === undefined ? undefined : { A, B };
}

/**
 * One output in the machine's order. With a stationary operand the sums of a fold of `rows` values of k flow down the
 * array and the folds are joined in the accumulators; stationary outputs accumulate k in order.
 */
export function machineOutput(
  values: LoweredValues,
  mapping: GridMapping,
  rows: number,
  K: number,
  units: Arithmetic,
  p: number,
  m: number,
  n: number,
): number {
  const fold = mapping.stationary === "outputs" ? K : rows;
  let total = 0;
  for (let start = 0; start < K; start += fold) {
    const end = Math.min(K, start + fold);
    let sum = 0;
    for (let k = start; k < end; k++) sum = units.multiplyAdd(sum, values.a(p, m, k), values.b(p, k, n));
    total = start === 0 ? sum : units.add(total, sum);
  }
  return total;
}

/**
 * Compares a layer's outputs with the golden evaluator's. A difference is a defect of the model, not of the input, and
 * throws a plain Error that says where.
 */
export function checkLayer(
  layer: ComputeLayer,
  product: MatrixProduct,
  carrier: Carrier,
  mode: CheckMode,
  seed: number,
): CheckOutcome {
  if (mode === "off") return "off";
  const operands = operandsOf(layer, product, carrier, seed);
  if (operands === undefined) return "off";
  const { M, N, K, count } = product;
  const outputs = M * N * count;
  const whole = outputs * K <= (mode === "all" ? largestWhole : smallLayer);
  const key = keyOf(deriveSeed(seed, layer.name, "sample"));
  const picks = whole ? outputs : Math.min(outputs, mode === "all" ? 1024 : sampleSize);
  const values = loweredValues(layer.operation, carrier.grouping, operands.A, operands.B);
  const units = arithmetic[carrier.accumulator];
  const indices = new Float64Array(picks);
  const machine = new Float64Array(picks);
  for (let i = 0; i < picks; i++) {
    // 53 random bits over the outputs: their number can exceed 32 bits.
    const pick = whole
      ? i
      : Math.floor(((randomWord(key, 0, i) * 2 ** 21 + (randomWord(key, 1, i) >>> 11)) / 2 ** 53) * outputs);
    const p = Math.floor(pick / (M * N));
    const m = Math.floor(pick / N) % M;
    const n = pick % N;
    indices[i] = values.outputIndex(p, m, n);
    machine[i] = carrier.output(values, units, p, m, n);
  }
  const golden = goldenElements(layer.operation, operands.A, operands.B, indices, "integer");
  for (let i = 0; i < picks; i++) {
    // Narrow accumulators wrap: the golden sum is brought into their range the same way.
    const expected = units.add(golden[i] ?? 0, 0);
    if (machine[i] !== expected) {
      throw new Error(
        `layer ${layer.name}: output ${indices[i]} is ${machine[i]} on the machine and ${expected} in the golden evaluator`,
      );
    }
  }
  return whole ? "exact" : "sampled";
}
