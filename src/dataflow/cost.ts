// Prices any component: the closed table from a component's kind to its cost function.

import { bankedCacheCost } from "../component/memory/banked-cache.ts";
import { benesNetworkCost } from "../component/benes-network.ts";
import { columnElementCost } from "../component/column-element.ts";
import type { ComponentCost } from "../component/component.ts";
import { dramCost } from "../component/memory/dram.ts";
import { fibreCacheCost } from "../component/memory/fibre-cache.ts";
import { forwardingAdderTreeCost } from "../component/forwarding-adder-tree.ts";
import { layoutDrainCost } from "../component/layout-drain.ts";
import { lookAheadBufferCost } from "../component/memory/look-ahead-buffer.ts";
import { mergeTreeCost } from "../component/merge-tree/merge-tree.ts";
import { partialSumStoreCost } from "../component/memory/partial-sum-store.ts";
import { productArrayCost } from "../component/product-array.ts";
import { reductionTreeCost } from "../component/reduction-tree.ts";
import { registerFileCost } from "../component/memory/register-file.ts";
import { rowMergersCost } from "../component/row-merger.ts";
import { sharedMergeTreeCost } from "../component/merge-tree/shared-merge-tree.ts";
import { sparseLanesCost } from "../component/sparse-lanes/sparse-lanes.ts";
import { unitArrayCost } from "../component/unit-array.ts";
import { sramCost } from "../component/memory/sram.ts";
import { systolicGridCost } from "../component/systolic-grid.ts";
import { zeroSkippingCost } from "../component/zero-skipping.ts";
import { zeroValueCodecCost } from "../component/zero-value-codec.ts";
import type { Technology } from "../technology/technology.ts";
import type { AnyComponent } from "./route.ts";

/** Joules for each event, area and leakage of a component at a technology. */
export function componentCost(component: AnyComponent, technology: Technology): ComponentCost {
  switch (component.kind) {
    case "columnElement":
      return columnElementCost(component, technology);
    case "dram":
      return dramCost(component, technology);
    case "sram":
      return sramCost(component, technology);
    case "systolicGrid":
      return systolicGridCost(component, technology);
    case "bankedCache":
      return bankedCacheCost(component, technology);
    case "mergeTree":
      return mergeTreeCost(component, technology);
    case "partialSumStore":
      return partialSumStoreCost(component, technology);
    case "productArray":
      return productArrayCost(component, technology);
    case "fibreCache":
      return fibreCacheCost(component, technology);
    case "rowMergers":
      return rowMergersCost(component, technology);
    case "lookAheadBuffer":
      return lookAheadBufferCost(component, technology);
    case "sharedMergeTree":
      return sharedMergeTreeCost(component, technology);
    case "benesNetwork":
      return benesNetworkCost(component, technology);
    case "forwardingAdderTree":
      return forwardingAdderTreeCost(component, technology);
    case "registerFile":
      return registerFileCost(component, technology);
    case "unitArray":
      return unitArrayCost(component, technology);
    case "sparseLanes":
      return sparseLanesCost(component, technology);
    case "reductionTree":
      return reductionTreeCost(component, technology);
    case "zeroSkipping":
      return zeroSkippingCost(component, technology);
    case "zeroValueCodec":
      return zeroValueCodecCost(component, technology);
    case "layoutDrain":
      return layoutDrainCost(component, technology);
  }
}
