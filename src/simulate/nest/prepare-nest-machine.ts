// A machine of loop nests with everything derived from its description that layers share.

import type { Technology } from "../../technology/technology.ts";
import type { NestBasedMachine } from "../machine.ts";
import type { PreparedNest } from "../prepared.ts";
import { prepareParts } from "../prepared.ts";
import { nestParts } from "./prepare-nest.ts";

/** Resolves levels, paths and prices. Throws InputError with the field's path where the description is unusable. */
export function prepareNestMachine(machine: NestBasedMachine, technology: Technology): PreparedNest {
  const parts = nestParts(machine);
  const { rows, columns, lanes } = parts.array.part;
  return { kind: "nest", machine, parts, units: rows * columns * lanes, ...prepareParts(machine, technology) };
}
