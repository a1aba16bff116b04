// What a publication claims, as data: the published figure beside the question whose answer is ours. The questions are
// a closed set that any description may ask; the workbench answers them.

import type { Source } from "../base/source.ts";
import type { RowStationaryLimits } from "../mapping/nest/row-stationary-figures.ts";
import type { RowStationarySplit } from "../mapping/nest/row-stationary.ts";
import type { ComputeLayer } from "../workload/layer.ts";
import type { LooseValues } from "./parameters.ts";

/** Which layers of a network a publication counts. */
export type LayerSelection = "all" | "without downsample" | "without depth-wise";

/** A network on a machine configuration; `set` applies to both the machine and its rival. */
export interface Subject {
  readonly network: string;
  readonly layers: LayerSelection;
  /** Images at once, default 1. */
  readonly batch?: number;
  /** Fractions of non-zeros by the name of the layer, where the publication says them. */
  readonly densities?: Readonly<Record<string, ComputeLayer["density"]>>;
  readonly set: LooseValues;
}

/** Units at work at most, milliseconds, or millions of bytes read and written at a memory. */
export type ScheduleFigure =
  | { readonly figure: "units" | "milliseconds" }
  | { readonly figure: "megabytes"; readonly memory: string };

/** A rate of a whole network, without the off-chip memory's energy, which published figures of a chip leave out. */
export type NetworkRate = "inferences per second" | "inferences per joule";

export type Measure =
  /** A network's rate on the machine. */
  | { readonly kind: "network rate"; readonly rate: NetworkRate; readonly subject: Subject }
  /** That rate over that of another network, or of the same one, on the rival or on the machine itself. */
  | {
      readonly kind: "network gain";
      readonly rate: NetworkRate;
      readonly subject: Subject;
      readonly over: { readonly machine: "own" | "rival"; readonly subject: Subject };
    }
  /** Percent of the rival's time saved, averaged over the subjects. */
  | { readonly kind: "latency saving"; readonly subjects: readonly Subject[] }
  /** Number of layers for which a mapping is chosen. */
  | { readonly kind: "layers choosing"; readonly mapping: string; readonly subject: Subject }
  /** Number at the end of the name of the mapping chosen for one layer, counted from 1. */
  | { readonly kind: "chosen depth"; readonly layer: number; readonly subject: Subject }
  /** Microseconds of one layer under one mapping; of the rival when no mapping is named. */
  | { readonly kind: "layer time"; readonly layer: number; readonly mapping?: string; readonly subject: Subject }
  /** Percent of the rival's power saved, by relative powers of the mappings weighted with time, over the subjects. */
  | { readonly kind: "power saving"; readonly subjects: readonly Subject[] }
  /** Cycles of a network under one mapping over those of the best mapping of each layer, geometric mean over the subjects. */
  | { readonly kind: "mapping gain"; readonly mapping: string; readonly subjects: readonly Subject[] }
  /** Percent of the layers whose best mapping is the published one: a letter for each layer, the first of the dataflow. */
  | { readonly kind: "same mappings"; readonly published: string; readonly subject: Subject }
  /** Square millimetres of the machine, or of some of its components. */
  | { readonly kind: "area"; readonly components?: readonly string[]; readonly set: LooseValues }
  /**
   * One layer of a machine of loop nests under a row-stationary split: the authors', or the one that moves the fewest words
   * within limits, a word off chip counted as `offChip` words of the shared memory.
   */
  | ({
      readonly kind: "schedule figure";
      readonly layer: string;
      readonly split: RowStationarySplit | { readonly limits: RowStationaryLimits; readonly offChip: number };
      readonly subject: Subject;
    } & ScheduleFigure)
  /** Rival's energy-delay product over the machine's, with relative powers, averaged over the subjects. */
  | { readonly kind: "energy-delay gain"; readonly subjects: readonly Subject[] };

/** A figure that the publication states, re-derived by `heddle reproduce`. */
export interface Claim {
  readonly id: string;
  readonly workload: string;
  readonly metric: string;
  /** The published value in `unit`, or the published range. */
  readonly published: number | readonly [number, number];
  readonly unit: string;
  /** Largest |ours - published| (from the nearer end of a range) that still counts as reproduced, in `unit`. */
  readonly tolerance: number;
  readonly source: Source;
  /** True when a constant that enters `ours` was fitted to this claim: it is shown and does not count. */
  readonly fitted: boolean;
  /** What the figure rests on, or why it misses. */
  readonly note: string;
  /** How our figure is obtained. */
  readonly measure: Measure;
}
