// Counts rounds of one layer's operands, sixteen bytes at a time where WebAssembly has vectors, else word by word.

import { addRounds } from "./packed.ts";
import type { PackedLayout, PackedOperand } from "./packed.ts";
import { vectorModule } from "./vector-module.ts";

export interface RoundCounter {
  /** Cycles of each unit, to which rounds are added; the caller may change them. */
  readonly unitCycles: Float64Array;
  /** Says which units the rounds from now on are of: the first `count` of `units`. */
  use(units: Int32Array, count: number): void;
  /** A round of the units in use, from these addresses on; returns the ones of all lanes. */
  add(baseA: number, baseB: number): number;
}

/** Word by word: runs everywhere, and is the reference of the other one. */
export function wordCounter(layout: PackedLayout, A: PackedOperand, B: PackedOperand): RoundCounter {
  const unitCycles = new Float64Array(A.offsets.length);
  let units = new Int32Array(0);
  let count = 0;
  return {
    unitCycles,
    use(list, length) {
      units = list.slice(0, length);
      count = length;
    },
    add: (baseA, baseB) => addRounds(layout, A, baseA, B, baseB, units, count, unitCycles),
  };
}

/** What of WebAssembly is used; the language's library has no types for it. */
declare const WebAssembly:
  | {
      readonly Memory: new (size: { initial: number }) => { readonly buffer: ArrayBuffer };
      readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
      readonly Instance: new (
        module: object,
        imports: Readonly<Record<string, Readonly<Record<string, object>>>>,
      ) => { readonly exports: Readonly<Record<string, unknown>> };
      readonly validate: (bytes: Uint8Array<ArrayBuffer>) => boolean;
    }
  | undefined;

type VectorRounds = (...parameters: readonly number[]) => number;

const isVectorRounds = (value: unknown): value is VectorRounds => typeof value === "function";

/** Compiled once it is needed; `missing` where vectors are not to be had. */
let compiled: object | "missing" | undefined;

const pageBytes = 65_536;

/**
 * Sixteen bytes at a time; undefined without WebAssembly vectors, or for a layout in single words.
 */
export function vectorCounter(layout: PackedLayout, A: PackedOperand, B: PackedOperand): RoundCounter | undefined {
  if (typeof WebAssembly === "undefined" || layout.group !== 4) return undefined;
  const bytes = compiled === undefined ? vectorModule() : undefined;
  if (bytes !== undefined) compiled = WebAssembly.validate(bytes) ? new WebAssembly.Module(bytes) : "missing";
  if (compiled === undefined || compiled === "missing") return undefined;

  const units = A.offsets.length;
  let size = 0;
  const place = (length: number): number => {
    const at = size;
    size += Math.ceil(length / 16) * 16;
    return at;
  };
  const wordsA = place(4 * A.words.length);
  const wordsB = place(4 * B.words.length);
  const offsetsA = place(4 * units);
  const offsetsB = place(4 * units);
  const list = place(4 * units);
  const cycles = place(8 * units);
  const memory = new WebAssembly.Memory({ initial: Math.ceil(size / pageBytes) });
  const { exports } = new WebAssembly.Instance(compiled, { lanes: { memory } });
  const rounds = exports[`rounds${layout.field}`];
  if (!isVectorRounds(rounds)) return undefined;
  const { buffer } = memory;
  new Int32Array(buffer, wordsA, A.words.length).set(A.words);
  new Int32Array(buffer, wordsB, B.words.length).set(B.words);
  new Int32Array(buffer, offsetsA, units).set(A.offsets);
  new Int32Array(buffer, offsetsB, units).set(B.offsets);
  const used = new Int32Array(buffer, list, units);
  const vectors = layout.words / layout.group;
  const [stepA, stepB] = [16 * A.step, 16 * B.step];
  let count = 0;
  return {
    unitCycles: new Float64Array(buffer, cycles, units),
    use(active, length) {
      used.set(active.subarray(0, length));
      count = length;
    },
    add: (baseA, baseB) =>
      rounds(vectors, wordsA + 4 * baseA, offsetsA, stepA, wordsB + 4 * baseB, offsetsB, stepB, list, count, cycles),
  };
}
