// How each operand travels: parses the path of a machine description into the memories that a dataflow moves data
// between.

import { InputError } from "../base/error.ts";
import type { BankedCache } from "../component/memory/banked-cache.ts";
import type { BenesNetwork } from "../component/benes-network.ts";
import type { ColumnElement } from "../component/column-element.ts";
import type { Dram } from "../component/memory/dram.ts";
import type { FibreCache } from "../component/memory/fibre-cache.ts";
import type { ForwardingAdderTree } from "../component/forwarding-adder-tree.ts";
import type { LayoutDrain } from "../component/layout-drain.ts";
import type { LookAheadBuffer } from "../component/memory/look-ahead-buffer.ts";
import type { MergeTree } from "../component/merge-tree/merge-tree.ts";
import type { PartialSumStore } from "../component/memory/partial-sum-store.ts";
import type { ProductArray } from "../component/product-array.ts";
import type { ReductionTree } from "../component/reduction-tree.ts";
import type { RegisterFile } from "../component/memory/register-file.ts";
import type { RowMergers } from "../component/row-merger.ts";
import type { SharedMergeTree } from "../component/merge-tree/shared-merge-tree.ts";
import type { SparseLanes } from "../component/sparse-lanes/sparse-lanes.ts";
import type { UnitArray } from "../component/unit-array.ts";
import type { Sram } from "../component/memory/sram.ts";
import type { SystolicGrid } from "../component/systolic-grid.ts";
import type { ZeroSkipping } from "../component/zero-skipping.ts";
import type { ZeroValueCodec } from "../component/zero-value-codec.ts";

export type AnyComponent =
  | Dram
  | Sram
  | SystolicGrid
  | BankedCache
  | MergeTree
  | PartialSumStore
  | ProductArray
  | FibreCache
  | RowMergers
  | LookAheadBuffer
  | SharedMergeTree
  | BenesNetwork
  | ForwardingAdderTree
  | RegisterFile
  | UnitArray
  | ColumnElement
  | SparseLanes
  | ZeroSkipping
  | ReductionTree
  | ZeroValueCodec
  | LayoutDrain;
export type Components = Readonly<Record<string, AnyComponent>>;

/** An operand's way between its home memory and the buffer at the array's edge. */
export interface Route {
  /** Where the operand lives between layers. */
  readonly home: string;
  /** The buffer that the array reads or writes. */
  readonly buffer: string;
  readonly bufferMemory: Sram;
  /** Home when it is on chip; undefined for off-chip memory. */
  readonly homeMemory: Sram | undefined;
  /** True when the home is the buffer itself: nothing is moved. */
  readonly direct: boolean;
}

/**
 * Parses `"dram > weightBuffer > grid"`: memories from far to near, ending at the array. A result's path is written
 * the same way round. Throws InputError with the field path for unknown names or unusable orders.
 */
export function parseRoute(operand: string, path: string, components: Components): Route {
  const field = `paths.${operand}`;
  const names = path.split(">").map((name) => name.trim());
  const parts = names.map((name) => {
    const part = components[name];
    if (part === undefined) {
      throw new InputError({ path: field, message: "no such component", found: name, known: Object.keys(components) });
    }
    return part;
  });
  const array = parts.at(-1);
  const near = parts.at(-2);
  const far = parts[0];
  const home = names[0];
  const buffer = names.at(-2);
  if (array?.kind !== "systolicGrid" || near?.kind !== "sram" || (far?.kind !== "dram" && far?.kind !== "sram")) {
    throw new InputError({
      path: field,
      message: "unusable path",
      found: path,
      expected: "memories from far to near, an sram next to the array at the end",
    });
  }
  if (names.length > 3 || home === undefined || buffer === undefined) {
    throw new InputError({ path: field, message: "too many memories", found: path, expected: "at most two" });
  }
  return {
    home,
    buffer,
    bufferMemory: near,
    homeMemory: far.kind === "sram" ? far : undefined,
    direct: names.length === 2,
  };
}
