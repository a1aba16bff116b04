// Which mappings of a sparse-product machine are to be timed for a layer.

import { InputError } from "../../base/error.ts";
import type { PreparedProduct } from "../prepared.ts";
import type { MappingChoice } from "../simulate-layer.ts";

/** The mappings to time, in the machine's order. Throws InputError for one that the machine does not have. */
export function productMappingNames({ machine }: PreparedProduct, choice: MappingChoice): readonly string[] {
  const known = Object.keys(machine.mappings);
  if (choice.mapping === undefined) return known;
  if (known.includes(choice.mapping)) return [choice.mapping];
  throw new InputError({
    path: "mapping",
    message: `${machine.name} has no such mapping`,
    found: choice.mapping,
    known,
    expected: known.join(", "),
  });
}
