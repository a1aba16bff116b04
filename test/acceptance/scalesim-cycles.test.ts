// The grid against SCALE-Sim where both model the same machine: compute cycles and buffer reads of its dense runs. Its
// printed cycles are one less (it reports the index of the last cycle) and its stalls are taken out.

import { expect, test } from "vitest";
import { z } from "zod";
import { acceleratorNamed } from "../../src/accelerator/accelerators.ts";
import { prepareMachine } from "../../src/simulate/prepare-machine.ts";
import { simulateLayer } from "../../src/simulate/simulate-layer.ts";
import { technology } from "../../src/technology/technologies.ts";
import { parseWorkloadSpecification } from "../../src/workload/specification.ts";
import { hasShared, needs, sharedJson } from "./shared.ts";

const file = "reference/scalesim_cases.json";

const reference = z.object({
  cases: z.array(
    z.object({
      id: z.string(),
      gemm: z.object({ M: z.number(), N: z.number(), K: z.number() }),
      dataflow: z.enum(["os", "ws", "is"]),
      array: z.tuple([z.number(), z.number()]),
      total_cycles: z.number(),
      stall_cycles: z.number(),
      sram: z.object({ ifmap_reads: z.number(), filter_reads: z.number() }),
      sparsity: z.unknown().optional(),
    }),
  ),
});

const dataflows = { os: "output-stationary", ws: "weight-stationary", is: "input-stationary" } as const;

test.skipIf(!hasShared(file))(`cycles and reads of every dense SCALE-Sim case${needs(file)}`, () => {
  const dense = reference.parse(sharedJson(file)).cases.filter((one) => one.sparsity === undefined);
  expect(dense.length).toBeGreaterThan(60);
  for (const one of dense) {
    const { machine } = acceleratorNamed("systolic").configure({
      rows: one.array[0],
      columns: one.array[1],
      dataflow: dataflows[one.dataflow],
      operand: "int8",
      accumulator: "int32",
      "buffers.sums": 2 ** 33,
    });
    // SCALE-Sim's M counts output pixels and its N filters; here A holds the filters.
    const network = parseWorkloadSpecification(`gemm:M=${one.gemm.N},N=${one.gemm.M},K=${one.gemm.K}`);
    const layer = network?.layers[0];
    if (layer?.kind !== "compute") throw new Error(`no layer for ${one.id}`);
    const result = simulateLayer(layer, prepareMachine(machine, technology("45nm")), {
      objective: "cycles",
      check: "off",
      auditPercent: 0,
      seed: 1,
    });
    expect({ id: one.id, cycles: result.cycles - 1 }).toEqual({
      id: one.id,
      cycles: one.total_cycles - one.stall_cycles,
    });
    expect(result.traffic["inputBuffer"]?.operands.B.read).toBe(one.sram.ifmap_reads);
    expect(result.traffic["weightBuffer"]?.operands.A.read).toBe(one.sram.filter_reads);
  }
});
