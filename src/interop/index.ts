// The entry `heddle/interop`. Files of other tools, in and out; nothing here touches the file system.

export { decodeImage, imageTensor, normalisations } from "./image.ts";
export type { Image, ImageOptions, Normalisation } from "./image.ts";
export * from "./matrix-market-write.ts";
export * from "./matrix-market.ts";
export * from "./npy.ts";
export { executeOnnx } from "./onnx/execute.ts";
export type { Execution, ExecuteOptions, ModelInput, ModelOutput } from "./onnx/execute.ts";
export { importOnnx } from "./onnx/import.ts";
export type { OnnxModel } from "./onnx/model.ts";
export { readOnnx } from "./onnx/read.ts";
export type { ReadOnnxOptions } from "./onnx/read.ts";
export { explainScalesim } from "./scalesim/explain.ts";
export type { Quirk } from "./scalesim/explain.ts";
export { readScalesimConfiguration } from "./scalesim/input/configuration.ts";
export { readScalesimLayers } from "./scalesim/input/layers.ts";
export { readScalesimLayouts } from "./scalesim/input/layout-file.ts";
export { isScalesimTopology, readScalesimTopology } from "./scalesim/input/topology.ts";
export type { TopologyOptions } from "./scalesim/input/topology.ts";
export * from "./scalesim/input/topology-write.ts";
export { scalesimBandwidth, scalesimReports } from "./scalesim/report.ts";
export type { ScalesimBandwidth, ScalesimReport } from "./scalesim/report.ts";
export type * from "./scalesim/scalesim.ts";
export * from "./scalesim/simulate.ts";
export { scalesimToHeddle } from "./scalesim/to-heddle.ts";
export { traceScalesimLayer } from "./scalesim/trace.ts";
export type { TraceFile, TraceSink } from "./scalesim/trace.ts";
