// Conservation laws of a simulated layer on random layers and machines.

import fc from "fast-check";
import { expect, test } from "vitest";
import { InputError } from "../base/error.ts";
import { dram } from "../component/memory/dram.ts";
import { sram } from "../component/memory/sram.ts";
import { systolicGrid } from "../component/systolic-grid.ts";
import { technology } from "../technology/technologies.ts";
import { tensor } from "../tensor/tensor.ts";
import { effectualMacs } from "../workload/effectual.ts";
import { goldenOutput, plainOperand } from "../workload/golden.ts";
import type { ComputeLayer, ComputeOperation, Conv2d } from "../workload/layer.ts";
import { loweredValues } from "../workload/lowered-values.ts";
import { lower } from "../workload/lowering.ts";
import { convolutionOutput, elementCount, operandShapes } from "../workload/shapes.ts";
import type { GridBasedMachine } from "./machine.ts";
import type { LayerResult } from "./result.ts";
import { prepareMachine } from "./prepare-machine.ts";
import { simulateLayer } from "./simulate-layer.ts";
import { machineArbitrary, mappingArbitrary, operationArbitrary } from "../../test/support/machines.ts";

const price = technology("45nm");

const shapeLayer = (operation: ComputeOperation, density = { A: 1, B: 1 }): ComputeLayer => ({
  kind: "compute",
  name: "layer",
  operation,
  weightsConstant: true,
  density,
  densitySource: { A: "given", B: "given" },
});

/** The same operation with values, a given share of them zero. */
function valuedLayer(operation: ComputeOperation, seeds: { A: number; B: number }): ComputeLayer {
  const shapes = operandShapes(operation);
  const operand = (which: "A" | "B") => {
    const count = elementCount(shapes[which], which);
    const data = Int8Array.from({ length: count }, (_, i) =>
      (i * 7 + seeds[which]) % 5 < 2 ? 0 : ((i * 11 + seeds[which]) % 13) - 6,
    );
    return plainOperand(tensor("int8", [...shapes[which]], data));
  };
  return { ...shapeLayer(operation), values: { A: operand("A"), B: operand("B") } };
}

const cases = fc
  .tuple(operationArbitrary, mappingArbitrary)
  .chain(([operation, mapping]) => machineArbitrary(mapping).map((machine) => ({ operation, mapping, machine })));

