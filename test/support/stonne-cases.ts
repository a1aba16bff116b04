// The recorded runs of the STONNE core behind an ideal memory and behind SST's cache, with their operands drawn again,
// and Flexagon as simulated in their configuration.

import { z } from "zod";
import { acceleratorNamed } from "../../src/accelerator/accelerators.ts";
import { bankedCache } from "../../src/component/memory/banked-cache.ts";
import { productMachineAt, productParts } from "../../src/dataflow/product/parts.ts";
import type { ProductMachine } from "../../src/dataflow/product/product.ts";
import type { ProductDataflow } from "../../src/mapping/product-mapping.ts";
import { prepareMachine } from "../../src/simulate/prepare-machine.ts";
import { technology } from "../../src/technology/technologies.ts";
import type { SparseMatrix } from "../../src/tensor/sparse-matrix.ts";
import { sparseFromDense } from "../../src/tensor/sparse-matrix.ts";

export const stonneFile = "reference/stonne_cases.json";

const count = z.number().int();

const recorded = z.object({
  id: z.string(),
  M: count,
  N: count,
  K: count,
  density_A: z.number(),
  density_B: z.number(),
  seed_A: count,
  seed_B: count,
  config: z.string(),
  inputs: z.object({ A_nnz: count, B_nnz: count }),
});

const counters = z.object({
  cycles: count,
  N_cycles_multiplying: count,
  N_cycles_merging: count,
  N_SRAM_weight_reads: count,
  N_SRAM_input_reads: count,
  N_SRAM_psum_reads: count,
  N_SRAM_psum_writes: count,
  N_DRAM_psum_writes: count,
  multiplications: count,
  correct: z.literal(true),
});

const standaloneCase = recorded.extend({
  mem_latency: count,
  result: counters.extend({
    loads: count,
    stores: count,
    N_reconfigurations: count,
    as_2_1_sums: count.optional(),
    as_3_1_sums: count.optional(),
  }),
});

const cachedCase = recorded.extend({
  memory: z.object({ cache: z.string(), assoc: z.literal(16), line: z.literal(128), banks: z.literal(32) }),
  result: counters.extend({ "l1cache.CacheMisses": count, "memory.requests_received_GetS": count }),
});

export const stonneCases = z.object({
  flexagon_standalone_cases: z.array(standaloneCase),
  flexagon_sst_cases: z.array(cachedCase),
});

export type StandaloneCase = z.infer<typeof standaloneCase>;
export type CachedCase = z.infer<typeof cachedCase>;

/** The generator that drew the recorded operands; numbers from 0 to 1. */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

function drawn(rows: number, columns: number, density: number, seed: number): SparseMatrix {
  const draw = mulberry32(seed);
  const data = Float64Array.from({ length: rows * columns }, () => {
    const [place, value] = [draw(), draw()];
    return place < density ? 1 + Math.floor(9 * value) : 0;
  });
  return sparseFromDense({ data, rows, columns, strides: [columns, 1] });
}

/** Throws Error when the operands do not have the recorded numbers of entries. */
export function operandsOf(one: StandaloneCase | CachedCase): { readonly A: SparseMatrix; readonly B: SparseMatrix } {
  const A = drawn(one.M, one.K, one.density_A, one.seed_A);
  const B = drawn(one.K, one.N, one.density_B, one.seed_B);
  if (A.column.length !== one.inputs.A_nnz || B.column.length !== one.inputs.B_nnz) {
    throw new Error(`${one.id}: other operands than the recorded ones`);
  }
  return { A, B };
}

const dataflowOf: Readonly<Record<string, ProductDataflow>> = { ip: "inner", op: "outer", gust: "gustavson" };

/** Dataflow and number of multipliers of a case. */
export function configurationOf({ id, config }: StandaloneCase | CachedCase): {
  readonly dataflow: ProductDataflow;
  readonly multipliers: number;
} {
  const dataflow = dataflowOf[/^(?:flex|sst)_([a-z]+)_/.exec(id)?.[1] ?? ""];
  const multipliers = Number(/ms_size=(\d+)/.exec(config)?.[1]);
  if (dataflow === undefined || !(multipliers > 0)) throw new Error(`${id}: unreadable configuration`);
  return { dataflow, multipliers };
}

/** Flexagon as simulated with another number of multipliers, each with a port of its own. */
export function simulatedMachine(multipliers: number): ProductMachine {
  const { machine } = acceleratorNamed("flexagon-simulated").configure({
    multipliers,
    distributionWidth: multipliers,
  });
  const prepared = prepareMachine(machine, technology(machine.technology));
  if (prepared.kind !== "product") throw new Error("not a machine for sparse products");
  if (prepared.machine.engine !== "array") throw new Error("not an array of multipliers");
  const { machine: description, dram } = prepared;
  const parts = productParts(description.components, description.paths);
  return productMachineAt(parts, description, dram, 1e9);
}

/** The same machine behind a memory that answers all loads of a step in `latency` cycles, whatever they are. */
export function idealMachine(multipliers: number, words: number, latency: number): ProductMachine {
  const banks = 2 ** Math.ceil(Math.log2(words));
  return {
    ...simulatedMachine(multipliers),
    distributionWidth: Infinity,
    // A bank for each word, which serves all that ask for it at once.
    cache: bankedCache({
      bytes: 4 * banks,
      lineBytes: 4,
      ways: 1,
      banks,
      wordBytes: 4,
      wordsPerBank: Infinity,
      hitCycles: latency - 1,
      missCycles: latency - 1,
      addressBits: 32,
    }),
  };
}
