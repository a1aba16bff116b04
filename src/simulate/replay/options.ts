// What a film is asked for: which tile of a layer, with which made-up values, and how large it may become.

import { InputError } from "../../base/error.ts";

export interface ReplayOptions {
  /** Makes up operand values, as a run's check does, where the layer has none of its own. */
  readonly seed: number;
  /** Which tile of the layer, from 0, in the order in which the machine comes to them. */
  readonly tile: number;
  /** Parts of the picture at most: a machine with more is refused. */
  readonly mostParts: number;
  /** Cycles of the film at most: it shows the first ones of a longer tile. */
  readonly mostCycles: number;
}

/** Made-up values have one digit, so that a reader can follow products and sums. Of ours. */
export const mostSeededValue = 9;

/** Parts that a picture of ordinary size still shows apart. */
export const defaultMostParts = 600;

/** Path of the fault of a picture of too many parts: what a caller who knows the machine's parameters replaces. */
export const partsPath = "parts of the picture";

/** Refuses a picture of too many parts. `setting` is what makes them many, as a user would say it. */
export function checkParts(parts: number, { mostParts }: ReplayOptions, setting: string): void {
  if (parts <= mostParts) return;
  throw new InputError({
    path: partsPath,
    message: `a film of this machine would need a picture of ${parts} parts`,
    found: setting,
    expected: `at most ${mostParts} parts: a smaller machine`,
  });
}

/** Refuses a tile that the layer does not have. */
export function checkTile(tiles: number, { tile }: ReplayOptions): void {
  if (Number.isInteger(tile) && tile >= 0 && tile < tiles) return;
  throw new InputError({
    path: "tile",
    message: "the layer has no such tile",
    found: String(tile),
    expected: `a whole number from 0 to ${tiles - 1}`,
  });
}
