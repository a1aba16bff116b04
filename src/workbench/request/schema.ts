// The schema of configuration files: built from the parameter tables, so that a new machine is covered by being
// registered, and exported as JSON schema for editors. Loads zod, so it is imported only when it is needed.

import { z } from "zod";
import type { RegisteredAccelerator } from "../../accelerator/accelerator.ts";
import type { Parameter, ParameterTable } from "../../accelerator/parameters.ts";
import { checkWords, conversionWords, maximumThreads, objectiveWords } from "./words.ts";

// Otherwise zod compiles its checks with `new Function`, which a page with a strict content security policy refuses.
z.config({ jitless: true });

const fraction = z.number().min(0).max(1);

/** Options of a run that a file may hold; flags of the command line win over them. */
const runSchema = z
  .strictObject({
    objective: z.enum(objectiveWords).describe("what the choice of mappings minimises; default seconds"),
    mapping: z.string().describe("one mapping for every layer; default: the best for the objective, layer by layer"),
    schedule: z
      .string()
      .describe("YAML file with schedules for machines of loop nests; layers that it leaves out are searched"),
    conversions: z
      .enum(conversionWords)
      .describe(
        "changes of sparse formats between layers: ignore reports them, count adds them and chooses mappings for all layers together; default ignore",
      ),
    layers: z
      .union([z.string(), z.number().int().min(1)])
      .describe("only these layers: names with * and ?, numbers or ranges, separated by commas"),
    batch: z
      .number()
      .int()
      .min(1)
      .max(2 ** 20)
      .describe("images or sequences at once; default 1"),
    density: z
      .union([fraction, z.string(), z.strictObject({ A: fraction, B: fraction }).partial()])
      .describe("fraction of non-zeros of weights (A) and inputs (B)"),
    seed: z
      .number()
      .int()
      .min(0)
      .max(2 ** 32 - 1)
      .describe("seed of generated values; default 1"),
    check: z
      .enum(checkWords)
      .describe("compare outputs with the golden evaluator; default sample for layers with values, off for shapes"),
    audit: z.number().min(0).max(100).describe("percentage of tiles to re-run on the stepped reference"),
    threads: z.number().int().min(1).max(maximumThreads).describe("worker threads; default 1"),
  })
  .partial();

export type RunOptions = z.infer<typeof runSchema>;

/** Names of the options of a run. */
export const runKeys: readonly string[] = Object.keys(runSchema.shape);

const unitPatterns: Readonly<Record<string, string>> = {
  "": "[kKMGTP]?|[KMGTP]i",
  Hz: "[mkKMGTP]?(Hz)?",
  B: "([kKMGTP]|[KMGTP]i)?B?",
  "B/s": "([kKMGTP]|[KMGTP]i)?(B/s)?",
  s: "[fpnuµm]?s?",
};

function parameterSchema(parameter: Parameter): z.ZodType {
  const { description, source } = parameter;
  const text = `${description} (${source.strength}: ${source.text})`;
  if (parameter.kind === "choice") {
    const words = z.enum([...parameter.choices]);
    // YAML reads a choice such as 1 as a number.
    const numbers = parameter.choices.filter((word) => String(Number(word)) === word).map(Number);
    const either = numbers.length === 0 ? words : z.union([words, z.literal(numbers)]);
    return either.meta({ description: text, default: parameter.default });
  }
  const { minimum, maximum, unit } = parameter;
  let number = z.number().min(minimum);
  if (Number.isFinite(maximum)) number = number.max(maximum);
  if (parameter.kind === "integer") number = number.int();
  const pattern = new RegExp(
    `^\\s*(unlimited|[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d+)?\\s*(${unitPatterns[unit] ?? ".*"}))\\s*$`,
  );
  const initial = parameter.default === Infinity ? "unlimited" : parameter.default;
  return z
    .union([number, z.string().regex(pattern)])
    .meta({ description: unit === "" ? text : `${text}, in ${unit}`, default: initial });
}

/** Parameters by dotted path, or nested: `buffers.weights: 1MiB` and `buffers: { weights: 1MiB }` are the same. */
function parametersSchema(table: ParameterTable): z.ZodType {
  const shape: Record<string, z.ZodType> = {};
  const groups = new Map<string, Record<string, Parameter>>();
  for (const [path, parameter] of Object.entries(table)) {
    shape[path] = parameterSchema(parameter).optional();
    const dot = path.indexOf(".");
    if (dot < 0) continue;
    const group = path.slice(0, dot);
    const members = groups.get(group) ?? {};
    members[path.slice(dot + 1)] = parameter;
    groups.set(group, members);
  }
  for (const [group, members] of groups) {
    if (!Object.hasOwn(table, group)) shape[group] = parametersSchema(members).optional();
  }
  return z.strictObject(shape);
}

/** One machine of a file. */
const machineShape = ({ name, parameters }: RegisteredAccelerator) => ({
  accelerator: z.literal(name),
  parameters: parametersSchema(parameters).optional(),
});

/** A file for this one machine: `accelerator`, `parameters`, `run`. */
export const fileSchema = (accelerator: RegisteredAccelerator) =>
  z.strictObject({ ...machineShape(accelerator), run: runSchema.optional() });

/** A file with one entry of a list of machines. */
export const machineSchema = (accelerator: RegisteredAccelerator) => z.strictObject(machineShape(accelerator));

/** The options of a run alone. */
export const optionsSchema = runSchema;

/** The JSON schema (draft 2020-12) of a configuration file for this machine. */
export function jsonSchema(accelerator: RegisteredAccelerator): object {
  const schema = z.toJSONSchema(fileSchema(accelerator), { io: "input", target: "draft-2020-12" });
  return { ...schema, title: `heddle configuration of ${accelerator.name}`, description: accelerator.summary };
}
