// Small layers and machines for tests that walk SCALE-Sim.

import type { ScalesimConfiguration, ScalesimLayer } from "../../src/interop/scalesim/scalesim.ts";

/** A dense layer [M x K] x [K x N]. */
export function gemm(M: number, N: number, K: number): ScalesimLayer {
  const sparsity = { kept: 1, block: 1 };
  const size = { ifmapHeight: M, ifmapWidth: K, filterHeight: 1, filterWidth: K, channels: 1, filters: N, stride: 1 };
  return { name: "gemm", ...size, sparsity };
}

/** A square array with memories of one size, in USER mode and without layouts; `more` overrides. */
export function machine(
  size: number,
  kilobytes: number,
  bandwidth: number,
  more: Partial<ScalesimConfiguration>,
): ScalesimConfiguration {
  const bank = { customLayout: false, bandwidth, banks: 1, ports: 2 };
  return {
    runName: "walk",
    mode: "USER",
    arrayHeight: size,
    arrayWidth: size,
    sramKilobytes: { ifmap: kilobytes, filter: kilobytes, ofmap: kilobytes },
    offsets: { ifmap: 0, filter: 10_000_000, ofmap: 20_000_000 },
    dataflow: "os",
    bandwidth: [bandwidth],
    layout: { ifmap: bank, filter: bank },
    ramulator: false,
    ...more,
  };
}
