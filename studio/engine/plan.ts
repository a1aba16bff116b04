// What a job is before it runs: each machine as the comparison adjusts it, or why there is no such machine, and the names
// that tell them apart.

import { acceleratorNamed } from "../../src/accelerator/accelerators.ts";
import { printableParameters } from "../../src/accelerator/parameters.ts";
import { InputError } from "../../src/base/error.ts";
import { machineLabels } from "../../src/report/runs.ts";
import type { MachineIdentity } from "../../src/report/runs.ts";
import { comparedRequests } from "../../src/workbench/request/equalise.ts";
import type { MachineRequest } from "../../src/workbench/request/settings.ts";
import { configure } from "../../src/workbench/request/settings.ts";
import type { Job, MachineChoice, Plan, PlannedMachine } from "./api.ts";

/** As the command line asks for it; what the reader set, a comparison leaves alone. Throws InputError for no such machine. */
export function requestOf({ name, set, mapping }: MachineChoice): MachineRequest {
  const accelerator = acceleratorNamed(name);
  configure(accelerator, set);
  return { accelerator, set, own: new Set(Object.keys(set)), ...(mapping === undefined ? {} : { mapping }) };
}

const choiceOf = ({ accelerator, set, mapping }: MachineRequest): MachineChoice => ({
  name: accelerator.name,
  set,
  ...(mapping === undefined ? {} : { mapping }),
});

/** What `work` gives, or what is wrong with its input. */
function tried<Value>(work: () => Value): Value | InputError {
  try {
    return work();
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
}

/** What a run says of its machine; of a machine that cannot be, what was set over its defaults. */
function identity({ name, set }: MachineChoice): MachineIdentity & { readonly isSearched: boolean } {
  const described = tried(() => {
    const accelerator = acceleratorNamed(name);
    const asSet = tried(() => accelerator.configure(set));
    if (!(asSet instanceof InputError)) return asSet;
    const { machine, values } = accelerator.configure({});
    return { machine, values: { ...values, ...set } };
  });
  if (described instanceof InputError) {
    return { accelerator: name, parameters: {}, technology: "", isSearched: false };
  }
  const { machine, values } = described;
  return {
    accelerator: name,
    parameters: printableParameters(values),
    technology: machine.technology,
    isSearched: machine.kind === "nest",
  };
}

/**
 * Plans a job. A machine that cannot be is refused by itself, but for the first one of a comparison on equal resources,
 * which all others take theirs from: then, as on the command line, it throws InputError.
 */
export function planOf({ machines, resources }: Pick<Job, "machines" | "resources">): Plan {
  const tries = machines.map((machine) => tried(() => requestOf(machine)));
  const [first] = tries;
  if (first instanceof InputError && (resources === "equal" || tries.length < 2)) throw first;
  const requests = tries.flatMap((each) => (each instanceof InputError ? [] : [each]));
  // One machine has nothing to be compared with, as in `heddle run`.
  const { requests: adjusted, remarks } =
    requests.length < 2 ? { requests, remarks: [] } : comparedRequests(requests, resources === "published");
  const rest = adjusted.map(choiceOf);
  const planned = tries.map((each, index) => {
    const choice = each instanceof InputError ? undefined : rest.shift();
    return { each, choice: choice ?? machines[index] ?? { name: "", set: {} } };
  });
  const identities = planned.map(({ choice }) => identity(choice));
  const labels = machineLabels(identities);
  return {
    machines: planned.map(({ each, choice }, index): PlannedMachine => {
      const label = labels[index] ?? choice.name;
      return each instanceof InputError
        ? { kind: "refused", message: each.message, label }
        : { kind: "machine", choice, label, isSearched: identities[index]?.isSearched === true };
    }),
    remarks,
  };
}
