// What a simulation says: the values that every report, the JSON and the studio read. SI units throughout:
// cycles, seconds, hertz, bytes, joules, watts; areas in square millimetres.

import type { NestPicture } from "../dataflow/nest/picture.ts";
import type { Schedule } from "../mapping/nest/schedule.ts";
import type { Compression } from "../mapping/product-mapping.ts";
import type { Answer, DensitySource } from "../workload/layer.ts";

export type OperandName = "A" | "B" | "C";

/** Bytes moved to (`write`) and from (`read`) one memory, in total and for each operand. */
export interface MemoryTraffic {
  readonly read: number;
  readonly write: number;
  readonly operands: Readonly<Record<OperandName, { readonly read: number; readonly write: number }>>;
}

/** dense = executed + skipped + gated; effectual = products of two non-zeros. */
export interface MacCounts {
  readonly dense: number;
  readonly effectual: number;
  readonly executed: number;
  readonly skipped: number;
  readonly gated: number;
  /** `exact`: counted on values. `expected`: dense times the densities, rounded. */
  readonly effectualSource: "exact" | "expected";
}

export interface EnergyResult {
  /** Joules. */
  readonly total: number;
  /** Joules by component; sums to `total`. */
  readonly components: Readonly<Record<string, number>>;
}

/** How the functional output was compared with the golden evaluator. */
export type CheckOutcome = "exact" | "sampled" | "off";

/**
 * Tiles re-run on the stepped machine, the cycles they took there, and every difference from the closed forms. Of a
 * sparse product a tile is a batch of resting entries or a pass over partial results; counts are compared of all.
 */
export interface LayerAudit {
  readonly tiles: number;
  readonly of: number;
  readonly cycles: number;
  readonly differences: readonly string[];
  /** What could not be compared, and why. */
  readonly note?: string;
}

/** One thing that happened in a layer, for traces: a resource was busy from `start` for `duration` cycles. */
export interface Interval {
  readonly resource: string;
  readonly label: string;
  readonly start: number;
  readonly duration: number;
}

/**
 * An operand that the layer before left in another format than the layer's mapping requires, brought into it. How it is
 * counted and priced: `src/simulate/product/transitions.ts`.
 */
export interface Conversion {
  readonly operand: "A" | "B";
  readonly from: Compression;
  readonly to: Compression;
  /** Stored entries that are converted. */
  readonly elements: number;
  readonly cycles: number;
  readonly seconds: number;
  /** Joules by component. */
  readonly energy: EnergyResult;
}

/** One choice of mappings for all layers, the conversions that it needs included. */
export interface PathTotal {
  /** Number of conversions. */
  readonly conversions: number;
  readonly cycles: number;
  readonly seconds: number;
  /** Joules. */
  readonly energy: number;
}

/** Conversions of formats between the layers of a run on a machine whose mappings prescribe formats. */
export interface ConversionTotal {
  /** Whether the layers' figures and the run's total hold them. Where they do, mappings are those of the best path. */
  readonly counted: boolean;
  /** The operand that is the result of the layer before. */
  readonly operand: "A" | "B";
  /** What the chosen mappings need. */
  readonly conversions: number;
  readonly elements: number;
  readonly cycles: number;
  readonly seconds: number;
  readonly energy: number;
  /** Whole runs with conversions: with the best mapping of each layer by itself, and along the best path. */
  readonly paths: { readonly layerByLayer: PathTotal; readonly best: PathTotal };
}

/**
 * Inputs that lie in the order in which the layer before left them, although this layer reads them in another one; or
 * that a drain has laid out anew. What is assumed: `src/simulate/nest/drain/layout.ts`.
 */
export interface LayoutChange {
  /** What lies next to each other as results leave, and what the layer reads one after the other. */
  readonly from: "channels" | "positions";
  readonly to: "channels" | "positions";
  /** Whether the drain reordered, so that nothing is paid. */
  readonly reordered: boolean;
  /** Accesses of the memory beside the array that the layer pays, or would. */
  readonly accesses: number;
  /** In the layer's figures. */
  readonly cycles: number;
  /** Joules, in the layer's figures. */
  readonly energy: number;
}

/** Changes of layout between the layers of a run on a machine of loop nests. */
export interface LayoutTotal {
  readonly drain: "reordering" | "plain";
  readonly changes: number;
  /** Paid by the layers with a plain drain, spared by a reordering one. */
  readonly accesses: number;
  readonly cycles: number;
  readonly energy: number;
}

