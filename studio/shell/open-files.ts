// Takes files in and shows the workload that they make, whether they were dropped, chosen or named on the command line.

import type { NamedFile } from "../engine/api.ts";
import { notify } from "./notices.tsx";
import { change, files, firstVisit, state } from "./state.ts";
import { isMatrixWorkload, workloadOf } from "./workload-files.ts";

/** What a product of sparse matrices first meets, as long as the reader has chosen no machines: its own kind. */
const sparseMachines = ["flexagon", "sigma-like", "sparch-like", "gamma-like"];

/** Newer files take the place of those of the same name. */
export function openFiles(opened: readonly NamedFile[]): void {
  if (opened.length === 0) return;
  const names = opened.map(({ name }) => name);
  const { workload, remarks } = workloadOf(names);
  files.value = [...files.value.filter(({ name }) => !names.includes(name)), ...opened];
  for (const remark of remarks) notify(remark);
  if (workload === undefined) return;
  const { machines } = state.value;
  const unchosen = JSON.stringify(machines) === JSON.stringify(firstVisit.machines);
  change({
    workload,
    layer: "",
    layers: "",
    ...(unchosen && isMatrixWorkload(workload)
      ? { machines: sparseMachines.map((name) => ({ name, set: {} })), machine: 0 }
      : {}),
  });
}
