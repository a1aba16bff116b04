// Executes an ONNX model on files, so that its densities are measured, and says what it answered.

import { InputError } from "../../base/error.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { readNpy } from "../npy.ts";
import type { ModelInput } from "../onnx/execute.ts";
import { executeOnnx } from "../onnx/execute.ts";
import type { FileSource } from "./file-source.ts";
import type { ExecuteModel } from "./workload.ts";

/** The network of a model with the densities that its execution on these files shows; `note` is told its answer. */
export const executedNetwork: ExecuteModel = async (bytes, inputs, reading, files, options) => {
  const input = await modelInput(inputs, files);
  const { normalise, invert } = options;
  const execution = await executeOnnx(bytes, input, {
    ...reading,
    ...(normalise === undefined ? {} : { normalise }),
    ...(invert === undefined ? {} : { invert }),
  });
  for (const { name, top } of execution.outputs) {
    const [best, ...others] = top ?? [];
    if (best === undefined) continue;
    const rest = others
      .slice(0, 2)
      .map(({ index, score }) => `${index} (${score.toPrecision(4)})`)
      .join(", ");
    options.note?.(
      `${reading.file} on ${inputs.join(", ")}: output ${name} says class ${best.index}, score ${best.score.toPrecision(4)}${rest === "" ? "" : `; then ${rest}`}\n`,
    );
  }
  const answers = execution.outputs.flatMap(({ name, top }) =>
    top === undefined ? [] : [{ output: name, classes: top }],
  );
  return answers.length === 0 ? execution.network : { ...execution.network, answers };
};

/** One file for a model with one input, or `name=file` for each input. */
async function modelInput(inputs: readonly string[], files: FileSource): Promise<ModelInput> {
  const tensorOf = async (file: string): Promise<Tensor> => readNpy(await files.bytes(file), file);
  const [only] = inputs;
  if (inputs.length === 1 && only !== undefined && (!only.includes("=") || (await files.exists(only)))) {
    if (/\.npy$/i.test(only)) return { kind: "tensor", tensor: await tensorOf(only) };
    return { kind: "image", bytes: await files.bytes(only), file: only };
  }
  const tensors: Record<string, Tensor> = {};
  for (const text of inputs) {
    const equals = text.indexOf("=");
    const name = text.slice(0, Math.max(0, equals));
    const file = text.slice(equals + 1);
    if (name === "" || !/\.npy$/i.test(file)) {
      throw new InputError({
        path: "--input",
        message: "bad input of a model that takes several",
        found: text,
        expected: "name=file.npy",
      });
    }
    if (Object.hasOwn(tensors, name)) {
      throw new InputError({ path: "--input", message: "input is given twice", found: name });
    }
    tensors[name] = await tensorOf(file);
  }
  return { kind: "tensors", tensors };
}
