// Every step finds in the buffers what it uses, no buffer ever overflows, and the schedule's bytes are those of the
// elements that move: against a walk that knows nothing of the schedule's byte counts.

import fc from "fast-check";
import { expect, test } from "vitest";
import { InputError } from "../base/error.ts";
import { planGrid } from "../dataflow/grid.ts";
import type { GridPlan } from "../dataflow/grid.ts";
import type { GridMachine } from "../dataflow/grid-machine.ts";
import { expand } from "../dataflow/program.ts";
import { technology } from "../technology/technologies.ts";
import { lower } from "../workload/lowering.ts";
import { machineArbitrary, mappingArbitrary, operationArbitrary } from "../../test/support/machines.ts";
import { piecesOf, walkOccupancy } from "../../test/support/occupancy.ts";
import type { GridBasedMachine } from "./machine.ts";
import { prepareGridMachine } from "./grid/prepare-grid.ts";

const price = technology("45nm");

/** Buffers that often hold a strip or a tile only, and sometimes not even that. */
const tight = (machine: GridBasedMachine): fc.Arbitrary<GridBasedMachine> => {
  const size = fc.integer({ min: 2, max: 220 });
  return fc.record({ weightBuffer: size, inputBuffer: size, sumBuffer: size }).map((sizes) => {
    const components = { ...machine.components };
    for (const [name, bytes] of Object.entries(sizes)) {
      const part = components[name];
      if (part?.kind !== "sram") throw new Error(`no ${name}`);
      components[name] = { ...part, banks: 1, portBits: 8, bytes: part.bytes === 100_000 ? part.bytes : bytes };
    }
    return { ...machine, components };
  });
};

const cases = fc.tuple(operationArbitrary, mappingArbitrary).chain(([operation, mapping]) =>
  machineArbitrary(mapping)
    .chain((machine) => fc.oneof(fc.constant(machine), { weight: 3, arbitrary: tight(machine) }))
    .map((machine) => ({ operation, mapping, machine })),
);

const total = (bytes: readonly number[]): number => bytes.reduce((sum, value) => sum + value, 0);

test("no step uses what was not fetched, no buffer overflows, and transfers are the bytes of what moves", () => {
  let walked = 0;
  fc.assert(
    fc.property(cases, ({ operation, mapping, machine }) => {
      const product = lower(operation, mapping.grouping);
      let gridMachine: GridMachine;
      let plan: GridPlan;
      try {
        ({ gridMachine } = prepareGridMachine(machine, price));
        plan = planGrid(product, gridMachine, mapping);
      } catch (error) {
        if (error instanceof InputError) return;
        throw error;
      }
      walked++;
      const walk = walkOccupancy(
        operation,
        product,
        gridMachine,
        mapping,
        piecesOf(product, plan, gridMachine, mapping),
      );
      const steps = [...expand(plan.program.nodes)];
      const scheduled = {
        A: steps.map((step) => step.fetchA),
        B: steps.map((step) => step.fetchB),
        C: steps.map((step) => step.fetchC),
      };
      for (const operand of ["A", "B", "C"] as const) {
        const { fetch, held, write, leaving, limit } = walk[operand];
        const { bytes } = gridMachine.routes[operand].bufferMemory;
        // What a step holds, beside it what the next one's fetch fills or what the one before has still to write.
        const occupied = held.map((own, i) => own + Math.max(fetch[i + 1] ?? 0, leaving[i - 1] ?? 0));
        expect(Math.max(...held), `${operand} of one step`).toBeLessThanOrEqual(limit);
        expect(Math.max(...occupied), `${operand} of neighbouring steps`).toBeLessThanOrEqual(bytes);
        expect(scheduled[operand], `${operand} fetched by step`).toEqual(fetch);
        expect(plan.transfers[operand].fetch, `${operand} fetched`).toBe(total(fetch));
        expect(plan.transfers[operand].write, `${operand} written`).toBe(total(write));
      }
      expect(steps.map((step) => step.writeC)).toEqual(walk.C.write);
    }),
    { numRuns: 6000 },
  );
  expect(walked).toBeGreaterThan(3500);
}, 120_000);
