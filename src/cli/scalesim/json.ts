// The result of `heddle scalesim` as JSON: SCALE-Sim's figures under names with their units.

import type { Quirk } from "../../interop/scalesim/explain.ts";
import { scalesimBandwidth } from "../../interop/scalesim/report.ts";
import type {
  ScalesimAccess,
  ScalesimAccesses,
  ScalesimLayer,
  ScalesimLayerResult,
} from "../../interop/scalesim/scalesim.ts";
import { jsonDocument } from "../../report/json.ts";
import type { ScalesimInputs } from "./inputs.ts";

/**
 * `{ version, compat, topology, configuration, layers, files, notes }`, with `quirks` where they are given. A
 * figure that SCALE-Sim would divide by zero for is null.
 */
export function scalesimJson(
  inputs: ScalesimInputs,
  results: readonly ScalesimLayerResult[],
  files: readonly string[],
  quirks?: readonly Quirk[],
): string {
  return jsonDocument({
    version: 1,
    compat: inputs.version,
    topology: { name: inputs.name, input: inputs.input },
    configuration: inputs.configuration,
    layers: inputs.layers.flatMap((layer, index) => {
      const result = results[index];
      return result === undefined ? [] : [layerJson(layer, index, result)];
    }),
    files,
    notes: inputs.notes,
    ...(quirks === undefined ? {} : { quirks }),
  });
}

function layerJson(layer: ScalesimLayer, index: number, result: ScalesimLayerResult): object {
  const bandwidth = scalesimBandwidth(result);
  const { storage } = result;
  return {
    index,
    ...layer,
    totalCyclesWithPrefetch: result.totalCyclesWithPrefetch,
    totalCycles: result.totalCycles,
    stallCycles: result.stallCycles,
    overallUtilisationPercent: finite(result.overallUtilisationPercent),
    mappingEfficiencyPercent: finite(result.mappingEfficiencyPercent),
    computeUtilisationPercent: finite(result.computeUtilisationPercent),
    sram: accessesJson(result.sram, bandwidth.sram),
    dram: accessesJson(result.dram, bandwidth.dram),
    ...(storage === undefined
      ? {}
      : {
          filterStorage: {
            original32BitWords: storage.original,
            compressed32BitWords: storage.compressed,
            metadata32BitWords: storage.metadata,
            metadataWordsPerCycle: finite(bandwidth.metadata),
          },
        }),
  };
}

function accessesJson(
  { ifmap, filter, ofmap }: ScalesimAccesses,
  wordsPerCycle: { readonly ifmap: number; readonly filter: number; readonly ofmap: number },
): object {
  const one = ({ startCycle, stopCycle, words }: ScalesimAccess, average: number): object => ({
    startCycle,
    stopCycle,
    words,
    wordsPerCycle: finite(average),
  });
  return {
    ifmap: one(ifmap, wordsPerCycle.ifmap),
    filter: one(filter, wordsPerCycle.filter),
    ofmap: one(ofmap, wordsPerCycle.ofmap),
  };
}

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);
