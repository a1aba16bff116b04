// The parts of a sparse-product machine by its paths: what is found, what is refused with the field, and what the
// dataflows see of them.

import { expect, test } from "vitest";
import { smallProductMachine } from "../../../test/support/product-machines.ts";
import { InputError } from "../../base/error.ts";
import { bankedCache } from "../../component/memory/banked-cache.ts";
import { mergeTree } from "../../component/merge-tree/merge-tree.ts";
import { elementBytesOf, productMachineAt, productParts } from "./parts.ts";

const cache = bankedCache({
  bytes: 2 ** 12,
  lineBytes: 16,
  ways: 2,
  banks: 4,
  wordBytes: 4,
  wordsPerBank: 1,
  hitCycles: 1,
  missCycles: 5,
  addressBits: 32,
});

const machine = smallProductMachine({
  multipliers: 8,
  distributionWidth: 4,
  mergeWidth: 2,
  cache,
  stationary: "fifo",
  partialSumBytes: 1024,
  carriedSums: "partialSums",
  bandwidth: 8e9,
  outputWrites: "timed",
});
const { components, paths } = machine;

test("finds every part by name", () => {
  const parts = productParts(components, paths);
  const names = [parts.array, parts.tree, parts.stationary, parts.cache, parts.sums].map((part) => part?.name);
  expect(names).toEqual(["array", "tree", "fifo", "cache", "sums"]);
  expect(parts.home).toBe("dram");
  expect(elementBytesOf(parts)).toBe(4);
});

test("a machine may rest A through the cache and have no memory for partial sums", () => {
  const parts = productParts(components, { ...paths, A: paths.B, C: "dram > tree > array" });
  expect(parts.stationary.name).toBe("cache");
  expect(parts.sums).toBeUndefined();
  const seen = productMachineAt(parts, machine, undefined, 1e9);
  expect(seen).toMatchObject({ stationary: "cache", sums: { bytes: 0 }, dramBytesPerCycle: Infinity });
});

test("the dataflows see widths, sizes and the bytes a cycle at the clock", () => {
  const memory = components["dram"];
  if (memory?.kind !== "dram") throw new Error("no memory");
  const parts = productParts(components, paths);
  expect(productMachineAt(parts, machine, memory, 2e9)).toEqual({
    multipliers: 8,
    distributionWidth: 4,
    tree: components["tree"],
    cache,
    elementBytes: 4,
    stationary: "fifo",
    sums: components["sums"],
    carriedSums: "partialSums",
    dramBytesPerCycle: 4,
    outputWrites: "timed",
    control: machine.control,
  });
  const unbounded = { ...machine, partialSums: "unbounded" } as const;
  expect(productMachineAt(parts, unbounded, memory, 2e9).sums).toEqual({ ...components["sums"], bytes: Infinity });
});

const refused: readonly (readonly [Partial<Record<"A" | "B" | "C", string>>, string])[] = [
  [{ B: "dram > cahce > array" }, "paths.B"],
  [{ B: "cache > array" }, "paths.B"],
  [{ B: "dram > fifo > array" }, "paths.B"],
  [{ B: "dram > cache > tree" }, "paths.B"],
  [{ B: "dram > cache > array > tree" }, "paths.B"],
  [{ A: "cache > fifo > array" }, "paths.A"],
  [{ A: "dram > tree > array" }, "paths.A"],
  [{ A: "dram > fifo > tree" }, "paths.A"],
  [{ A: "dram" }, "paths.A"],
  [{ C: "cache > tree > array" }, "paths.C"],
  [{ C: "dram > sums > tree" }, "paths.C"],
  [{ C: "dram > sums > array" }, "paths.C"],
  [{ C: "dram > cache > tree > array" }, "paths.C"],
  [{ C: "dram > sums > fifo > tree > array" }, "paths.C"],
];

test.each(refused)("refuses %j at %s", (changed, path) => {
  const error: unknown = (() => {
    try {
      return productParts(components, { ...paths, ...changed });
    } catch (thrown) {
      return thrown;
    }
  })();
  expect(error).toBeInstanceOf(InputError);
  expect(error).toMatchObject({ fault: { path } });
});

test("refuses a tree on another number of leaves than there are multipliers", () => {
  const tree = mergeTree({ leaves: 4, fifoDepth: 2, rootWidth: 1, coordinateBits: 16, accumulator: "int32" });
  expect(() => productParts({ ...components, tree }, paths)).toThrow(/components\.tree\.leaves.*4.*8/s);
});
