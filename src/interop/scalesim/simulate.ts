// SCALE-Sim's result of one layer, field for field: compute model, then the three memories with their stalls. Only
// tables of the layer's own size are held, whatever the number of cycles or layers.

import { InputError } from "../../base/error.ts";
import type { ComputeResult } from "./model/compute.ts";
import { computeOf } from "./model/compute.ts";
import type { ReadOperand } from "./model/memories.ts";
import { customLayout, runMemories } from "./model/memories.ts";
import { productOf } from "./model/operands.ts";
import type {
  ScalesimConfiguration,
  ScalesimLayer,
  ScalesimLayerResult,
  ScalesimLayout,
  ScalesimVersion,
} from "./scalesim.ts";

/**
 * Throws InputError, by its name in the file, for what would be answered differently than SCALE-Sim does and is
 * therefore not answered: DRAM latencies from another simulator, and addresses that SCALE-Sim takes for something else.
 */
export function checkScalesim(
  configuration: ScalesimConfiguration,
  version: ScalesimVersion,
  layouts: readonly ScalesimLayout[] = [],
): void {
  if (configuration.ramulator && version === "v3") {
    throw new InputError({
      path: "run_presets.UseRamulatorTrace",
      message: "DRAM latencies from a Ramulator run are not supported",
      found: "True",
      expected: "False",
    });
  }
  if (configuration.sparsity?.mapping === "layer-wise" && configuration.offsets.filter === 0) {
    throw new InputError({
      path: "architecture_presets.FilterOffset",
      message: "with sparsity SCALE-Sim takes the weight at address 0 for a pruned one",
      found: "0",
      expected: "another offset, such as 10000000",
    });
  }
  for (const operand of ["ifmap", "filter"] as const) checkLayout(operand, configuration, version, layouts);
}

function checkLayout(
  operand: ReadOperand,
  configuration: ScalesimConfiguration,
  version: ScalesimVersion,
  layouts: readonly ScalesimLayout[],
): void {
  const memory = customLayout(configuration, version, operand);
  if (memory === undefined) return;
  const prefix = operand === "ifmap" ? "Ifmap" : "Filter";
  if (layouts.length === 0) {
    throw new InputError({
      path: `layout.${prefix}CustomLayout`,
      message: "a custom layout needs a layout file",
      found: "True",
      expected: "-l with a layout file, or False",
    });
  }
  if (operand === "ifmap" && configuration.offsets.ifmap !== 0) {
    throw new InputError({
      path: "architecture_presets.IfmapOffset",
      message: "with a custom layout SCALE-Sim fetches the ifmap from address 0 and would never find it elsewhere",
      found: String(configuration.offsets.ifmap),
      expected: "0",
    });
  }
}

/**
 * The part of a layer's result that needs no memory model: cycles when nothing stalls, utilisations, on-chip reads and
 * writes, in closed form. Throws InputError for a layer too large to be addressed.
 */
export function computeScalesimLayer(layer: ScalesimLayer, configuration: ScalesimConfiguration): ComputeResult {
  return computeOf(productOf(layer, configuration), layer, configuration);
}

/**
 * Stall cycles of a layer as v3's rule was meant to be, each late prefetch counted once; undefined where no rule counts
 * one twice: in CALC mode and in v2.
 */
export function stallsCountedOnce(
  layer: ScalesimLayer,
  configuration: ScalesimConfiguration,
  version: ScalesimVersion,
  layouts: readonly ScalesimLayout[] = [],
): number | undefined {
  if (configuration.mode !== "USER" || version !== "v3") return undefined;
  const product = productOf(layer, configuration);
  return runMemories({ layer, product, configuration, version, layout: layouts[0], stallOnce: true }).stallCycles;
}

/**
 * What SCALE-Sim reports of a layer. Cycles are stamps as SCALE-Sim prints them: the first cycle is 0, fills before it
 * are negative. Of `layouts` only the first counts, whichever the layer, as in SCALE-Sim. Throws InputError for a layer
 * too large to be addressed and for what `checkScalesim` refuses.
 */
export function simulateScalesimLayer(
  layer: ScalesimLayer,
  configuration: ScalesimConfiguration,
  version: ScalesimVersion,
  layouts: readonly ScalesimLayout[] = [],
): ScalesimLayerResult {
  checkScalesim(configuration, version, layouts);
  const product = productOf(layer, configuration);
  const compute = computeOf(product, layer, configuration);
  const memory = runMemories({ layer, product, configuration, version, layout: layouts[0] });
  const { arrayHeight, arrayWidth } = configuration;
  const total = memory.totalCycles;
  const { ifmap, filter, ofmap } = memory.dram;
  return {
    totalCyclesWithPrefetch: ofmap.stopCycle - Math.min(ifmap.startCycle, filter.startCycle),
    totalCycles: total,
    stallCycles: memory.stallCycles,
    overallUtilisationPercent: (compute.macs * 100) / (total * (arrayHeight * arrayWidth)),
    mappingEfficiencyPercent: compute.mappingEfficiencyPercent,
    computeUtilisationPercent: compute.computeUtilisationPercent,
    sram: {
      ifmap: { ...memory.sram.ifmap, words: compute.ifmapReads },
      filter: { ...memory.sram.filter, words: compute.filterReads },
      ofmap: { ...memory.sram.ofmap, words: compute.ofmapWrites },
    },
    dram: memory.dram,
    ...(compute.storage === undefined ? {} : { storage: compute.storage }),
  };
}