function simulate(
  layer: ComputeLayer,
  machine: GridBasedMachine,
  check: "all" | "off" = "off",
): LayerResult | undefined {
  try {
    return simulateLayer(layer, prepareMachine(machine, price), {
      objective: "cycles",
      check,
      auditPercent: 0,
      seed: 3,
    });
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}

const sum = (values: Readonly<Record<string, number>>): number =>
  Object.values(values).reduce((total, value) => total + value, 0);

test("stack sums to cycles, energy to its components, MACs and bytes are conserved, bounds hold", () => {
  let simulated = 0;
  fc.assert(
    fc.property(cases, fc.double({ min: 0.1, max: 1, noNaN: true }), ({ operation, mapping, machine }, density) => {
      const result = simulate(shapeLayer(operation, { A: density, B: 1 }), machine);
      const grid = machine.components["grid"];
      const memory = machine.components["dram"];
      if (result === undefined || grid?.kind !== "systolicGrid" || memory?.kind !== "dram") return;
      simulated++;
      expect(sum(result.stack)).toBeCloseTo(result.cycles, 6);
      for (const cycles of Object.values(result.stack)) expect(cycles).toBeGreaterThanOrEqual(-1e-9);
      expect(sum(result.energy.components)).toBeCloseTo(result.energy.total, 18);
      const { dense, effectual, executed, skipped, gated } = result.macs;
      expect(executed + skipped + gated).toBe(dense);
      expect(effectual).toBeLessThanOrEqual(dense);
      expect(result.counts["grid.multiplyAccumulate"]).toBe(dense + (result.counts["grid.structuralZeroMac"] ?? 0));
      const product = lower(operation, mapping.grouping);
      const dram = result.traffic["dram"];
      if (dram === undefined) throw new Error("no dram");
      expect(dram.operands.A.read).toBeGreaterThanOrEqual(product.M * product.K * product.count);
      if (machine.paths.B.startsWith("dram")) {
        expect(dram.operands.B.read).toBeGreaterThanOrEqual(product.inputElements * product.count);
      }
      expect(dram.operands.C.write).toBeGreaterThanOrEqual(product.M * product.N * product.count);
      const bytes = dram.read + dram.write;
      expect(result.cycles).toBeGreaterThanOrEqual(dense / (grid.rows * grid.columns));
      expect(result.seconds * (1 + 1e-12)).toBeGreaterThanOrEqual(
        memory.bandwidth === Infinity ? 0 : bytes / memory.bandwidth,
      );
      expect(result.utilisation).toBeLessThanOrEqual(1 + 1e-12);
    }),
    { numRuns: 1500 },
  );
  expect(simulated).toBeGreaterThan(700);
});

test("halving any buffer never lowers traffic under the same mapping", () => {
  let compared = 0;
  fc.assert(
    fc.property(
      cases,
      fc.constantFrom("weightBuffer", "inputBuffer", "sumBuffer"),
      ({ operation, mapping, machine }, buffer) => {
        const whole = { ...mapping, streaming: "whole" } as const;
        const part = machine.components[buffer];
        if (part?.kind !== "sram") return;
        const full = { ...machine, mappings: { only: whole } };
        const halved = {
          ...full,
          components: { ...machine.components, [buffer]: { ...part, bytes: Math.floor(part.bytes / 2) } },
        };
        const before = simulate(shapeLayer(operation), full)?.traffic["dram"];
        const after = simulate(shapeLayer(operation), halved)?.traffic["dram"];
        if (before === undefined || after === undefined) return;
        compared++;
        for (const operand of ["A", "B", "C"] as const) {
          expect(after.operands[operand].read).toBeGreaterThanOrEqual(before.operands[operand].read);
          expect(after.operands[operand].write).toBeGreaterThanOrEqual(before.operands[operand].write);
        }
      },
    ),
    { numRuns: 1500 },
  );
  expect(compared).toBeGreaterThan(500);
});

test("waiting for a free half of a buffer is told from loading that does not hide", () => {
  const buffer = (bytes: number) => sram({ bytes, banks: 1, portBits: 512, doubleBuffered: true });
  const machine = (sumBytes: number): GridBasedMachine => ({
    name: "narrow",
    components: {
      dram: dram({ memory: "HBM2", bandwidth: Infinity, latency: 0 }),
      weightBuffer: buffer(1000),
      inputBuffer: buffer(1000),
      sumBuffer: buffer(sumBytes),
      grid: systolicGrid({
        rows: 2,
        columns: 8,
        operand: "int8",
        accumulator: "int32",
        preload: "hidden",
        unitAreaFactor: 1,
      }),
    },
    paths: { A: "dram > weightBuffer > grid", B: "dram > inputBuffer > grid", C: "dram > sumBuffer > grid" },
    output: "int8",
    mappings: {
      only: {
        kind: "grid",
        stationary: "weights",
        collapse: 1,
        clock: 1e9,
        grouping: "per-group",
        streaming: "whole",
      },
    },
    technology: "45nm",
  });
  const layer = shapeLayer({ operator: "matmul", batch: 1, M: 8, N: 20, K: 2 });
  // One tile: its two rows are loaded before the first of 20 vectors, and nothing hides that.
  expect(simulate(layer, machine(4000))?.stack).toMatchObject({ preload: 2, "fill and drain": 8 });
  // Room for one vector of sums in each half: a vector waits 8 cycles until the one before last has drained.
  const full = simulate(layer, machine(64))?.stack;
  expect(full?.["preload"]).toBe(2);
  expect(full?.["buffer full"]).toBeGreaterThan(20);
  expect(simulate(layer, machine(4000))?.stack["buffer full"]).toBeUndefined();
});

test("with buffers that hold everything each operand crosses the channel exactly once", () => {
  fc.assert(
    fc.property(cases, ({ operation, mapping, machine }) => {
      const roomy = Object.fromEntries(
        Object.entries(machine.components).map(([name, part]) => [
          name,
          part.kind === "sram" ? { ...part, bytes: 1_000_000 } : part,
        ]),
      );
      const moved = simulate(shapeLayer(operation), { ...machine, components: roomy })?.traffic["dram"];
      const { M, N, K, count, inputElements } = lower(operation, mapping.grouping);
      expect(moved?.operands).toEqual({
        A: { read: M * K * count, write: 0 },
        B: { read: machine.paths.B.startsWith("dram") ? inputElements * count : 0, write: 0 },
        C: { read: 0, write: M * N * count },
      });
    }),
    { numRuns: 500 },
  );
});

test("more bandwidth and less latency never take longer", () => {
  fc.assert(
    fc.property(cases, fc.double({ min: 1.01, max: 8, noNaN: true }), ({ operation, machine }, factor) => {
      const memory = machine.components["dram"];
      if (memory?.kind !== "dram") return;
      const faster = {
        ...machine,
        components: {
          ...machine.components,
          dram: { ...memory, bandwidth: memory.bandwidth * factor, latency: memory.latency / factor },
        },
      };
      const slow = simulate(shapeLayer(operation), machine);
      const fast = simulate(shapeLayer(operation), faster);
      if (slow !== undefined && fast !== undefined) expect(fast.cycles).toBeLessThanOrEqual(slow.cycles);
    }),
    { numRuns: 800 },
  );
});

test("the machine's output equals the golden evaluator's on real values", () => {
  let exact = 0;
  fc.assert(
    fc.property(cases, fc.nat(100), fc.nat(100), ({ operation, machine }, A, B) => {
      const result = simulate(valuedLayer(operation, { A, B }), machine, "all");
      if (result === undefined) return;
      exact++;
      expect(result.check).toBe("exact");
    }),
    { numRuns: 800 },
  );
  expect(exact).toBeGreaterThan(300);
});

test("lowered element access computes the convolution, structural zeros included", () => {
  fc.assert(
    fc.property(operationArbitrary, fc.constantFrom("per-group", "block-diagonal"), (operation, grouping) => {
      const layer = valuedLayer(operation, { A: 1, B: 2 });
      if (layer.values?.A === undefined || layer.values.B === undefined) throw new Error("no values");
      const golden = goldenOutput(operation, layer.values.A, layer.values.B, "integer");
      const values = loweredValues(operation, grouping, layer.values.A, layer.values.B);
      const { M, N, K, count, structuralZeroMacs } = lower(operation, grouping);
      const seen = new Set<number>();
      let offDiagonal = 0;
      for (let p = 0; p < count; p++) {
        for (let m = 0; m < M; m++) {
          for (let n = 0; n < N; n++) {
            let total = 0;
            for (let k = 0; k < K; k++) total += values.a(p, m, k) * values.b(p, k, n);
            const index = values.outputIndex(p, m, n);
            seen.add(index);
            if (golden[index] !== total) expect(total).toBe(golden[index]);
          }
        }
      }
      expect(seen.size).toBe(golden.length);
      if (operation.operator === "conv2d" && grouping === "block-diagonal" && operation.groups > 1) {
        offDiagonal = M * N * K * (1 - 1 / operation.groups);
      }
      expect(structuralZeroMacs).toBeCloseTo(offDiagonal, 6);
    }),
    { numRuns: 300 },
  );
});

test("effectual MACs on values equal a count of matching non-zeros", () => {
  fc.assert(
    fc.property(operationArbitrary, fc.nat(50), fc.nat(50), (operation, A, B) => {
      const layer = valuedLayer(operation, { A, B });
      if (layer.values?.A === undefined || layer.values.B === undefined) throw new Error("no values");
      const values = loweredValues(operation, "per-group", layer.values.A, layer.values.B);
      const { M, N, K, count } = lower(operation, "per-group");
      let matching = 0;
      for (let p = 0; p < count; p++) {
        for (let m = 0; m < M; m++) {
          for (let n = 0; n < N; n++) {
            for (let k = 0; k < K; k++) {
              if (values.a(p, m, k) !== 0 && values.b(p, k, n) !== 0) matching++;
            }
          }
        }
      }
      expect(effectualMacs(layer)).toEqual({ macs: matching, source: "exact" });
    }),
    { numRuns: 300 },
  );
});

/** Elements in whole input rows of the channels that a piece of one product touches, counted one by one. */
function touchedElements(conv: Conv2d, k: readonly [number, number], n: readonly [number, number]): number {
  const [outHeight, outWidth] = convolutionOutput(conv);
  const taps = conv.kernelHeight * conv.kernelWidth;
  const channels = new Set<number>();
  const rows = new Set<string>();
  const columns = new Set<number>();
  const inside = (position: number, size: number): boolean => position >= 0 && position < size;
  for (let i = k[0]; i < k[1]; i++) channels.add(Math.floor(i / taps));
  for (let i = n[0]; i < n[1]; i++) {
    const row = Math.floor(i / outWidth);
    for (let r = 0; r < conv.kernelHeight; r++) {
      const y = (row % outHeight) * conv.stride[0] + r * conv.dilation[0] - conv.padding[0];
      if (inside(y, conv.height)) rows.add(`${Math.floor(row / outHeight)} ${y}`);
    }
  }
  for (let q = 0; q < outWidth; q++) {
    for (let s = 0; s < conv.kernelWidth; s++) {
      const x = q * conv.stride[1] + s * conv.dilation[1] - conv.padding[1];
      if (inside(x, conv.width)) columns.add(x);
    }
  }
  return channels.size * rows.size * columns.size;
}

test("input footprints count the distinct elements that a piece of the product touches", () => {
  fc.assert(
    fc.property(operationArbitrary, fc.nat(1000), fc.nat(1000), (operation, x, y) => {
      const { N, K, inputFootprint, largestFootprint, reductionPeriod, inputElements } = lower(operation, "per-group");
      expect(inputFootprint(0, K, 0, N)).toBe(inputElements);
      const k0 = x % K;
      const n0 = y % N;
      const k1 = k0 + 1 + (y % (K - k0));
      const n1 = n0 + 1 + (x % (N - n0));
      const whole = inputFootprint(k0, k1, n0, n1);
      expect(whole).toBeLessThanOrEqual(inputElements);
      expect(whole).toBeLessThanOrEqual(largestFootprint(k1 - k0, n1 - n0));
      const shift = reductionPeriod(k1 - k0) * (k1 - k0);
      if (k1 + shift <= K) expect(inputFootprint(k0 + shift, k1 + shift, n0, n1)).toBe(whole);
      if (operation.operator === "matmul") expect(whole).toBe((k1 - k0) * (n1 - n0));
      else expect(whole).toBe(touchedElements(operation, [k0, k1], [n0, n1]));
      // Cutting a piece in two never touches less in total.
      const middle = n0 + Math.floor((n1 - n0) / 2);
      expect(inputFootprint(k0, k1, n0, middle) + inputFootprint(k0, k1, middle, n1)).toBeGreaterThanOrEqual(whole);
    }),
    { numRuns: 1000 },
  );
});

test("a reduction too long for exact float32 sums is said to be unchecked, not reported as a difference", () => {
  const machine: GridBasedMachine = {
    name: "float",
    components: {
      dram: dram({ memory: "HBM2", bandwidth: Infinity, latency: 0 }),
      weights: sram({ bytes: 2 ** 20, banks: 1, portBits: 256, doubleBuffered: true }),
      inputs: sram({ bytes: 2 ** 20, banks: 1, portBits: 256, doubleBuffered: true }),
      sums: sram({ bytes: 2 ** 20, banks: 1, portBits: 256, doubleBuffered: true }),
      grid: systolicGrid({
        rows: 8,
        columns: 8,
        operand: "float32",
        accumulator: "float32",
        preload: "exposed",
        unitAreaFactor: 1,
      }),
    },
    paths: { A: "dram > weights > grid", B: "dram > inputs > grid", C: "dram > sums > grid" },
    output: "float32",
    mappings: {
      only: { kind: "grid", stationary: "outputs", collapse: 1, clock: 1e9, grouping: "per-group", streaming: "whole" },
    },
    technology: "45nm",
  };
  const product = (K: number): ComputeLayer => shapeLayer({ operator: "matmul", batch: 1, M: 1, N: 1, K });
  expect(simulate(product(2 ** 12), machine, "all")?.check).toBe("exact");
  expect(simulate(product(2 ** 24), machine, "all")?.check).toBe("off");
});
