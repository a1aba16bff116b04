// What crosses between the page and its workers: plain data both ways, and errors as data, because an error loses its
// class on the way.

import type { Citation, Source } from "../../src/base/source.ts";
import type { Fault } from "../../src/base/error.ts";
import type { Schedule } from "../../src/mapping/nest/schedule.ts";
import type { LooseValues, ParameterTable } from "../../src/accelerator/parameters.ts";
import type { MappingTable } from "../../src/report/machine.ts";
import type { Objective } from "../../src/simulate/machine.ts";
import type { RunResult } from "../../src/simulate/result.ts";
import type { Replay } from "../../src/simulate/replay/replay.ts";
import type { Reproduction } from "../../src/workbench/reproduce.ts";

/** A machine with the parameters that differ from its defaults. */
export interface MachineChoice {
  readonly name: string;
  readonly set: LooseValues;
  /** The mapping of every layer; undefined leaves the choice to the objective. */
  readonly mapping?: string;
}

/** A file that the reader dropped, chose, or named on the command line; workers read it, never the page. */
export interface NamedFile {
  readonly name: string;
  readonly content: Blob;
}

/** What `heddle run` and `heddle compare` are asked, with the words of the command line. */
export interface Job {
  /** `resnet50`, `gemm:M=8,N=8,K=8`, `model.onnx`, `A.mtx,B.mtx` ... */
  readonly workload: string;
  readonly files: readonly NamedFile[];
  readonly machines: readonly MachineChoice[];
  readonly objective: Objective;
  readonly seed: number;
  /** `equal`: as `compare`, with the resources of the first machine; `published`: each machine with its own. */
  readonly resources: "equal" | "published";
  /** As `--density` and `--layers`; empty for none. */
  readonly density: string;
  readonly layers: string;
}

export interface CatalogueMachine {
  readonly name: string;
  readonly title: string;
  readonly summary: string;
  readonly citation: Citation;
  readonly kind: "grid" | "product" | "nest";
  readonly parameters: ParameterTable;
  readonly mappings: readonly string[];
  /** The claims of its publication, by their names, with the place in it; none for a machine without. */
  readonly claims: readonly { readonly id: string; readonly source: Source }[];
  /** To derive them takes minutes. */
  readonly slowClaims: boolean;
}

/** Everything that can be chosen. */
export interface Catalogue {
  readonly machines: readonly CatalogueMachine[];
  readonly networks: readonly { readonly name: string; readonly title: string }[];
}

/** How far a run is: layers, and inside a layer words such as the mappings being timed. */
export interface Progress {
  readonly machine: number;
  readonly done: number;
  readonly total: number;
  readonly detail?: string | undefined;
  /** How the run ended; undefined before that. */
  readonly end?: MachineEnd["kind"];
}

/** The run of one machine, and the seconds that its worker computed. */
export interface MachineRun {
  readonly run: RunResult;
  readonly seconds: number;
}

/** The runs of a job, in the order of its machines. */
export interface Outcome {
  readonly runs: readonly RunResult[];
  /** What was made equal, and what could not be. */
  readonly remarks: readonly string[];
  /** Seconds that the slowest worker computed; 0 where all was known before. */
  readonly seconds: number;
  /** How many of the runs were known from a job before; undefined for none. */
  readonly known?: number;
}

/** How the run of one machine ended: a failure in the words of the command line, `input` where the reader can mend it. */
export type MachineEnd =
  | { readonly kind: "run"; readonly run: RunResult; readonly seconds: number; readonly isKnown: boolean }
  | { readonly kind: "failed"; readonly cause: "input" | "failure"; readonly message: string };

/** A machine after the comparison's adjustment, with the parameters that it runs with; or why there is no such machine. */
export type PlannedMachine = { readonly label: string } & (
  | {
      readonly kind: "machine";
      readonly choice: MachineChoice;
      /** Whether a schedule is searched for every layer, which takes long. */
      readonly isSearched: boolean;
    }
  | { readonly kind: "refused"; readonly message: string }
);

