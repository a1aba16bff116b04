// The entry `heddle`: each layer as a namespace, and the error that bad input causes. A layer alone is imported as
// `heddle/<layer>`, which loads nothing above it.

export { at, InputError, type Fault, type Place } from "./base/error.ts";
export type { Citation, Source, Strength } from "./base/source.ts";
export * as accelerator from "./accelerator/index.ts";
export * as component from "./component/index.ts";
export * as dataflow from "./dataflow/index.ts";
export * as interop from "./interop/index.ts";
export * as mapping from "./mapping/index.ts";
export * as report from "./report/index.ts";
export * as simulate from "./simulate/index.ts";
export * as technology from "./technology/index.ts";
export * as tensor from "./tensor/index.ts";
export * as workbench from "./workbench/index.ts";
export * as workload from "./workload/index.ts";
