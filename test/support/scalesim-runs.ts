// Random small layers and configurations of SCALE-Sim, for tests of the fast model against the walk.

import * as fc from "fast-check";
import type {
  ScalesimConfiguration,
  ScalesimLayer,
  ScalesimSparsity,
  ScalesimVersion,
} from "../../src/interop/scalesim/scalesim.ts";

export interface ScalesimRunCase {
  readonly layer: ScalesimLayer;
  readonly configuration: ScalesimConfiguration;
  readonly version: ScalesimVersion;
}

const integer = (min: number, max: number) => fc.integer({ min, max });

const dense = { kept: 1, block: 1 };

const convolution = fc
  .record({
    filterHeight: integer(1, 4),
    filterWidth: integer(1, 4),
    extraHeight: integer(0, 10),
    extraWidth: integer(0, 10),
    channels: integer(1, 5),
    filters: integer(1, 20),
    stride: integer(1, 4),
  })
  .map(({ extraHeight, extraWidth, ...rest }): ScalesimLayer => ({
    ...rest,
    name: "convolution",
    ifmapHeight: rest.filterHeight + extraHeight,
    ifmapWidth: rest.filterWidth + extraWidth,
    sparsity: dense,
  }));

const product = fc
  .record({ M: integer(1, 60), N: integer(1, 60), K: integer(1, 60) })
  .map(({ M, N, K }): ScalesimLayer => ({
    name: "product",
    ifmapHeight: M,
    ifmapWidth: K,
    filterHeight: 1,
    filterWidth: K,
    channels: 1,
    filters: N,
    stride: 1,
    sparsity: dense,
  }));

const representation = fc.constantFrom("csr", "csc", "ellpack_block");

const memory = integer(1, 40).map((bandwidth) => ({ customLayout: false, bandwidth, banks: 1, ports: 1 }));

const configuration = fc
  .record({
    mode: fc.constantFrom("CALC", "USER"),
    arrayHeight: integer(1, 9),
    arrayWidth: integer(1, 9),
    sramKilobytes: fc.record({ ifmap: integer(1, 3), filter: integer(1, 3), ofmap: integer(1, 2) }),
    offsets: fc.record({
      ifmap: fc.constantFrom(0, 7),
      filter: fc.constant(10_000),
      ofmap: fc.constant(20_000),
    }),
    dataflow: fc.constantFrom("os", "ws", "is"),
    bandwidth: integer(1, 40).map((words) => [words]),
    layout: fc.record({ ifmap: memory, filter: memory }),
  })
  .map((fields): ScalesimConfiguration => ({ ...fields, runName: "run", ramulator: false }));

const denseRun = fc.record({
  layer: fc.oneof(convolution, product),
  configuration,
  version: fc.constantFrom<ScalesimVersion>("v2", "v3"),
});

const layerWiseRun = fc
  .record({ run: denseRun, block: integer(1, 6), kept: integer(1, 6), representation })
  .map(({ run, block, kept, ...rest }): ScalesimRunCase => {
    const sparsity: ScalesimSparsity = { ...rest, mapping: "layer-wise", blockSize: 4, seed: 40 };
    return {
      layer: { ...run.layer, sparsity: { kept: Math.min(kept, block), block } },
      configuration: { ...run.configuration, sparsity },
      version: "v3",
    };
  });

const rowWiseRun = fc
  .record({
    run: denseRun,
    blockSize: fc.constantFrom(2, 4, 6),
    blocks: integer(1, 2),
    seed: integer(0, 99),
    representation,
  })
  .map(({ run, blockSize, blocks, ...rest }): ScalesimRunCase => {
    const sparsity: ScalesimSparsity = { ...rest, mapping: "row-wise", blockSize };
    return {
      layer: run.layer,
      configuration: { ...run.configuration, dataflow: "ws", arrayHeight: blockSize * blocks, sparsity },
      version: "v3",
    };
  });

/** Dense, layer-wise and row-wise sparse runs in both modes, all dataflows and both versions' rules. */
export const scalesimRuns: fc.Arbitrary<ScalesimRunCase> = fc.oneof(
  { weight: 4, arbitrary: denseRun },
  { weight: 1, arbitrary: layerWiseRun },
  { weight: 1, arbitrary: rowWiseRun },
);
