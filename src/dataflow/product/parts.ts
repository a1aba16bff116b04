// Finds the parts of a sparse-product machine by the paths of its operands, and puts them together as its dataflows see
// them at a clock.

import { InputError } from "../../base/error.ts";
import type { BankedCache } from "../../component/memory/banked-cache.ts";
import type { Dram } from "../../component/memory/dram.ts";
import { formatBits } from "../../component/component.ts";
import type { MergeTree } from "../../component/merge-tree/merge-tree.ts";
import type { PartialSumStore } from "../../component/memory/partial-sum-store.ts";
import type { ProductArray } from "../../component/product-array.ts";
import type { Sram } from "../../component/memory/sram.ts";
import type { AnyComponent, Components } from "../route.ts";
import type { ControlCycles, ProductMachine } from "./product.ts";

interface Named<Part> {
  readonly name: string;
  readonly part: Part;
}

export interface ProductParts {
  readonly array: Named<ProductArray>;
  readonly tree: Named<MergeTree>;
  /** What stationary elements come through: a FIFO of their own, or the cache. */
  readonly stationary: Named<Sram> | Named<BankedCache>;
  readonly cache: Named<BankedCache>;
  /** The memory for partial results, where there is one. */
  readonly sums: Named<PartialSumStore> | undefined;
  /** Off-chip memory of the operands. */
  readonly home: string;
}

type Paths = Readonly<Record<"A" | "B" | "C", string>>;

/**
 * Paths such as A `"dram > stationaryFifo > array"`, B `"dram > streamCache > array"` and C
 * `"dram > partialSums > tree > array"`. Throws InputError with the field for anything else.
 */
export function productParts(components: Components, paths: Paths): ProductParts {
  const stations = (operand: keyof Paths): readonly Named<AnyComponent>[] =>
    paths[operand].split(">").map((station) => {
      const name = station.trim();
      const part = components[name];
      if (part !== undefined) return { name, part };
      const known = Object.keys(components);
      throw new InputError({ path: `paths.${operand}`, message: "no such component", found: name, known });
    });
  const fail = (operand: keyof Paths, expected: string): InputError =>
    new InputError({ path: `paths.${operand}`, message: "unusable path", found: paths[operand], expected });

  const expectedB = "an off-chip memory, a banked cache and the array: dram > cache > array";
  const [homeB, cache, array, moreB] = stations("B");
  if (homeB?.part.kind !== "dram" || moreB !== undefined) throw fail("B", expectedB);
  if (cache?.part.kind !== "bankedCache" || array?.part.kind !== "productArray") throw fail("B", expectedB);

  const expectedA = "the same memory, a sram or the cache, and the array: dram > fifo > array";
  const [homeA, stationary, arrayA, moreA] = stations("A");
  if (homeA?.name !== homeB.name || arrayA?.name !== array.name || moreA !== undefined) throw fail("A", expectedA);
  if (stationary === undefined) throw fail("A", expectedA);
  const isCache = stationary.name === cache.name;
  if (!isCache && stationary.part.kind !== "sram") throw fail("A", expectedA);

  const expectedC = "the same memory, a partialSumStore if any, the merge tree and the array";
  const stationsC = stations("C");
  const [homeC] = stationsC;
  const tree = stationsC.at(-2);
  const between = stationsC.slice(1, -2);
  if (homeC?.name !== homeB.name || stationsC.at(-1)?.name !== array.name || between.length > 1) {
    throw fail("C", expectedC);
  }
  if (tree?.part.kind !== "mergeTree") throw fail("C", expectedC);
  const [sums] = between;
  if (sums !== undefined && sums.part.kind !== "partialSumStore") throw fail("C", expectedC);
  if (tree.part.leaves !== array.part.multipliers) {
    throw new InputError({
      path: `components.${tree.name}.leaves`,
      message: "the tree does not stand on the multipliers",
      found: String(tree.part.leaves),
      expected: String(array.part.multipliers),
    });
  }
  return {
    array: { name: array.name, part: array.part },
    tree: { name: tree.name, part: tree.part },
    stationary:
      stationary.part.kind === "sram"
        ? { name: stationary.name, part: stationary.part }
        : { name: cache.name, part: cache.part },
    cache: { name: cache.name, part: cache.part },
    sums: sums?.part.kind === "partialSumStore" ? { name: sums.name, part: sums.part } : undefined,
    home: homeB.name,
  };
}

/** Bytes of an element in the memories: its value and its coordinate. */
export const elementBytesOf = ({ array }: ProductParts): number =>
  (formatBits[array.part.operand] + array.part.coordinateBits) / 8;

/** The memory for partial results of a machine that has none. */
const noStore: PartialSumStore = {
  kind: "partialSumStore",
  bytes: 0,
  wordBytes: 1,
  blockWords: 1,
  sets: 1,
  banks: 1,
  tagBits: 1,
};

/** The machine at a clock in hertz. */
export function productMachineAt(
  parts: ProductParts,
  options: {
    readonly control: ControlCycles;
    readonly partialSums: "bounded" | "unbounded";
    readonly carriedSums: ProductMachine["carriedSums"];
    readonly outputWrites: "timed" | "untimed";
  },
  memory: Dram | undefined,
  clock: number,
): ProductMachine {
  const { array, tree, stationary, cache, sums } = parts;
  const store = sums?.part ?? noStore;
  return {
    multipliers: array.part.multipliers,
    distributionWidth: array.part.distributionWidth,
    tree: tree.part,
    cache: cache.part,
    elementBytes: elementBytesOf(parts),
    stationary: stationary.part.kind === "sram" ? "fifo" : "cache",
    sums: options.partialSums === "unbounded" ? { ...store, bytes: Infinity } : store,
    carriedSums: options.carriedSums,
    dramBytesPerCycle: memory === undefined ? Infinity : memory.bandwidth / clock,
    outputWrites: options.outputWrites,
    control: options.control,
  };
}
