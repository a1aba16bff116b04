// Random small layers and configurations of SCALE-Sim, for tests of the fast model against the walk.

import * as fc from "fast-check";
import type {
  ScalesimConfiguration,
  ScalesimLayer,
  ScalesimLayout,
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

/** A run in USER mode of v3 whose ifmap, filter or both have a custom layout over one or several banks. */
export interface ScalesimLayoutCase extends ScalesimRunCase {
  readonly layouts: readonly ScalesimLayout[];
}

const factor = integer(1, 3);
const permutation3 = fc.shuffledSubarray([0, 1, 2] as const, { minLength: 3, maxLength: 3 });
const permutation4 = fc.shuffledSubarray([0, 1, 2, 3] as const, { minLength: 4, maxLength: 4 });

const three = <Value>([a, b, c]: readonly Value[]): readonly [Value, Value, Value] => {
  if (a === undefined || b === undefined || c === undefined) throw new Error("three are needed");
  return [a, b, c];
};

const four = <Value>([a, b, c, d]: readonly Value[]): readonly [Value, Value, Value, Value] => {
  if (a === undefined || b === undefined || c === undefined || d === undefined) throw new Error("four are needed");
  return [a, b, c, d];
};

export const scalesimLayoutRuns: fc.Arbitrary<ScalesimLayoutCase> = fc
  .record({
    run: denseRun,
    custom: fc.constantFrom("ifmap", "filter", "both"),
    ifmapFactors: fc.tuple(factor, factor, factor),
    filterFactors: fc.tuple(factor, factor, factor, factor),
    ifmapOrders: fc.tuple(permutation3, permutation3),
    filterOrders: fc.tuple(permutation4, permutation4),
    banks: fc.tuple(fc.constantFrom(1, 2, 4), fc.constantFrom(1, 2, 4)),
    ports: fc.tuple(integer(1, 4), integer(1, 4)),
  })
  .map(({ run, custom, ifmapFactors, filterFactors, ifmapOrders, filterOrders, banks, ports }): ScalesimLayoutCase => {
    // Lines must hold a block of the ifmap, be a block of the filter, and divide into banks.
    const filterWords = filterFactors.reduce((words, size) => words * size, 1);
    const filterBanks = filterWords % banks[1] === 0 ? banks[1] : 1;
    const ifmapWords = Math.ceil(ifmapFactors.reduce((words, size) => words * size, 1) / banks[0]) * banks[0];
    return {
      ...run,
      version: "v3",
      configuration: {
        ...run.configuration,
        mode: "USER",
        offsets: { ...run.configuration.offsets, ifmap: 0 },
        layout: {
          ifmap: { customLayout: custom !== "filter", bandwidth: ifmapWords, banks: banks[0], ports: ports[0] },
          filter: { customLayout: custom !== "ifmap", bandwidth: filterWords, banks: filterBanks, ports: ports[1] },
        },
      },
      layouts: [
        {
          name: "first",
          ifmap: {
            factors: ifmapFactors,
            intraOrder: three(ifmapOrders[0]),
            interOrder: three(ifmapOrders[1].map((axis) => axis + 3)),
          },
          filter: {
            factors: filterFactors,
            intraOrder: four(filterOrders[0]),
            interOrder: four(filterOrders[1].map((axis) => axis + 4)),
          },
        },
      ],
    };
  });
