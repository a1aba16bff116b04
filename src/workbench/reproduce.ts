// Re-derives what publications claim: every claim of the named machines beside our own figure.

import type { Strength } from "../base/source.ts";
import { acceleratorNamed, accelerators } from "../accelerator/accelerators.ts";
import { evaluate } from "./measure.ts";

/** A claim and our figure for it; `published`, `ours`, `error` and `tolerance` are in `unit`. */
export interface Reproduction {
  readonly id: string;
  readonly accelerator: string;
  readonly workload: string;
  readonly metric: string;
  readonly published: number | readonly [number, number];
  readonly ours: number;
  /** As `claimError`. */
  readonly error: number;
  readonly tolerance: number;
  readonly strength: Strength;
  readonly fitted: boolean;
  readonly holds: boolean;
  readonly unit: string;
  readonly note: string;
}

/** Claims of the named machines, or of all that have any and do not take minutes. Throws InputError for an unknown name. */
export function reproduce(names: readonly string[]): Reproduction[] {
  const chosen =
    names.length === 0 ? accelerators().filter(({ claims }) => claims?.slow !== true) : names.map(acceleratorNamed);
  return chosen.flatMap((accelerator) => {
    if (accelerator.claims === undefined) return [];
    const rival = acceleratorNamed(accelerator.claims.rival);
    return accelerator.claims.list.map(({ measure, source, ...claim }): Reproduction => {
      const ours = evaluate(measure, accelerator, rival);
      const error = claimError(claim.published, ours);
      return {
        ...claim,
        accelerator: accelerator.name,
        ours,
        error,
        strength: source.strength,
        // Half a unit in the last place of a double is not a miss.
        holds: Math.abs(error) <= claim.tolerance + 1e-9,
      };
    });
  });
}

/** Signed distance of `ours` from `published`: from the nearer end of a range, and 0 inside it. */
export function claimError(published: number | readonly [number, number], ours: number): number {
  const [low, high] = typeof published === "number" ? [published, published] : published;
  return ours < low ? ours - low : ours > high ? ours - high : 0;
}
