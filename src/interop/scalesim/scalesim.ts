// What a run of SCALE-Sim is made of: its configuration, its layers, and what it reports of each. Types only; the
// names are SCALE-Sim's (ifmap, filter, ofmap), the spelling is ours.

/** Which release's rules hold: v2 is scale-sim-v2, v3 the current SCALE-Sim. */
export type ScalesimVersion = "v2" | "v3";

/** Output, weight (filter) or input (ifmap) stationary. */
export type ScalesimDataflow = "os" | "ws" | "is";

/** CALC estimates the bandwidth that avoids every read stall; USER stalls where the given bandwidth does not do. */
export type ScalesimMode = "CALC" | "USER";

/** The on-chip memory of ifmap or filter, as section [layout] describes it. */
export interface BankedSram {
  readonly customLayout: boolean;
  /** Words per cycle between DRAM and this memory in USER mode of v3; also the width of a line of a custom layout. */
  readonly bandwidth: number;
  readonly banks: number;
  /** Of each bank. */
  readonly ports: number;
}

/** How weights are made sparse: SCALE-Sim prunes by pattern, it never reads weights. */
export interface ScalesimSparsity {
  readonly representation: "csr" | "csc" | "ellpack_block";
  /** layer-wise: the topology's N:M in every column; row-wise: a random N of every `blockSize` for each filter. */
  readonly mapping: "layer-wise" | "row-wise";
  /** Weights of a block, row-wise only. */
  readonly blockSize: number;
  /** Of numpy's legacy generator, row-wise only. */
  readonly seed: number;
}

export interface ScalesimConfiguration {
  readonly runName: string;
  readonly mode: ScalesimMode;
  readonly arrayHeight: number;
  readonly arrayWidth: number;
  /** In units of 1024 words of one byte. */
  readonly sramKilobytes: { readonly ifmap: number; readonly filter: number; readonly ofmap: number };
  /** Word addresses of the first word of each operand. */
  readonly offsets: { readonly ifmap: number; readonly filter: number; readonly ofmap: number };
  readonly dataflow: ScalesimDataflow;
  /** Words per cycle; what it governs differs between v2 and v3. Empty where the file has none (CALC). */
  readonly bandwidth: readonly number[];
  readonly layout: { readonly ifmap: BankedSram; readonly filter: BankedSram };
  /** Absent when SparsitySupport is off. */
  readonly sparsity?: ScalesimSparsity;
  /** DRAM latencies from a Ramulator run, which this project does not read. */
  readonly ramulator: boolean;
}

/** One row of a topology, or one channel of a depth-wise one. A gemm has ifmap M x K, filter 1 x K, one channel. */
export interface ScalesimLayer {
  readonly name: string;
  readonly ifmapHeight: number;
  readonly ifmapWidth: number;
  readonly filterHeight: number;
  readonly filterWidth: number;
  readonly channels: number;
  readonly filters: number;
  /** In both directions. */
  readonly stride: number;
  /** `kept` of every `block` weights; 1:1 where the topology says nothing. */
  readonly sparsity: { readonly kept: number; readonly block: number };
}

/** Row of a layout file; the order of dimensions in factors and orders is that in which SCALE-Sim uses them. */
export interface ScalesimLayout {
  readonly name: string;
  readonly ifmap: {
    /** Of height, width, channel. */
    readonly factors: readonly [number, number, number];
    readonly intraOrder: readonly [number, number, number];
    readonly interOrder: readonly [number, number, number];
  };
  readonly filter: {
    /** Of filter, channel, height, width. */
    readonly factors: readonly [number, number, number, number];
    readonly intraOrder: readonly [number, number, number, number];
    readonly interOrder: readonly [number, number, number, number];
  };
}

/** What one memory did for one operand. */
export interface ScalesimAccess {
  /** Cycle stamps of the first and the last access; DRAM reads start before cycle 0. */
  readonly startCycle: number;
  readonly stopCycle: number;
  /** Reads, or writes of the ofmap. Not an integer in one case of sparsity, where SCALE-Sim's is not either. */
  readonly words: number;
}

export interface ScalesimAccesses {
  readonly ifmap: ScalesimAccess;
  readonly filter: ScalesimAccess;
  readonly ofmap: ScalesimAccess;
}

/** Words of 32 bits of the filter with sparsity support on. */
export interface ScalesimStorage {
  readonly original: number;
  /** Values and metadata. */
  readonly compressed: number;
  readonly metadata: number;
}

/** Everything that SCALE-Sim reports of a layer, from which its reports are written. */
export interface ScalesimLayerResult {
  readonly totalCyclesWithPrefetch: number;
  /** Index of the last cycle, stalls included: one less than the number of cycles. */
  readonly totalCycles: number;
  readonly stallCycles: number;
  readonly overallUtilisationPercent: number;
  readonly mappingEfficiencyPercent: number;
  readonly computeUtilisationPercent: number;
  readonly sram: ScalesimAccesses;
  readonly dram: ScalesimAccesses;
  readonly storage?: ScalesimStorage;
  /** Stall cycles as v3's rule was meant to be, each late prefetch counted once; only where a run was asked for it. */
  readonly stallCyclesCountedOnce?: number;
}
