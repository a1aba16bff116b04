// What `--explain` says is right: figures that can be worked out by hand on one small layer.

import { describe, expect, test } from "vitest";
import { explainScalesim } from "./explain.ts";
import { runScalesim } from "./run.ts";
import type { ScalesimConfiguration, ScalesimLayer } from "./scalesim.ts";

const gemm = (name: string, M: number, N: number, K: number): ScalesimLayer => ({
  name,
  ifmapHeight: M,
  ifmapWidth: K,
  filterHeight: 1,
  filterWidth: K,
  channels: 1,
  filters: N,
  stride: 1,
  sparsity: { kept: 1, block: 1 },
});

const configuration = (
  dataflow: ScalesimConfiguration["dataflow"],
  bandwidth: number,
  kilobytes = 1,
): ScalesimConfiguration => {
  const memory = { customLayout: false, bandwidth, banks: 1, ports: 2 };
  return {
    runName: "run",
    mode: "USER",
    arrayHeight: 4,
    arrayWidth: 4,
    sramKilobytes: { ifmap: kilobytes, filter: kilobytes, ofmap: kilobytes },
    offsets: { ifmap: 0, filter: 10_000_000, ofmap: 20_000_000 },
    dataflow,
    bandwidth: [bandwidth],
    layout: { ifmap: memory, filter: memory },
    ramulator: false,
  };
};

async function quirksOf(layers: readonly ScalesimLayer[], machine: ScalesimConfiguration, version: "v2" | "v3" = "v3") {
  const results = await runScalesim(layers, { configuration: machine, version, explain: true }, { threads: 1 });
  const quirks = explainScalesim(layers, results, machine, version);
  return { results, find: (start: string) => quirks.find(({ quirk }) => quirk.startsWith(start)) };
}

describe("figures worked out by hand", () => {
  test("weight stationary: M 3, N 5, K 6 on 4 x 4 is 2 x 2 folds of 13 cycles", async () => {
    const { find } = await quirksOf([gemm("a", 3, 5, 6)], configuration("ws", 10));
    // 2R + C + T - 2 = 8 + 4 + 3 - 2 cycles a fold.
    expect(find("Total Cycles")).toMatchObject({ compat: "51 cycles", right: "52 cycles" });
    // Of 16 units 16, 8, 4 and 2 are used, 3 of 13 cycles (SCALE-Sim: of 16): 30 x 3 / (4 x 16 x 13).
    expect(find("Compute Util")).toMatchObject({ compat: "8.79 %", right: "10.82 %" });
    expect(find("Partial sums")).toMatchObject({
      compat: "0 words read from the ofmap memory",
      right: "15 words read from the ofmap memory",
    });
    // 18 words of ifmap are 4 x 2 entries of 3 in lines of 10, 30 of the filter 6 x 4 x 2 with the nulls.
    expect(find("DRAM reads")).toMatchObject({ right: "48 words of ifmap and filter" });
  });

  test("output stationary: each of 2 folds adds 8 writes", async () => {
    const { find } = await quirksOf([gemm("a", 3, 5, 6)], configuration("os", 10));
    expect(find("SRAM OFMAP Writes")).toMatchObject({ compat: "31 words", right: "15 words" });
    expect(find("Compute Util")).toBeUndefined();
  });

  test("DRAM reads that a first fill counts short are not said to be too many", async () => {
    const { results, find } = await quirksOf([gemm("a", 1, 1, 515)], configuration("os", 1));
    expect(results[0]?.dram.ifmap.words).toBe(512);
    expect(find("DRAM reads")).toBeUndefined();
  });
});

describe("stalls that count twice", () => {
  const layers = [gemm("a", 64, 64, 64), gemm("b", 16, 96, 80), gemm("c", 64, 64, 64)];
  const machine = configuration("os", 4);

  test("the right figure is that of v2, where all operands have one bandwidth", async () => {
    const { results } = await quirksOf(layers, machine);
    const v2 = await quirksOf(layers, machine, "v2");
    expect(results.map((result) => result.stallCyclesCountedOnce)).toEqual(
      v2.results.map(({ stallCycles }) => stallCycles),
    );
    expect(v2.find("Stall Cycles")).toBeUndefined();
  });

  test("without `explain` nothing is simulated again, and nothing said", async () => {
    const request = { configuration: machine, version: "v3" } as const;
    const results = await runScalesim(layers, request, { threads: 1 });
    expect(results.map((result) => result.stallCyclesCountedOnce)).toEqual([undefined, undefined, undefined]);
    const quirks = explainScalesim(layers, results, machine, "v3").map(({ quirk }) => quirk);
    expect(quirks).not.toContain("Stall Cycles count late prefetches twice");
  });

  test("they do not depend on the number of threads", { timeout: 30_000 }, async () => {
    const request = { configuration: machine, version: "v3", explain: true } as const;
    const alone = await runScalesim(layers, request, { threads: 1 });
    expect(await runScalesim(layers, request, { threads: 2 })).toEqual(alone);
  });
});
