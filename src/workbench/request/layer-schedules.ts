// The schedules of a file for the layers of a network: each bound to its layer's problem and the machine's hierarchy.

import { nestProblem } from "../../mapping/nest/problem.ts";
import type { Schedule } from "../../mapping/nest/schedule.ts";
import type { NestBasedMachine } from "../../simulate/machine.ts";
import { nestParts } from "../../simulate/nest/prepare-nest.ts";
import { computeLayers } from "../../simulate/simulate-network.ts";
import type { Network } from "../../workload/layer.ts";
import type { ScheduleFile } from "./schedule.ts";
import { requireLayers, scheduleFor } from "./schedule.ts";

/** Schedules by the name of the layer. Throws InputError, with line and column, for whatever is wrong with the file. */
export function layerSchedules(
  schedules: ScheduleFile,
  network: Network,
  machine: NestBasedMachine,
): Readonly<Record<string, Schedule>> {
  const layers = computeLayers(network);
  requireLayers(
    schedules,
    layers.map(({ name }) => name),
  );
  const { hierarchy } = nestParts(machine);
  return Object.fromEntries(
    layers.flatMap(({ name, operation }) => {
      const schedule = scheduleFor(schedules, name, nestProblem(operation), hierarchy);
      return schedule === undefined ? [] : [[name, schedule]];
    }),
  );
}
