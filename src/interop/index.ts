// The entry `heddle/interop`. Files of other tools, in and out; nothing here touches the file system.

export { decodeImage, imageTensor, normalisations } from "./image.ts";
export type { Image, ImageOptions, Normalisation } from "./image.ts";
export * from "./npy.ts";
export { executeOnnx } from "./onnx/execute.ts";
export type { Execution, ExecuteOptions, ModelInput, ModelOutput } from "./onnx/execute.ts";
export { importOnnx } from "./onnx/import.ts";
export type { OnnxModel } from "./onnx/model.ts";
export { readOnnx } from "./onnx/read.ts";
export type { ReadOnnxOptions } from "./onnx/read.ts";
export { isScalesimTopology, readScalesimTopology } from "./scalesim-topology.ts";
export type { TopologyOptions } from "./scalesim-topology.ts";
export * from "./scalesim-topology-write.ts";
