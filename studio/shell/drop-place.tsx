// Lets files be dropped anywhere on the page, in every view.

import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { openFiles } from "./open-files.ts";
import { change, state } from "./state.ts";

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
      openFiles([...(event.dataTransfer?.files ?? [])].map((file) => ({ name: file.name, content: file })));
      // Claims have nothing to do with a workload.
      if (state.peek().view === "claims") change({ view: "bench" });
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
