// What a simulation says: the values that every report, the JSON and the studio read. SI units throughout:
// cycles, seconds, hertz, bytes, joules, watts; areas in square millimetres.

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

/** Tiles re-run on the stepped machine, the cycles they took there, and every difference from the closed forms. */
export interface LayerAudit {
  readonly tiles: number;
  readonly of: number;
  readonly cycles: number;
  readonly differences: readonly string[];
}

/** One thing that happened in a layer, for traces: a resource was busy from `start` for `duration` cycles. */
export interface Interval {
  readonly resource: string;
  readonly label: string;
  readonly start: number;
  readonly duration: number;
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
  /** Name of the chosen mapping, such as `weight-stationary k=2`. */
  readonly mapping: string;
  /** Loop nest and tiling of the mapping, outermost first, for a person to read. */
  readonly loops: readonly string[];
  readonly macs: MacCounts;
  readonly cycles: number;
  readonly clock: number;
  readonly seconds: number;
  /** Effectual-or-not dense MACs done, over multipliers times cycles. */
  readonly utilisation: number;
  /** Where the cycles went; sums to `cycles`. */
  readonly stack: Readonly<Record<string, number>>;
  /** Events by `component.event`. */
  readonly counts: Readonly<Record<string, number>>;
  /** By memory, far to near. */
  readonly traffic: Readonly<Record<string, MemoryTraffic>>;
  readonly energy: EnergyResult;
  readonly check: CheckOutcome;
  /** Present when the run was audited. */
  readonly audit?: LayerAudit;
  /** The same layer under every other mapping that was tried, for reports. */
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
  /** Dense MACs over multipliers times cycles. */
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
  /** What an executed model said, best class first. */
  readonly answers?: readonly Answer[];
  readonly warnings: readonly string[];
}
