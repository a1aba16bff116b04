// The closed forms against the stepped machine, cycle for cycle and event for event, on random layers and machines.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InputError } from "../../base/error.ts";
import { exactWhen, systolicGrid, tileCycles } from "../../component/systolic-grid.ts";
import { planGrid } from "../../dataflow/grid.ts";
import type { AnyComponent } from "../../dataflow/route.ts";
import { technology } from "../../technology/technologies.ts";
import { lower } from "../../workload/lowering.ts";
import type { ComputeOperation } from "../../workload/layer.ts";
import { overlapCycles } from "./overlap.ts";
import { channelAt, prepareGridMachine } from "./prepare-grid.ts";
import type { SteppedResult } from "./stepped-machine.ts";
import { stepMachine } from "./stepped-machine.ts";
import {
  machineArbitrary,
  mappingArbitrary,
  matmulArbitrary,
  operationArbitrary,
} from "../../../test/support/machines.ts";
import type { GridBasedMachine } from "../machine.ts";
import type { GridMapping } from "../../mapping/grid-mapping.ts";

const price = technology("45nm");

/** Small non-trivial values that depend on every index. */
const a = (p: number, m: number, k: number): number => ((p * 31 + m * 7 + k * 3) % 11) - 5;
const b = (p: number, k: number, n: number): number => ((p * 17 + k * 5 + n * 13) % 9) - 4;

interface Case {
  readonly operation: ComputeOperation;
  readonly mapping: GridMapping;
  readonly machine: GridBasedMachine;
}

const cases = (operation: fc.Arbitrary<ComputeOperation>): fc.Arbitrary<Case> =>
  fc
    .tuple(operation, mappingArbitrary)
    .chain(([layer, mapping]) => machineArbitrary(mapping).map((machine) => ({ operation: layer, mapping, machine })));

function runBoth({ operation, mapping, machine }: Case) {
  const prepared = prepareGridMachine(machine, price);
  const product = lower(operation, mapping.grouping);
  const plan = planGrid(product, prepared.gridMachine, mapping);
  const channel = channelAt(prepared, mapping.clock);
  const stepped: SteppedResult = stepMachine(product, plan, prepared.gridMachine.grid, mapping, channel, { a, b });
  return { product, plan, cycles: overlapCycles(plan.program, channel), stepped };
}

/** Undefined where a buffer is too small for the layer, which is said, not simulated. */
function tryBoth(one: Case) {
  try {
    return runBoth(one);
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}

describe("the closed forms equal the stepped machine", () => {
  test("the grid promises to be exact everywhere, so every case counts", () => {
    expect(exactWhen()).toBe(true);
  });

  test("cycles, events, buffer accesses and values on 2,500 random layers and machines", () => {
    let compared = 0;
    fc.assert(
      fc.property(cases(operationArbitrary), (one) => {
        const both = tryBoth(one);
        if (both === undefined) return;
        compared++;
        const { product, plan, cycles, stepped } = both;
        expect(stepped.cycles).toBe(cycles);
        expect(stepped.events).toEqual(plan.events);
        const direct = one.machine.paths.B === "inputBuffer > grid";
        expect(stepped.words.A * 8).toBe(plan.buffers.A.read);
        expect(stepped.words.B * 8).toBe(plan.buffers.B.read);
        expect(plan.buffers.A.write).toBe(plan.transfers.A.fetch * 8);
        expect(plan.buffers.B.write).toBe(direct ? 0 : plan.transfers.B.fetch * 8);
        const sumBits = one.mapping.stationary === "outputs" ? 8 : 32;
        // Results are read at the width at which they were kept.
        const drained = plan.transfers.C.write * 8 + product.M * product.N * product.count * (sumBits - 8);
        expect(stepped.words.sumsWritten * sumBits).toBe(plan.buffers.C.write - plan.transfers.C.fetch * 8);
        expect(stepped.words.sumsRead * sumBits).toBe(plan.buffers.C.read - drained);
        expect(stepped.words.sumsRead).toBe(plan.accumulations);
        for (let p = 0, at = 0; p < product.count; p++) {
          for (let m = 0; m < product.M; m++) {
            for (let n = 0; n < product.N; n++, at++) {
              let sum = 0;
              for (let k = 0; k < product.K; k++) sum += a(p, m, k) * b(p, k, n);
              if (stepped.output[at] !== sum) expect(stepped.output[at]).toBe(sum);
            }
          }
        }
      }),
      { numRuns: 3200 },
    );
    expect(compared).toBeGreaterThanOrEqual(2500);
  }, 120_000);

  test("one tile takes 2R + C + T - 2, T + R + C - 2 and R + R/k + C/k + T - 2 cycles", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 12 }),
        fc.constantFrom(1, 2, 3, 4),
        (rows, columns, vectors, collapse) => {
          const grid = systolicGrid({
            rows,
            columns,
            operand: "int8",
            accumulator: "int32",
            preload: "exposed",
            unitAreaFactor: 1,
          });
          const tall = Math.ceil(rows / collapse);
          const wide = Math.ceil(columns / collapse);
          expect(tileCycles(grid, { stationary: "weights", collapse }, vectors)).toBe(rows + tall + wide + vectors - 2);
          expect(tileCycles(grid, { stationary: "outputs", collapse: 1 }, vectors)).toBe(vectors + rows + columns - 2);
          if (collapse === 1) {
            expect(tileCycles(grid, { stationary: "inputs", collapse }, vectors)).toBe(
              2 * rows + columns + vectors - 2,
            );
          }
        },
      ),
    );
  });
});

test("with plenty of memory every fold of the stepped machine takes as long as the formula says", () => {
  let compared = 0;
  fc.assert(
    fc.property(cases(matmulArbitrary), (one) => {
      const { plan, stepped } = runBoth({ ...one, machine: plenty(one.machine) });
      compared++;
      const grid = one.machine.components["grid"];
      if (grid?.kind !== "systolicGrid") throw new Error("no grid");
      expect(stepped.cycles).toBe(tileCycles(grid, one.mapping, 0) * plan.tiles + plan.vectors);
    }),
    { numRuns: 500 },
  );
  expect(compared).toBe(500);
});

/** The same array, loaded tile by tile, with memories that never hold it up. */
function plenty(machine: GridBasedMachine): GridBasedMachine {
  const roomy = (part: AnyComponent): AnyComponent => {
    switch (part.kind) {
      case "dram":
        return { ...part, bandwidth: Infinity, latency: 0 };
      case "sram":
        return { ...part, bytes: 1_000_000, portBits: 512 };
      case "systolicGrid":
        return { ...part, preload: "exposed" };
      default:
        return part;
    }
  };
  return {
    ...machine,
    components: Object.fromEntries(Object.entries(machine.components).map(([name, part]) => [name, roomy(part)])),
  };
}
