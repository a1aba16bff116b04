// A machine ready to run: components, the way each operand travels, formats and the mappings it can be configured to.
// Accelerator descriptions build one from their parameters.

import type { Components } from "../dataflow/route.ts";
import type { ControlCycles } from "../dataflow/product/product.ts";
import type { NestMapping } from "../mapping/nest/nest-mapping.ts";
import type { Axis } from "../mapping/nest/schedule.ts";
import type { GridMapping } from "../mapping/grid-mapping.ts";
import type { ProductMapping } from "../mapping/product-mapping.ts";
import type { AxisReference } from "../dataflow/nest/sparse/lane-nest.ts";
import type { Format } from "../tensor/format.ts";
import type { NumberFormat } from "../technology/technology.ts";
import type { OperandName } from "./result.ts";

export type Mapping = GridMapping | ProductMapping | NestMapping;

interface MachineDescription {
  readonly name: string;
  readonly components: Components;
  /** One line for each operand, memories from far to near: `"dram > weightBuffer > grid"`. */
  readonly paths: Readonly<Record<OperandName, string>>;
  /** Number formats: operands and sums are the array's own, results leave in `output`. */
  readonly output: NumberFormat;
  /** Name of the technology that prices it. */
  readonly technology: string;
  /** Power of the array in each mapping relative to a fixed-pipeline array, where a publication or a fit gives it. */
  readonly relativePower?: Readonly<Record<string, number>>;
}

/** A machine around one systolic grid, with a buffer at the array for each operand. */
export interface GridBasedMachine extends MachineDescription {
  readonly kind?: "grid";
  /** By name, such as `k2`; the best for the objective is chosen layer by layer unless one is asked for. */
  readonly mappings: Readonly<Record<string, GridMapping>>;
}

/**
 * What it takes to bring the result of a layer into the format in which the mapping of the next layer takes it. The
 * other operand is known beforehand and lies in memory in whatever format is needed.
 */
export interface FormatConversion {
  /** The operand of a layer that is the result of the layer before. */
  readonly operand: "A" | "B";
  /** Cycles for each stored entry. */
  readonly cyclesPerElement: number;
}

interface ProductDescription extends MachineDescription {
  readonly kind: "product";
  /** By name, such as `gustavson-m`. */
  readonly mappings: Readonly<Record<string, ProductMapping>>;
  readonly conversion: FormatConversion;
}

/** Multipliers under a merge tree, a cache for what streams. */
export interface ArrayProductMachine extends ProductDescription {
  readonly engine: "array";
  readonly control: ControlCycles;
  /** Partial results beyond their memory go off chip, or are taken to fit whatever their number. */
  readonly partialSums: "bounded" | "unbounded";
  /** What sums of a folded row of the inner product wait in between its folds: the memory for partial results, or the cache. */
  readonly carriedSums: "partialSums" | "cache";
  /** Results on their way off chip take part in the memory's bandwidth, or take no time. */
  readonly outputWrites: "timed" | "untimed";
}

/** Processors that take rows from a queue and merge them, around a cache of fibres. */
export interface RowTaskProductMachine extends ProductDescription {
  readonly engine: "row-tasks";
  /** Fibres that tasks may hold, from their fetch to their end. */
  readonly inputsAhead: number;
}

/** Multipliers under a wide merge tree, for the outer product of a condensed matrix. */
export interface CondensedProductMachine extends ProductDescription {
  readonly engine: "condensed-outer";
}

/** Dot-product engines over a shared memory, onto which stationary entries are packed by bitmaps. */
export interface PackedProductMachine extends ProductDescription {
  readonly engine: "packed-inner";
  /** Elements that reach the distribution networks in a cycle. */
  readonly networkWidth: number;
  /** Share of the shared memory that holds sums of the result. */
  readonly outputShare: number;
  /** Sums and results take part in the widths of both memories, or take no time. */
  readonly outputWrites: "timed" | "untimed";
}

/** A machine that multiplies sparse by sparse. */
export type ProductBasedMachine =
  | ArrayProductMachine
  | RowTaskProductMachine
  | CondensedProductMachine
  | PackedProductMachine;

/** Memories at one distance from the array, and the units below them. */
export interface NestLevel {
  readonly name: string;
  /** Component names; the paths say what each of them holds. */
  readonly memories: readonly string[];
  /** Operands that no schedule may pass by here. */
  readonly keeps?: readonly OperandName[];
  readonly axes: readonly Axis[];
}

/** What a machine of loop nests makes of zeros. */
export interface ZeroHandling {
  /** Formats in which operands are stored at a level, by its name; word by word where none is given, or none is smaller. */
  readonly formats: Readonly<Record<string, Partial<Readonly<Record<OperandName, Format>>>>>;
  /** Multiplications that units wait through, by the operands whose zeros make them. */
  readonly gated: readonly ("A" | "B")[];
  /**
   * Multiplications that take no time, by the operands whose zeros make them, and the level at whose tiles' end all units
   * wait for the slowest of them. Units here need no lanes that find non-zeros by bitmaps: their storage says where they are.
   */
  readonly skipped?: {
    readonly leaders: readonly ("A" | "B")[];
    /** Name of the level. */
    readonly barrier: string;
  };
  /** Lanes that skip zeros by bitmaps: their component, the axis that they are, and the axis of the array's columns. */
  readonly skipping?: {
    readonly component: string;
    readonly lanes: AxisReference;
    readonly columns: AxisReference;
    /** Name of the level whose exchange of tiles all units wait for. */
    readonly joins: string;
  };
}

/** A machine that any loop nest can be scheduled on: memories in levels above an array of units. */
export interface NestBasedMachine extends MachineDescription {
  readonly kind: "nest";
  /** Far to near. */
  readonly levels: readonly NestLevel[];
  /** Name of the level whose axes are the array's rows and columns: what crosses them passes its network. */
  readonly arrayBelow: string;
  /** Bytes of a partial sum in memory, where they are not those of the array's accumulators. */
  readonly partialSumBytes?: number;
  /** Nothing by default. */
  readonly zeros?: ZeroHandling;
  /** The `reductionTree` that adds sums of the units along an axis; without one the array's own adders do, in no time. */
  readonly reduction?: AxisReference & { readonly component: string };
  /** The `layoutDrain` through which results leave the array, and the memory beside the array that it lays them out in. */
  readonly drain?: { readonly component: string; readonly memory: string };
  /** By name, such as `output-stationary`. */
  readonly mappings: Readonly<Record<string, NestMapping>>;
}

export type Machine = GridBasedMachine | ProductBasedMachine | NestBasedMachine;

export type Objective = "cycles" | "seconds" | "energy" | "edp";
