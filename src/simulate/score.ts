// What an objective minimises.

import type { Objective } from "./machine.ts";

/** The figure to minimise: cycles, seconds, joules, or joule-seconds. */
export function score(
  mapped: { readonly cycles: number; readonly seconds: number; readonly energy: number },
  objective: Objective,
): number {
  switch (objective) {
    case "cycles":
      return mapped.cycles;
    case "seconds":
      return mapped.seconds;
    case "energy":
      return mapped.energy;
    case "edp":
      return mapped.energy * mapped.seconds;
  }
}
