// The register of machine descriptions: what `heddle list` shows and `--on` accepts.

import { InputError } from "../base/error.ts";
import type { Accelerator, RegisteredAccelerator } from "./accelerator.ts";
import { arrayflex } from "./arrayflex.ts";
import { eyeriss } from "./nests/eyeriss.ts";
import { eyerissV15, eyerissV1Scaled, eyerissV2 } from "./nests/eyeriss-v2.ts";
import { fixedDataflows, flexnn } from "./nests/flexnn.ts";
import { flexagon, flexagonSimulated } from "./products/flexagon.ts";
import { fixedPipeline } from "./fixed-pipeline.ts";
import type { LooseValues, ParameterTable, ParameterValues } from "./parameters.ts";
import { resolveParameters } from "./parameters.ts";
import { gamma } from "./products/gamma.ts";
import { gammaLike, sigmaLike, sparchLike } from "./products/product-rivals.ts";
import { sigma } from "./products/sigma.ts";
import { sparch } from "./products/sparch.ts";
import { systolic } from "./systolic.ts";
import { tpuV1 } from "./tpu-v1.ts";

function register<Table extends ParameterTable>(accelerator: Accelerator<Table>): RegisteredAccelerator {
  const { name, parameters, build, ...description } = accelerator;
  return {
    ...description,
    name,
    parameters,
    configure(set) {
      const values = resolveParameters({ name, parameters }, set);
      return { machine: build(typed(parameters, values)), values };
    },
  };
}

/** Every value has been checked against its own table entry: the loose record has the table's type. */
function typed<Table extends ParameterTable>(table: Table, values: LooseValues): ParameterValues<Table> {
  const isComplete = (candidate: LooseValues): candidate is LooseValues & ParameterValues<Table> =>
    Object.entries(table).every(
      ([path, parameter]) => typeof candidate[path] === (parameter.kind === "choice" ? "string" : "number"),
    );
  if (!isComplete(values)) throw new Error("parameters were not resolved");
  return values;
}

const all: readonly RegisteredAccelerator[] = [
  register(systolic),
  register(fixedPipeline),
  register(arrayflex),
  register(tpuV1),
  register(flexagon),
  register(flexagonSimulated),
  register(sigmaLike),
  register(sparchLike),
  register(gammaLike),
  register(sigma),
  register(sparch),
  register(gamma),
  register(flexnn),
  ...fixedDataflows.map((accelerator) => register(accelerator)),
  register(eyeriss),
  register(eyerissV2),
  register(eyerissV15),
  register(eyerissV1Scaled),
];

export const accelerators = (): readonly RegisteredAccelerator[] => all;

/** The description with this name. Throws InputError with the nearest one. */
export function acceleratorNamed(name: string): RegisteredAccelerator {
  const found = all.find((candidate) => candidate.name === name);
  if (found === undefined) {
    const known = all.map((candidate) => candidate.name);
    throw new InputError({
      message: "no such accelerator",
      found: name,
      expected: `one of ${known.join(", ")}`,
      known,
    });
  }
  return found;
}
