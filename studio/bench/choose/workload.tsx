// What is computed: a network of the list, a shape, or files of the reader's own.

import { useRef } from "preact/hooks";
import { Chooser } from "../../kit/chooser.tsx";
import { catalogue } from "../../shell/catalogue.ts";
import { openFiles } from "../../shell/open-files.ts";
import { change, files, state } from "../../shell/state.ts";
import { acceptedFiles, workloadOf } from "../../shell/workload-files.ts";

const shapes = [
  { value: "gemm:M=512,N=512,K=512", title: "a matrix product of your own sizes" },
  { value: "conv:C=64,H=56,W=56,K=64,R=3,S=3,pad=1", title: "a convolution of your own sizes" },
];

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
          openFiles([...(event.currentTarget.files ?? [])].map((file) => ({ name: file.name, content: file })));
          event.currentTarget.value = "";
        }}
      />
      <button type="button" onClick={() => field.current?.click()}>
        Open files
      </button>
    </div>
  );
}
