// Random small layers and machines for property tests, and the values that flow through them.

import fc from "fast-check";
import { sram } from "../../src/component/memory/sram.ts";
import { dram } from "../../src/component/memory/dram.ts";
import { systolicGrid } from "../../src/component/systolic-grid.ts";
import type { GridMapping } from "../../src/mapping/grid-mapping.ts";
import type { ComputeOperation } from "../../src/workload/layer.ts";
import { convolutionOutput } from "../../src/workload/shapes.ts";
import type { GridBasedMachine } from "../../src/simulate/machine.ts";

const small = (maximum: number) => fc.integer({ min: 1, max: maximum });

export const matmulArbitrary: fc.Arbitrary<ComputeOperation> = fc
  .record({ batch: small(2), M: small(14), N: small(14), K: small(14) })
  .map((sizes) => ({ operator: "matmul", ...sizes }));

export const convolutionArbitrary: fc.Arbitrary<ComputeOperation> = fc
  .record({
    batch: small(2),
    groups: small(2),
    inChannels: small(3),
    outChannels: small(4),
    height: small(7),
    width: small(7),
    kernelHeight: small(3),
    kernelWidth: small(3),
    stride: fc.tuple(small(3), small(3)),
    padding: fc.tuple(fc.nat(1), fc.nat(1), fc.nat(1), fc.nat(1)),
    dilation: fc.tuple(small(2), small(2)),
  })
  .map((conv): ComputeOperation => ({
    operator: "conv2d",
    ...conv,
    inChannels: conv.inChannels * conv.groups,
    outChannels: conv.outChannels * conv.groups,
  }))
  .filter((conv) => conv.operator === "conv2d" && convolutionOutput(conv).every((extent) => extent > 0));

export const operationArbitrary = fc.oneof(matmulArbitrary, convolutionArbitrary);

export const mappingArbitrary: fc.Arbitrary<GridMapping> = fc
  .record({
    stationary: fc.constantFrom("weights", "inputs", "outputs"),
    collapse: fc.constantFrom(1, 1, 2, 3, 4),
    clock: fc.constantFrom(1e9, 1.4e9),
    grouping: fc.constantFrom("per-group", "block-diagonal"),
    streaming: fc.constantFrom("whole", "fit"),
  })
  .map((mapping): GridMapping => ({
    kind: "grid",
    ...mapping,
    collapse: mapping.stationary === "outputs" ? 1 : mapping.collapse,
  }));

/** A machine of up to 7 x 7 units with buffers from barely enough to plenty, and any memory speed. */
export const machineArbitrary = (mapping: GridMapping): fc.Arbitrary<GridBasedMachine> =>
  fc
    .record({
      rows: small(7),
      columns: small(7),
      preload: fc.constantFrom("exposed", "hidden"),
      weightBytes: fc.integer({ min: 64, max: 2000 }),
      inputBytes: fc.integer({ min: 64, max: 2000 }),
      sumBytes: fc.integer({ min: 64, max: 4000 }),
      portBits: fc.constantFrom(8, 16, 32, 512),
      bandwidth: fc.oneof(fc.constant(Infinity), fc.double({ min: 1e8, max: 1e11, noNaN: true })),
      latency: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 40e-9, noNaN: true })),
      onChipInputs: fc.boolean(),
    })
    .map((machine): GridBasedMachine => ({
      name: "random",
      components: {
        dram: dram({ memory: "HBM2", bandwidth: machine.bandwidth, latency: machine.latency }),
        weightBuffer: sram({ bytes: machine.weightBytes, banks: 1, portBits: machine.portBits, doubleBuffered: true }),
        inputBuffer: sram({
          bytes: machine.onChipInputs ? 100_000 : machine.inputBytes,
          banks: 2,
          portBits: machine.portBits,
          doubleBuffered: true,
        }),
        sumBuffer: sram({ bytes: machine.sumBytes, banks: 4, portBits: machine.portBits, doubleBuffered: true }),
        grid: systolicGrid({
          rows: machine.rows,
          columns: machine.columns,
          operand: "int8",
          accumulator: "int32",
          preload: machine.preload,
          unitAreaFactor: 1,
        }),
      },
      paths: {
        A: "dram > weightBuffer > grid",
        B: machine.onChipInputs ? "inputBuffer > grid" : "dram > inputBuffer > grid",
        C: "dram > sumBuffer > grid",
      },
      output: "int8",
      mappings: { only: mapping },
      technology: "45nm",
    }));