/** What is known of a job before it runs. Labels are those of the runs (`machineLabels`). */
export interface Plan {
  readonly machines: readonly PlannedMachine[];
  readonly remarks: readonly string[];
}

/** A component of a machine: what its box shows, and what stands behind it. */
export interface MachineBox {
  readonly name: string;
  readonly kind: string;
  /** In a few words, and in a sentence. */
  readonly brief: string;
  readonly sentence: string;
  /** What it gives at most, such as `64 B a cycle`; undefined where its description has no width. */
  readonly width?: string;
  /** Square millimetres; undefined off chip. */
  readonly area?: number;
  /** Joules of each of its events. */
  readonly events: readonly { readonly name: string; readonly joules: number }[];
}

/** A machine with its parameters set: everything that the machine view draws. */
export interface MachinePage {
  readonly boxes: readonly MachineBox[];
  /** Stations of each operand, from far to near. */
  readonly paths: readonly { readonly operand: "A" | "B" | "C"; readonly stations: readonly string[] }[];
  /** Every parameter, those that were not set too. */
  readonly values: LooseValues;
  /** Components that each parameter changes. */
  readonly effects: Readonly<Record<string, readonly string[]>>;
  readonly mappings: MappingTable;
  readonly technology: string;
  readonly tables: readonly string[];
}

/** A layer of a workload, before any machine. */
export interface LayerSketch {
  readonly name: string;
  readonly operator: string;
  readonly M: number;
  readonly N: number;
  readonly K: number;
  readonly count: number;
}

export interface WorkloadSketch {
  readonly name: string;
  readonly source: string;
  readonly layers: readonly LayerSketch[];
  readonly warnings: readonly string[];
}

/** On machines of loop nests whose lanes skip zeros by bitmaps: the lanes of a unit, or the loop nest above them. */
export type FilmView = "lanes" | "nest";

/** One tile to film. */
export interface FilmRequest {
  readonly job: Pick<Job, "workload" | "files" | "density" | "layers" | "seed">;
  readonly machine: MachineChoice;
  /** Name of the layer. */
  readonly layer: string;
  readonly tile: number;
  readonly view: FilmView;
  /** The layer's own of a run, on machines of loop nests; without one it is searched again. */
  readonly schedule?: Schedule;
}

export interface Film {
  readonly replay: Replay;
  /** Parameters that were made smaller so that the machine fits a picture. */
  readonly reduced: LooseValues;
  /** What can be filmed of this machine, where that is a choice. */
  readonly views: readonly FilmView[];
}

export type Answer<Value> =
  | { readonly kind: "value"; readonly value: Value }
  | { readonly kind: "fault"; readonly fault: Fault; readonly message: string };

/** What a worker does. A worker does one thing at a time; who cancels ends it and starts another. */
export interface Engine {
  readonly catalogue: () => Promise<Answer<Catalogue>>;
  readonly sketch: (job: Pick<Job, "workload" | "files" | "density" | "layers">) => Promise<Answer<WorkloadSketch>>;
  readonly plan: (job: Pick<Job, "machines" | "resources">) => Promise<Answer<Plan>>;
  readonly run: (
    job: Job,
    machine: MachineChoice,
    onProgress: (done: number, total: number, detail?: string) => void,
  ) => Promise<Answer<MachineRun>>;
  readonly machine: (choice: MachineChoice) => Promise<Answer<MachinePage>>;
  readonly film: (request: FilmRequest) => Promise<Answer<Film>>;
  /** Derives the claims of a machine's publication again; for some machines that takes minutes. */
  readonly claims: (machine: string) => Promise<Answer<readonly Reproduction[]>>;
  /** The configuration file of machines, for `--config`. */
  readonly configuration: (machines: readonly MachineChoice[]) => Promise<Answer<string>>;
  /** `heddle compare --json` or `--csv` of these runs. */
  readonly document: (format: "json" | "csv", runs: readonly RunResult[]) => Promise<Answer<string>>;
}
