// Custom layouts in the slow reference of SCALE-Sim: the order of fetching, bank conflicts and waits worked out by hand,
// and the laws that hold for all of them. No run of SCALE-Sim itself with a layout is at hand.

import fc from "fast-check";
import { expect, test } from "vitest";
import type {
  BankedSram,
  ScalesimConfiguration,
  ScalesimLayer,
  ScalesimLayout,
} from "../../src/interop/scalesim/scalesim.ts";
import { gemm, machine } from "../support/scalesim-walk-machine.ts";
import { walkScalesimLayer } from "../support/scalesim-walk.ts";

function layoutOf(
  ifmap: Partial<ScalesimLayout["ifmap"]>,
  filter: Partial<ScalesimLayout["filter"]> = {},
): ScalesimLayout {
  return {
    name: "layout",
    // As shipped: the words of a block are the slow axes, the count of blocks the fast ones.
    ifmap: { factors: [1, 4, 1], interOrder: [3, 4, 5], intraOrder: [0, 1, 2], ...ifmap },
    filter: { factors: [1, 4, 1, 1], interOrder: [4, 5, 6, 7], intraOrder: [0, 1, 2, 3], ...filter },
  };
}

const rowByRow = layoutOf({ interOrder: [0, 1, 2], intraOrder: [3, 4, 5] });

/** Lines of four words; the other operand has no layout. */
function banked(operand: "ifmap" | "filter", bank: Partial<BankedSram>): ScalesimConfiguration["layout"] {
  const plain = { customLayout: false, bandwidth: 4, banks: 1, ports: 2 };
  const layout = { ifmap: plain, filter: plain };
  return { ...layout, [operand]: { ...plain, customLayout: true, ...bank } };
}

const image: ScalesimLayer = { ...gemm(4, 1, 4), filterWidth: 1 };

test.each([
  {
    name: "blocks of 2 x 2, as shipped",
    layer: image,
    layout: layoutOf({ factors: [2, 2, 1] }),
    lines: "0,2,8,10 1,3,9,11 4,6,12,14 5,7,13,15",
  },
  {
    name: "blocks of 2 x 2, one after the other",
    layer: image,
    layout: layoutOf({ factors: [2, 2, 1], interOrder: [0, 1, 2], intraOrder: [3, 4, 5] }),
    lines: "0,1,4,5 2,3,6,7 8,9,12,13 10,11,14,15",
  },
  {
    name: "blocks that run off the image",
    layer: { ...image, ifmapHeight: 3, ifmapWidth: 3 },
    layout: layoutOf({ factors: [2, 2, 1], interOrder: [0, 1, 2], intraOrder: [3, 4, 5] }),
    lines: "0,1,3,4 2,-1,5,-1 6,7,-1,-1 8,-1,-1,-1",
  },
])("the order in which an ifmap with a layout is fetched: $name", ({ layer, layout, lines }) => {
  const configuration = machine(2, 1, 4, { layout: banked("ifmap", {}) });
  const { traces } = walkScalesimLayer(layer, configuration, "v3", [layout]);
  expect(traces.dram.ifmap.map((row) => row.addresses.join()).join(" ")).toBe(lines);
});

test("the order in which filters with a layout are fetched takes channels to be outside pixels", () => {
  const layer = { ...gemm(1, 2, 2), channels: 2 };
  const layout = layoutOf({}, { factors: [1, 2, 1, 1], interOrder: [0, 1, 2, 3], intraOrder: [4, 5, 6, 7] });
  const configuration = machine(2, 1, 2, {
    layout: banked("filter", { bandwidth: 2 }),
    offsets: { ifmap: 0, filter: 100, ofmap: 200 },
  });
  const { traces } = walkScalesimLayer(layer, configuration, "v3", [layout]);
  expect(traces.dram.filter.map((row) => row.addresses)).toEqual([
    [100, 102],
    [101, 103],
    [104, 106],
    [105, 107],
  ]);
});

