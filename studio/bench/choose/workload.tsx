// What is computed: a network of the list, a shape, or files of the reader's own, chosen or dropped anywhere on the page.

import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { acceptedFiles, workloadOf } from "../data/files.ts";
import { Chooser } from "../../kit/chooser.tsx";
import { catalogue } from "../../shell/catalogue.ts";
import { notify } from "../../shell/notices.tsx";
import { change, files, state } from "../../shell/state.ts";

const shapes = [
  { value: "gemm:M=512,N=512,K=512", title: "a matrix product of your own sizes" },
  { value: "conv:C=64,H=56,W=56,K=64,R=3,S=3,pad=1", title: "a convolution of your own sizes" },
];

/** Takes files in, newer ones in the place of those of the same name, and shows the workload that they make. */
export function openFiles(opened: readonly File[]): void {
  if (opened.length === 0) return;
  const names = opened.map(({ name }) => name);
  const { workload, remarks } = workloadOf(names);
  files.value = [
    ...files.value.filter(({ name }) => !names.includes(name)),
    ...opened.map((file) => ({ name: file.name, content: file })),
  ];
  for (const remark of remarks) notify(remark);
  if (workload !== undefined) change({ workload, layer: "", layers: "" });
}

export function WorkloadChooser() {
  const field = useRef<HTMLInputElement>(null);
  const networks = catalogue.value?.networks ?? [];
  const own = files.value.map(({ name }) => ({ value: name, title: "file at hand" }));
  const offered = own.filter(({ value }) => workloadOf([value]).workload !== undefined);
  return (
    <div class="workload">
      <Chooser
        label="Workload"
        free
        value={state.value.workload}
        placeholder="a network, gemm:M=..,N=..,K=.. or a file"
        options={[...offered, ...networks.map(({ name, title }) => ({ value: name, title })), ...shapes]}
        onChoose={(workload) => {
          change({ workload, layer: "", layers: "" });
        }}
      />
      <input
        ref={field}
        class="hidden"
        type="file"
        multiple
        accept={acceptedFiles}
        aria-label="Files to open"
        tabIndex={-1}
        onChange={(event) => {
          openFiles([...(event.currentTarget.files ?? [])]);
          event.currentTarget.value = "";
        }}
      />
      <button type="button" onClick={() => field.current?.click()}>
        Open files
      </button>
    </div>
  );
}

const dragging = signal(false);

/** Lets files be dropped anywhere, and says so while they are dragged over the page. */
export function DropPlace() {
  useEffect(() => {
    let depth = 0;
    const holdsFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes("Files") === true;
    const enter = (event: DragEvent): void => {
      if (!holdsFiles(event)) return;
      depth++;
      dragging.value = true;
    };
    const leave = (): void => {
      depth = Math.max(0, depth - 1);
      if (depth === 0) dragging.value = false;
    };
    const over = (event: DragEvent): void => {
      if (holdsFiles(event)) event.preventDefault();
    };
    const drop = (event: DragEvent): void => {
      if (!holdsFiles(event)) return;
      event.preventDefault();
      depth = 0;
      dragging.value = false;
      openFiles([...(event.dataTransfer?.files ?? [])]);
    };
    addEventListener("dragenter", enter);
    addEventListener("dragleave", leave);
    addEventListener("dragover", over);
    addEventListener("drop", drop);
    return () => {
      removeEventListener("dragenter", enter);
      removeEventListener("dragleave", leave);
      removeEventListener("dragover", over);
      removeEventListener("drop", drop);
    };
  }, []);
  return dragging.value ? (
    <div class="drop-place" aria-hidden="true">
      <p>
        <b>Drop to open</b>
        <span>.onnx with its data, .mtx, .mtx.gz, .npy, .csv</span>
      </p>
    </div>
  ) : null;
}
