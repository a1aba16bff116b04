// The film of a batch or a merge pass of a sparse product on an array of multipliers: stepped by its reference while an
// observer looks on, and drawn with memories, multipliers and merge tree.

import { InputError } from "../../base/error.ts";
import type { ComputeLayer } from "../../workload/layer.ts";
import { sparseOperands } from "../../workload/sparse-operands.ts";
import type { PreparedProduct } from "../prepared.ts";
import type { ReplayOptions } from "./options.ts";
import { filmUnit } from "./product/film.ts";
import type { Replay } from "./replay.ts";

/**
 * A tile is a batch of resting entries or a pass of the tree over partial results, in the order in which the machine
 * comes to them. Throws InputError for a mapping or a tile that there is not, for a picture of too many parts, and for
 * machines whose engine has no stepped reference.
 */
export function replayProduct(
  layer: ComputeLayer,
  prepared: PreparedProduct,
  mapping: string,
  options: ReplayOptions,
): Replay {
  const { machine, engine } = prepared;
  const chosen = machine.mappings[mapping];
  if (chosen === undefined) {
    const known = Object.keys(machine.mappings);
    throw new InputError({ path: "mapping", message: `${machine.name} has no such mapping`, found: mapping, known });
  }
  const array = engine.array?.(chosen.clock);
  if (array === undefined) {
    throw new InputError({
      path: "tile",
      message: `${machine.name} has no stepped reference to film: its dataflow is held against one in tests only; its loop nest, counts and cycle stack are in the result of the layer`,
      found: machine.engine,
      expected: "a machine of multipliers under a merge tree",
    });
  }
  return filmUnit(
    sparseOperands(layer, options.seed),
    array,
    chosen,
    `${layer.name} on ${machine.name}, ${mapping}`,
    options,
  );
}
