// What `heddle scalesim` reads: a configuration, a topology and, where one is given, a layout, all in SCALE-Sim's form.

import { basename, extname } from "node:path";
import { readScalesimConfiguration } from "../../interop/scalesim/input/configuration.ts";
import { readScalesimLayers } from "../../interop/scalesim/input/layers.ts";
import { readScalesimLayouts } from "../../interop/scalesim/input/layout-file.ts";
import { isScalesimTopology } from "../../interop/scalesim/input/topology.ts";
import type {
  ScalesimConfiguration,
  ScalesimLayer,
  ScalesimLayout,
  ScalesimVersion,
} from "../../interop/scalesim/scalesim.ts";
import type { ScalesimFlags } from "../flags-scalesim.ts";
import { readText } from "../input/read-file.ts";

export interface ScalesimInputs {
  /** Of the topology: its file's name without the ending. */
  readonly name: string;
  readonly configuration: ScalesimConfiguration;
  readonly version: ScalesimVersion;
  readonly layers: readonly ScalesimLayer[];
  /** What the topology was read as. */
  readonly input: "conv" | "gemm";
  readonly layouts?: readonly ScalesimLayout[];
  /** The titles are those of a topology, so that other commands know it for one. */
  readonly titled: boolean;
  /** The files that were read. */
  readonly files: readonly string[];
  /** What was assumed or left out while reading. */
  readonly notes: readonly string[];
}

/** Reads the files that the flags name. Throws InputError for files that cannot be read or understood. */
export function readScalesimInputs(flags: ScalesimFlags): ScalesimInputs {
  const version = flags.compat ?? "v3";
  const { config, topology, layout } = flags;
  const { configuration, notes } = readScalesimConfiguration(readText(config), { file: config, version });
  const text = readText(topology);
  const table = readScalesimLayers(text, {
    file: topology,
    ...(flags.inputType === undefined ? {} : { input: flags.inputType }),
  });
  return {
    name: basename(topology, extname(topology)),
    configuration,
    version,
    layers: table.layers,
    input: table.input,
    titled: isScalesimTopology(text),
    ...(layout === undefined ? {} : { layouts: readScalesimLayouts(readText(layout), { file: layout }) }),
    files: [config, topology, ...(layout === undefined ? [] : [layout])],
    notes: [...notes, ...table.notes],
  };
}
