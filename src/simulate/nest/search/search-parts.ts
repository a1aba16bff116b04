// Which searches a layer needs on a machine of loop nests and into how many parts each is cut, apart from the engine, so
// that they can be counted without it.

import { InputError } from "../../../base/error.ts";
import type { PreparedNest } from "../../prepared.ts";
import type { MappingChoice } from "../../simulate-layer.ts";

/** Parts of a search, which may run side by side. Results depend on it. */
export const searchParts = 8;

/**
 * Mappings whose schedules are searched for the layer of that name, in the machine's order: none where it was given a
 * schedule. Throws InputError for a mapping that the machine has not.
 */
export function nestSearches(
  layer: string,
  { machine }: Pick<PreparedNest, "machine">,
  { mapping, schedules }: Pick<MappingChoice, "mapping" | "schedules">,
): readonly string[] {
  const known = Object.keys(machine.mappings);
  if (schedules?.[layer] !== undefined) return [];
  if (mapping === undefined) return known;
  if (known.includes(mapping)) return [mapping];
  throw new InputError({
    path: "mapping",
    message: `${machine.name} has no such mapping`,
    found: mapping,
    known,
    expected: known.join(", "),
  });
}
