// Threads that do the tasks of a run, and memory that they share: operands are handed over without a copy for each task.

import type { SparseMatrix } from "../tensor/sparse-matrix.ts";
import type { TensorData } from "../tensor/tensor.ts";
import type { ComputeLayer, Operand } from "../workload/layer.ts";
import type { Answer, Task } from "./task.ts";

export interface Crew {
  readonly perform: (task: Task, signal?: AbortSignal) => Promise<Answer>;
  /** Ends the threads. */
  readonly dismiss: () => Promise<void>;
}

/** Starts that many threads for the tasks of one run. */
export async function hireCrew(threads: number): Promise<Crew> {
  const { Piscina } = await import("piscina");
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  const pool = new Piscina<Task, Answer>({
    filename: new URL(`./run-worker.${extension}`, import.meta.url).href,
    // All from the start: there is work for each, and starting one takes as long as a small layer.
    minThreads: threads,
    maxThreads: threads,
  });
  return {
    perform: (task, signal) => pool.run(task, signal === undefined ? {} : { signal }),
    dismiss: () => pool.destroy(),
  };
}

/** The layer with its values, if any, in memory that threads share. */
export function sharedLayer(layer: ComputeLayer): ComputeLayer {
  const { sparse, values } = layer;
  if (sparse !== undefined) {
    const A = sharedMatrix(sparse.A);
    return { ...layer, sparse: { A, B: sparse.B === sparse.A ? A : sharedMatrix(sparse.B) } };
  }
  if (values === undefined) return layer;
  const { A, B } = values;
  const shared = {
    ...(A === undefined ? {} : { A: sharedOperand(A) }),
    ...(B === undefined ? {} : { B: sharedOperand(B) }),
  };
  return { ...layer, values: shared };
}

/** The matrix in memory that threads share; as it is where it lies there. */
export function sharedMatrix({ rows, columns, rowStart, column, value }: SparseMatrix): SparseMatrix {
  const pattern = { rows, columns, rowStart: sharedWords(rowStart), column: sharedWords(column) };
  if (value === undefined) return pattern;
  if (value.buffer instanceof SharedArrayBuffer) return { ...pattern, value };
  const reals = new Float64Array(new SharedArrayBuffer(value.byteLength));
  reals.set(value);
  return { ...pattern, value: reals };
}

function sharedWords(words: Uint32Array): Uint32Array {
  if (words.buffer instanceof SharedArrayBuffer) return words;
  const shared = new Uint32Array(new SharedArrayBuffer(words.byteLength));
  shared.set(words);
  return shared;
}

const sharedOperand = ({ tensor, strides }: Operand): Operand => ({
  tensor: { ...tensor, data: sharedData(tensor.data) },
  strides,
});

function sharedData(data: TensorData): TensorData {
  const buffer = new SharedArrayBuffer(data.byteLength);
  const shared = viewLike(data, buffer);
  shared.set(data);
  return shared;
}

function viewLike(data: TensorData, buffer: SharedArrayBuffer): TensorData {
  if (data instanceof Int8Array) return new Int8Array(buffer);
  if (data instanceof Uint8Array) return new Uint8Array(buffer);
  if (data instanceof Int16Array) return new Int16Array(buffer);
  return data instanceof Int32Array ? new Int32Array(buffer) : new Float32Array(buffer);
}
