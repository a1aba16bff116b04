// Writes a configuration file: machines with the parameters that differ from their defaults, and the options of a run.
// What `parseConfig` reads back is what was written.

import { Document } from "yaml";
import type { ConfiguredOptions } from "./config.ts";
import type { ConfiguredMachine } from "./settings.ts";

/** The YAML of one machine, or of several in a list. Infinity is written as `unlimited`. */
export function configText(machines: readonly ConfiguredMachine[], options: ConfiguredOptions = {}): string {
  const entries = machines.map(({ accelerator, parameters }) => ({
    accelerator,
    ...(Object.keys(parameters).length === 0
      ? {}
      : {
          parameters: Object.fromEntries(
            Object.entries(parameters).map(([path, value]) => [path, value === Infinity ? "unlimited" : value]),
          ),
        }),
  }));
  const [only] = entries;
  const run = Object.keys(options).length === 0 ? {} : { run: options };
  return new Document(
    entries.length === 1 && only !== undefined ? { ...only, ...run } : { accelerators: entries, ...run },
  ).toString({ lineWidth: 0 });
}