export interface LayerResult {
  readonly name: string;
  readonly operator: string;
  /** Lowered matrix product; `count` of them, one for each group or batch entry. */
  readonly M: number;
  readonly N: number;
  readonly K: number;
  readonly count: number;
  readonly density: { readonly A: number; readonly B: number };
  readonly densitySource: { readonly A: DensitySource; readonly B: DensitySource };
  /** Stored entries of the operands of all products; present where a layer is simulated entry by entry. */
  readonly nonZeros?: { readonly A: number; readonly B: number };
  /** Name of the chosen mapping, such as `weight-stationary k=2`. */
  readonly mapping: string;
  /** Loop nest and tiling of the mapping, outermost first, for a person to read. */
  readonly loops: readonly string[];
  readonly macs: MacCounts;
  readonly cycles: number;
  readonly clock: number;
  readonly seconds: number;
  /** MACs executed, effectual or not, over multipliers times cycles. */
  readonly utilisation: number;
  /** Where the cycles went; sums to `cycles`. */
  readonly stack: Readonly<Record<string, number>>;
  /** Events by `component.event`. */
  readonly counts: Readonly<Record<string, number>>;
  /** By memory, far to near. */
  readonly traffic: Readonly<Record<string, MemoryTraffic>>;
  readonly energy: EnergyResult;
  readonly check: CheckOutcome;
  /** What the mapping needs after that of the layer before; in the layer's figures where the run counts conversions. */
  readonly conversion?: Conversion;
  /** Present when the run was audited. */
  readonly audit?: LayerAudit;
  /** Figures that zeros decide, by statistics of the densities and as counted on the operands; `error` is relative. */
  readonly sparsity?: readonly {
    readonly figure: string;
    readonly statistical: number;
    readonly actual: number;
    readonly error: number;
  }[];
  /** Present where the order of the inputs is not the one in which they are read, on machines of loop nests. */
  readonly layout?: LayoutChange;
  /** What holds the layer back most, on machines of loop nests: `compute`, or the level that it waits for. */
  readonly bound?: string;
  /** The schedule as data, on machines of loop nests. */
  readonly schedule?: Schedule;
  /** What a picture of it shows. */
  readonly nest?: NestPicture;
  /** Schedules that no other one met by the searches of all mappings beats in both, fastest first. */
  readonly front?: readonly { readonly cycles: number; readonly seconds: number; readonly energy: number }[];
  /** The same layer under every other mapping that was tried, for reports; without any conversion. */
  readonly alternatives: readonly {
    readonly mapping: string;
    readonly cycles: number;
    readonly seconds: number;
    readonly energy: number;
  }[];
}

export interface RunTotal {
  readonly cycles: number;
  readonly seconds: number;
  readonly macs: { readonly dense: number; readonly effectual: number };
  /** Joules, watts, square millimetres, joule-seconds. */
  readonly energy: number;
  readonly power: number;
  readonly area: number;
  readonly edp: number;
  /** MACs executed over multipliers times cycles. */
  readonly utilisation: number;
  readonly stack: Readonly<Record<string, number>>;
  readonly energyComponents: Readonly<Record<string, number>>;
  readonly traffic: Readonly<Record<string, MemoryTraffic>>;
}

/** One workload on one machine. `version` 1: fields are added, never given another meaning. */
export interface RunResult {
  readonly version: 1;
  readonly workload: string;
  readonly accelerator: string;
  /** Every parameter of the machine by its dotted path; `"unlimited"` stands for infinity. */
  readonly parameters: Readonly<Record<string, number | string>>;
  readonly technology: string;
  /** Tables that the joules and square millimetres come from. */
  readonly energyTables: readonly string[];
  readonly objective: "cycles" | "seconds" | "energy" | "edp";
  readonly seed: number;
  /** Peak multiply-accumulates a second and bytes a second from off-chip memory, for rooflines; hertz times units. */
  readonly peak: { readonly macsPerSecond: number; readonly bytesPerSecond: number | "unlimited" };
  readonly layers: readonly LayerResult[];
  readonly total: RunTotal;
  /** Square millimetres by component; sums to `total.area`. */
  readonly areaComponents: Readonly<Record<string, number>>;
  /** Present for machines whose mappings prescribe the formats of operands. */
  readonly conversions?: ConversionTotal;
  /** Present for machines of loop nests with a drain. */
  readonly layouts?: LayoutTotal;
  /** What an executed model said, best class first. */
  readonly answers?: readonly Answer[];
  readonly warnings: readonly string[];
}
