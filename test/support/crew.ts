// A run of layers without a process around it: on one thread, or on threads that answer in an order that a seed says.

import type fc from "fast-check";
import { acceleratorNamed } from "../../src/accelerator/accelerators.ts";
import type { LooseValues } from "../../src/accelerator/parameters.ts";
import { prepareMachine } from "../../src/simulate/prepare-machine.ts";
import { technology } from "../../src/technology/technologies.ts";
import type { Staff } from "../../src/workbench/run-layers.ts";
import { localCrew } from "../../src/workbench/run-layers.ts";
import type { Answer, TaskContext } from "../../src/workbench/task.ts";
import { taskPerformer } from "../../src/workbench/task.ts";

/** A machine, prepared, and a run on it with one thread. */
export function contextOf(accelerator: string, choice: TaskContext["choice"], set: LooseValues = {}) {
  const { machine } = acceleratorNamed(accelerator).configure(set);
  const prepared = prepareMachine(machine, technology(machine.technology));
  const alone: Staff = { request: { accelerator, set }, choice, threads: 1, perform: localCrew().perform };
  return { prepared, alone };
}

/** Threads of which a seed says when each answers; tasks and answers are copied on their way, as between threads. */
export function crewOf(threads: number, scheduler: fc.Scheduler): Staff["perform"] {
  const performers = Array.from({ length: threads }, () => taskPerformer());
  let asked = 0;
  return (task) => {
    const performer = performers[asked++ % threads];
    const given = structuredClone(task);
    return scheduler.schedule(Promise.resolve()).then(async (): Promise<Answer> => {
      if (performer === undefined) throw new Error("nobody is there");
      return structuredClone(await performer(given));
    });
  };
}
