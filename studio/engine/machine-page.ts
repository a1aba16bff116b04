// Gathers what the machine view draws: description, prices and effects of parameters, all asked of the layers below.

import { briefComponent, componentWidth, describeComponent, mappingTable } from "../../src/report/machine.ts";
import { prepareAny } from "../../src/workbench/prepare.ts";
import { parameterEffects } from "../../src/workbench/parameter-effects.ts";
import type { MachineRequest } from "../../src/workbench/request/settings.ts";
import { configure } from "../../src/workbench/request/settings.ts";
import { technology } from "../../src/technology/technologies.ts";
import type { MachineBox, MachinePage } from "./api.ts";

/** Throws InputError for values that contradict each other. */
export async function machinePage({ accelerator, set }: MachineRequest): Promise<MachinePage> {
  const { machine, values } = configure(accelerator, set);
  const prepared = await prepareAny(machine, technology(machine.technology));
  const boxes = Object.entries(machine.components).map(([name, part]): MachineBox => {
    const area = prepared.areaComponents[name];
    const width = componentWidth(part);
    return {
      name,
      kind: part.kind,
      brief: briefComponent(part),
      sentence: describeComponent(part),
      ...(width === undefined ? {} : { width }),
      ...(area === undefined ? {} : { area }),
      events: Object.entries(prepared.costs[name]?.energy ?? {}).map(([event, { joules }]) => ({
        name: event,
        joules,
      })),
    };
  });
  return {
    boxes,
    paths: (["A", "B", "C"] as const).map((operand) => ({
      operand,
      stations: machine.paths[operand].split(">").map((station) => station.trim()),
    })),
    values,
    effects: parameterEffects(accelerator, set),
    mappings: mappingTable(machine),
    technology: machine.technology,
    tables: prepared.tables,
  };
}
