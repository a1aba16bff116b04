// Equal resources: a comparison gives every machine the units, widths, memories and tables of the first one.

import type { RegisteredAccelerator } from "../../accelerator/accelerator.ts";
import type { LooseValues, Parameter } from "../../accelerator/parameters.ts";
import { resourcePaths } from "../../accelerator/parameters.ts";
import { shownValue } from "./parameter-text.ts";
import { InputError } from "../../base/error.ts";
import type { MachineRequest } from "./settings.ts";
import { configure } from "./settings.ts";

/** The machines on equal resources, and a sentence for each one that was changed or could not be matched. */
export interface Equalised {
  readonly requests: readonly MachineRequest[];
  readonly remarks: readonly string[];
}

/**
 * The machines of a comparison: on equal resources, or each as it was published. Throws InputError for less than two.
 */
export function comparedRequests(requests: readonly MachineRequest[], asPublished: boolean): Equalised {
  if (requests.length < 2) {
    throw new InputError({
      path: "--on",
      message: "a comparison needs two machines or more",
      found: requests.map(({ accelerator }) => accelerator.name).join(","),
      expected: "names separated by commas",
    });
  }
  return asPublished ? { requests, remarks: [] } : equaliseResources(requests);
}

/**
 * Gives the first machine's value of every parameter marked `resource` to each other machine that has a resource of
 * the same path, unless the user set it for that machine or its table cannot hold the value; and to an array of another
 * shape the same number of multipliers. Pure.
 */
function equaliseResources(requests: readonly MachineRequest[]): Equalised {
  const [first, ...others] = requests;
  if (first === undefined) return { requests, remarks: [] };
  const reference = configure(first.accelerator, first.set).values;
  const shared = new Set(resourcePaths(first.accelerator.parameters));
  const remarks: string[] = [];
  const changed = others.map((request): MachineRequest => {
    const { accelerator } = request;
    const values = configure(accelerator, request.set).values;
    const set: Record<string, number | string> = { ...request.set };
    const taken: string[] = [];
    const kept: string[] = [];
    for (const path of resourcePaths(accelerator.parameters)) {
      const parameter = accelerator.parameters[path];
      const theirs = values[path];
      const wanted = reference[path];
      if (parameter === undefined || theirs === undefined) continue;
      if (
        !shared.has(path) ||
        wanted === undefined ||
        (wanted !== theirs && (request.own.has(path) || !admits(parameter, wanted)))
      ) {
        kept.push(`${path} ${shownValue(parameter, theirs)}`);
      } else if (wanted !== theirs) {
        set[path] = wanted;
        taken.push(`${path} ${shownValue(parameter, wanted)} (not ${shownValue(parameter, theirs)})`);
      }
    }
    for (const [path, value] of reshaped(first.accelerator, reference, request, { ...values, ...set })) {
      const parameter = accelerator.parameters[path];
      if (parameter === undefined) continue;
      set[path] = value;
      kept.splice(0, kept.length, ...kept.filter((text) => !text.startsWith(`${path} `)));
      taken.push(`${path} ${value} (not ${shownValue(parameter, values[path] ?? "")})`);
    }
    if (taken.length > 0) {
      remarks.push(
        `equal resources: ${accelerator.name} takes from ${first.accelerator.name} ${taken.join(", ")}; --as-published keeps its own`,
      );
    }
    if (kept.length > 0) remarks.push(`not equal: ${accelerator.name} keeps ${kept.join(", ")}`);
    return { ...request, set };
  });
  return { requests: [first, ...changed], remarks };
}

/**
 * Values that give an array of another shape as many multipliers as the first machine has: its first two extents as near
 * to a square as their product allows, all others as they are. None where the user set one of them, where the number is
 * equal already, or where no two whole numbers in range give it.
 */
function reshaped(
  first: RegisteredAccelerator,
  reference: LooseValues,
  { accelerator, own }: MachineRequest,
  values: LooseValues,
): readonly (readonly [path: string, value: number])[] {
  const wanted = multipliersOf(first.multipliers, reference);
  const paths = accelerator.multipliers;
  if (multipliersOf(paths, values) === wanted || paths.some((path) => own.has(path))) return [];
  const [long, short, ...others] = paths;
  const rest = wanted / multipliersOf(others, values);
  if (long === undefined || !Number.isInteger(rest)) return [];
  const changed: [string, number][] = [];
  if (short === undefined) changed.push([long, rest]);
  else {
    let factor = Math.floor(Math.sqrt(rest));
    while (rest % factor !== 0) factor--;
    changed.push([long, rest / factor], [short, factor]);
  }
  const fits = changed.every(([path, value]) => {
    const parameter = accelerator.parameters[path];
    return parameter !== undefined && admits(parameter, value);
  });
  return fits ? changed : [];
}

function multipliersOf(paths: readonly string[], values: LooseValues): number {
  let product = 1;
  for (const path of paths) product *= Number(values[path]);
  return product;
}

function admits(parameter: Parameter, value: number | string): boolean {
  if (parameter.kind === "choice") return typeof value === "string" && parameter.choices.includes(value);
  if (typeof value !== "number" || (parameter.kind === "integer" && !Number.isInteger(value))) return false;
  return value >= parameter.minimum && value <= parameter.maximum;
}