// A 4 x 4 ifmap, outputs stationary on an array of 4 x 2: line t asks for word 3r + t of each row r with 0 <= t - r < 4;
// the last of the 8 lines for nothing. As shipped, a line of the SRAM is a column of the ifmap, k to k + 12. CPython has
// a table of 8 slots for it, where k + 8 and k + 12 find theirs taken and go to slots 5k + 1 and 5(k + 4) + 1 modulo 8:
// columns come out as 0 8 4 12, 1 13 5 9, 2 10 6 14 and 11 3 15 7. With two banks of two words the most lines asked of
// one bank are, from line 0 on, 1 1 2 (columns 0 and 2 of the first bank) 3 (0, 1, 2 of the second) 2 1 1 0.
test.each([
  { banks: 2, ports: 1, layout: layoutOf({}), conflicts: [0, 0, 1, 2, 1, 0, 0, -1] },
  { banks: 2, ports: 2, layout: layoutOf({}), conflicts: [0, 0, 0, 1, 0, 0, 0, -1] },
  { banks: 2, ports: 3, layout: layoutOf({}), conflicts: [0, 0, 0, 0, 0, 0, 0, -1] },
  { banks: 4, ports: 1, layout: layoutOf({}), conflicts: [0, 0, 0, 1, 1, 0, 0, -1] },
  // In one bank every column that is asked for counts.
  { banks: 1, ports: 1, layout: layoutOf({}), conflicts: [0, 1, 2, 3, 2, 1, 0, -1] },
  // A line is a row, its bank says whether the left or the right half.
  { banks: 2, ports: 1, layout: rowByRow, conflicts: [0, 1, 1, 1, 1, 1, 0, -1] },
])("bank conflicts worked out by hand: $banks banks of $ports ports", ({ banks, ports, layout, conflicts }) => {
  const configuration = machine(2, 1, 4, { arrayHeight: 4, layout: banked("ifmap", { banks, ports }) });
  const { result, traces } = walkScalesimLayer(gemm(4, 1, 4), configuration, "v3", [layout]);
  let cycle = 0;
  const served = conflicts.map((extra) => {
    const at = cycle + 1 + extra;
    cycle += 1 + Math.max(extra, 0);
    return at;
  });
  expect(traces.sram.ifmap.map((row) => row.cycle)).toEqual(served);
  const stallCycles = conflicts.reduce((sum, extra) => sum + Math.max(extra, 0), 0);
  expect(result).toMatchObject({ stallCycles, totalCycles: 7 + stallCycles });
});

test("a line that is late waits once, and one that is early does not go back in time", () => {
  // Word t of the filter is asked for in cycle t. Half of the memory is 16 words, of which a prefetch brings one a cycle
  // and takes 17 cycles, from cycle -1 on. Word 16 has come in cycle 16, before 17; word 32 in cycle 33, just then; word
  // 48 in cycle 50, one after 49. Without a layout v3 takes the -1 at face value and the 1 twice.
  const sramKilobytes = { ifmap: 1, filter: 1 / 32, ofmap: 1 };
  const waits = (customLayout: boolean): number[][] => {
    const layout = banked("filter", { bandwidth: 1, customLayout });
    const one = layoutOf({}, { factors: [1, 1, 1, 1] });
    const { traces } = walkScalesimLayer(gemm(1, 1, 64), machine(1, 1, 4, { layout, sramKilobytes }), "v3", [one]);
    let cycle = 0;
    return traces.sram.filter.flatMap((row, i) => {
      const wait = row.cycle - cycle - 1;
      cycle += 1 + Math.max(wait, 0);
      return wait === 0 ? [] : [[i, wait]];
    });
  };
  expect(waits(true)).toEqual([[48, 1]]);
  expect(waits(false)).toEqual([
    [16, -1],
    [48, 2],
  ]);
});

