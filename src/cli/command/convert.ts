// `heddle convert`: tensors between storage formats, with their exact sizes, workloads to topology files, and machines
// of SCALE-Sim to configurations.

import { InputError } from "../../base/error.ts";
import type { CliContext } from "../context.ts";
import type { ConvertFlags, ConvertTarget } from "../flags.ts";

export async function convert(context: CliContext, flags: ConvertFlags, input: string, output?: string): Promise<void> {
  if (output !== undefined) (await import("../output/write-file.ts")).checkTargets([output], [input]);
  if (/\.npy$/i.test(input)) {
    if (flags.to !== undefined) {
      throw new InputError({
        path: "--to",
        message: "a tensor is no workload",
        found: flags.to,
        expected: "an output that ends in .npy",
      });
    }
    await convertTensor(context, flags, input, output);
    return;
  }
  if (flags.format !== undefined && flags.format.length > 0) {
    throw new InputError({
      path: "--format",
      message: "storage formats are for tensors",
      found: input,
      expected: "a file that ends in .npy",
    });
  }
  if (/\.cfg$/i.test(input)) await convertMachine(context, flags, input, output);
  else await convertWorkload(context, flags, input, output);
}

async function convertTensor(
  context: CliContext,
  flags: ConvertFlags,
  input: string,
  output: string | undefined,
): Promise<void> {
  if (output !== undefined && !/\.npy$/i.test(output)) {
    throw new InputError({
      message: "a tensor is written as .npy",
      found: output,
      expected: "an output that ends in .npy",
    });
  }
  const formats = flags.format ?? [];
  if (output !== undefined && formats.length !== 1) {
    throw new InputError({
      path: "--format",
      message: "a tensor is written through one format",
      found: formats.length === 0 ? "none" : formats.join(", "),
      expected: "one --format",
    });
  }
  const [{ readNpy, writeNpy }, { readBytes }, { measureFormats, throughFormat, sizesText, sizesJson }, { deliver }] =
    await Promise.all([
      import("../../interop/npy.ts"),
      import("../input/read-file.ts"),
      import("../output/tensor-sizes.ts"),
      import("../output/deliver.ts"),
    ]);
  const tensor = readNpy(readBytes(input), input);
  const sizes = measureFormats(tensor, formats);
  const text =
    flags.json === true
      ? sizesJson(input, tensor, sizes)
      : sizesText(input, tensor, sizes, { width: context.width, colour: context.colour });
  const files =
    output === undefined ? [] : [{ path: output, content: writeNpy(throughFormat(tensor, formats[0] ?? "dense")) }];
  await deliver(context, text, files);
  for (const { path } of files) context.note(`wrote ${path}: encoded, decoded and found equal\n`);
}

async function convertMachine(
  context: CliContext,
  flags: ConvertFlags,
  input: string,
  output: string | undefined,
): Promise<void> {
  const target = flags.to ?? (output !== undefined && /\.ya?ml$/i.test(output) ? "heddle" : undefined);
  if (target !== "heddle") {
    throw new InputError({
      ...(target === undefined ? {} : { path: "--to" }),
      message: "a configuration of SCALE-Sim is no workload",
      found: target ?? output ?? input,
      expected: "--to heddle",
    });
  }
  if (flags.batch !== undefined || flags.json === true) {
    throw new InputError({
      path: flags.json === true ? "--json" : "--batch",
      message: "a configuration of SCALE-Sim becomes YAML, for any batch",
    });
  }
  const [{ readScalesimConfiguration }, { scalesimToHeddle }, { readText }, { deliver }] = await Promise.all([
    import("../../interop/scalesim/input/configuration.ts"),
    import("../../interop/scalesim/to-heddle.ts"),
    import("../input/read-file.ts"),
    import("../output/deliver.ts"),
  ]);
  const read = readScalesimConfiguration(readText(input), { file: input, version: "v3" });
  const machine = scalesimToHeddle(read.configuration, { name: read.configuration.runName });
  const files = output === undefined ? [] : [{ path: output, content: machine.text }];
  await deliver(context, output === undefined ? machine.text : "", files);
  for (const note of new Set([...read.notes, ...machine.notes])) context.note(`note: ${note}\n`);
  for (const { path } of files) context.note(`wrote ${path}\n`);
}

async function convertWorkload(
  context: CliContext,
  flags: ConvertFlags,
  input: string,
  output: string | undefined,
): Promise<void> {
  const target = flags.to ?? targetOf(output);
  if (target === "heddle") {
    throw new InputError({
      path: "--to",
      message: "only a configuration of SCALE-Sim becomes one of Heddle",
      found: input,
      expected: "a file that ends in .cfg",
    });
  }
  const [{ resolveWorkload }, { deliver }] = await Promise.all([
    import("../input/workload.ts"),
    import("../output/deliver.ts"),
  ]);
  const network = await resolveWorkload(input, flags.batch === undefined ? {} : { batch: flags.batch });
  let text: string;
  let warnings: readonly string[] = network.warnings;
  if (target === "scalesim") {
    const topology = (await import("../../interop/scalesim/input/topology-write.ts")).writeScalesimTopology(network);
    text = topology.text;
    warnings = [...warnings, ...topology.warnings];
  } else {
    text = (await import("../output/network-json.ts")).networkJson(network);
  }
  const files = output === undefined ? [] : [{ path: output, content: text }];
  await deliver(context, output === undefined ? text : "", files);
  for (const warning of new Set(warnings)) context.note(`warning: ${warning}\n`);
  for (const { path } of files) context.note(`wrote ${path}\n`);
}

function targetOf(output: string | undefined): ConvertTarget {
  if (output !== undefined && /\.csv$/i.test(output)) return "scalesim";
  if (output !== undefined && /\.json$/i.test(output)) return "json";
  const expected = "an output that ends in .csv (SCALE-Sim topology) or .json, or --to scalesim or --to json";
  throw new InputError({
    message: output === undefined ? "what to convert to is not said" : "unknown ending of the output",
    ...(output === undefined ? {} : { found: output }),
    expected,
  });
}