/** Layers with layouts in blocks of 8 words for both operands, whose memories hold all of them. */
const laidOut = fc
  .record({
    size: fc.integer({ min: 1, max: 4 }),
    dataflow: fc.constantFrom("os" as const, "ws" as const, "is" as const),
    layer: fc
      .record({
        ifmapHeight: fc.integer({ min: 2, max: 6 }),
        ifmapWidth: fc.integer({ min: 2, max: 6 }),
        filterHeight: fc.integer({ min: 1, max: 2 }),
        filterWidth: fc.integer({ min: 1, max: 2 }),
        channels: fc.integer({ min: 1, max: 4 }),
        filters: fc.integer({ min: 1, max: 5 }),
        stride: fc.integer({ min: 1, max: 2 }),
      })
      .map((size) => ({ name: "conv", ...size, sparsity: { kept: 1, block: 1 } })),
    layout: fc.constantFrom(
      layoutOf({ factors: [2, 2, 2] }, { factors: [2, 2, 1, 2] }),
      layoutOf({ factors: [1, 8, 1], interOrder: [4, 3, 5] }, { factors: [8, 1, 1, 1], intraOrder: [3, 1, 2, 0] }),
      layoutOf(
        { factors: [2, 2, 2], interOrder: [0, 1, 2], intraOrder: [3, 4, 5] },
        { factors: [1, 4, 2, 1], interOrder: [3, 0, 1, 2], intraOrder: [7, 6, 5, 4] },
      ),
    ),
  })
  .map((one) => ({
    ...one,
    configurationWith: (banks: number, ports: number): ScalesimConfiguration => {
      const bank = { customLayout: true, bandwidth: 8, banks, ports };
      return machine(one.size, 64, 8, { dataflow: one.dataflow, layout: { ifmap: bank, filter: bank } });
    },
  }));

test("with all words in memory, a port for each lane leaves no stall; more ports or narrower banks never add one", () => {
  let stalled = 0;
  fc.assert(
    fc.property(laidOut, ({ layer, layout, size, configurationWith }) => {
      const stalls = (banks: number, ports: number): number =>
        walkScalesimLayer(layer, configurationWith(banks, ports), "v3", [layout]).result.stallCycles;
      for (const banks of [1, 2, 8]) expect(stalls(banks, size)).toBe(0);
      const fewer = [stalls(1, 1), stalls(2, 1), stalls(8, 1)];
      expect(fewer).toEqual(fewer.toSorted((a, b) => b - a));
      const more = [stalls(2, 1), stalls(2, 2), stalls(2, 3)];
      expect(more).toEqual(more.toSorted((a, b) => b - a));
      if (stalls(8, 1) > 0) stalled++;
    }),
    { numRuns: 30 },
  );
  expect(stalled).toBeGreaterThan(0);
});

test("layouts count in USER mode of v3 only, and of them the first", () => {
  fc.assert(
    fc.property(laidOut, ({ layer, layout, configurationWith }) => {
      const custom = configurationWith(2, 1);
      const bank = { ...custom.layout.ifmap, customLayout: false };
      const plain = { ...custom, layout: { ifmap: bank, filter: bank } };
      const calc = { mode: "CALC" as const };
      const walk = (configuration: ScalesimConfiguration, version: "v2" | "v3", layouts: ScalesimLayout[]): object =>
        walkScalesimLayer(layer, configuration, version, layouts);
      expect(walk(custom, "v2", [layout])).toEqual(walk(plain, "v2", []));
      expect(walk({ ...custom, ...calc }, "v3", [layout])).toEqual(walk({ ...plain, ...calc }, "v3", []));
      expect(walk(custom, "v3", [layout, rowByRow])).toEqual(walk(custom, "v3", [layout]));
    }),
    { numRuns: 20 },
  );
});

test.each([
  {
    name: "an ifmap that does not start at 0 is never found",
    more: { layout: banked("ifmap", {}), offsets: { ifmap: 16, filter: 100, ofmap: 200 } },
    layout: rowByRow,
    message: "forever",
  },
  {
    name: "a block of the ifmap wider than a line",
    more: { layout: banked("ifmap", {}) },
    layout: layoutOf({ factors: [1, 5, 1] }),
    message: "wider than a line",
  },
  {
    name: "a block of the filter narrower than a line",
    more: { layout: banked("filter", {}) },
    layout: layoutOf({}, { factors: [1, 3, 1, 1] }),
    message: "no line",
  },
  {
    name: "an axis twice",
    more: { layout: banked("ifmap", {}) },
    layout: layoutOf({ interOrder: [3, 4, 4] }),
    message: "no order of all axes",
  },
  {
    name: "banks of unequal width, also without a layout",
    more: { layout: banked("ifmap", { banks: 3, customLayout: false }) },
    layout: rowByRow,
    message: "unequal width",
  },
])("what SCALE-Sim does not survive throws: $name", ({ more, layout, message }) => {
  expect(() => walkScalesimLayer(image, machine(2, 1, 4, more), "v3", [layout])).toThrow(message);
});
