// The bench view: what runs on which machines, and what comes of it, as totals, pictures, a table and a layer opened.

import { useSignalEffect } from "@preact/signals";
import { Controls } from "./choose/controls.tsx";
import { Exports } from "./exports.tsx";
import { HoverBox } from "./picture/hover-box.tsx";
import { LayerPanel } from "./layer/layer-panel.tsx";
import { LayerDots, LayerStacks, WinnerMap } from "./picture/layer-plots.tsx";
import { LayerTable } from "./layer/layer-table.tsx";
import { Machines } from "./choose/machines.tsx";
import type { BenchResult } from "./data/prepare.ts";
import { anyMachine, hover, openKey, plotted, result, running, stale, tabled } from "./result.ts";
import { Roofline } from "./picture/roofline.tsx";
import { story } from "./data/story.ts";
import { TimeAgainstEnergy } from "./picture/time-energy.tsx";
import { EnergyStacks, TimeStacks, TrafficByMemory } from "./picture/total-plots.tsx";
import { Totals } from "./totals.tsx";
import { WorkloadChooser } from "./choose/workload.tsx";
import { Empty } from "../kit/empty.tsx";
import { machineNamed } from "../shell/catalogue.ts";
import { problem, runNow, shown as shownState } from "../shell/results.ts";
import { change, firstVisit, isFirstVisit, state } from "../shell/state.ts";
import "../style/bench.css";
import "../style/bench-choices.css";
import "../style/bench-layer.css";

export function Bench() {
  useSignalEffect(() => {
    // A layer that the new workload has not is closed.
    const now = result.value;
    const { layer } = state.peek();
    const mayCome = now?.notes.some((note) => note === "running" || note === "stopped") === true;
    if (now === undefined || mayCome) return;
    if (layer !== "" && !stale.peek() && !now.rows.some(({ key }) => key === layer)) {
      change({ layer: "" });
    }
  });
  useSignalEffect(() => {
    void result.value;
    hover.value = undefined;
  });
  const shown = result.value;
  const row = shown?.rows.find(({ key }) => key === openKey.value);
  return (
    <div class="bench">
      <h1 class="hidden">Bench</h1>
      <section class="choices" aria-label="What runs">
        <div class="choices-row">
          <WorkloadChooser />
          <Controls />
        </div>
        <Machines />
      </section>
      <div class={row === undefined ? "bench-body" : "bench-body with-layer"}>
        <div class={stale.value ? "results stale" : "results"} aria-busy={running.value}>
          <State />
          {shown !== undefined && shown.runs.length > 0 && (
            <>
              <Story result={shown} />
              <Totals result={shown} />
              <Exports result={shown} />
              <Remarks result={shown} />
              <Pictures />
            </>
          )}
        </div>
        {row !== undefined && shown !== undefined && <LayerPanel result={shown} row={row} />}
      </div>
      <p class="privacy">Runs in this browser; nothing is sent.</p>
      <HoverBox />
    </div>
  );
}

/** What stands above or in the place of results: nothing chosen, first run, old figures, stopped. */
function State() {
  if (!anyMachine.value) {
    return (
      <Empty title="No machine">
        <p>Add one above, or go back to the example.</p>
        <ExampleButton />
      </Empty>
    );
  }
  if (shownState.value === undefined) {
    if (running.value) {
      return (
        <Empty title="Simulating" busy>
          <Searching />
        </Empty>
      );
    }
    return problem.value === undefined ? (
      <Empty title="Nothing has run">
        <p>The run was stopped before its end.</p>
        <button type="button" class="main" onClick={() => void runNow()}>
          Run
        </button>
      </Empty>
    ) : (
      <Empty title="Nothing to show yet">
        <p>What is wrong stands above. Change it here, or start from the example.</p>
        <ExampleButton />
      </Empty>
    );
  }
  if (!stale.value) return null;
  if (running.value) {
    return (
      <p class="stale-note">
        Simulating; these are the figures from before. <Searching />
      </p>
    );
  }
  if (problem.value !== undefined) return <p class="stale-note">These are the last figures that could be computed.</p>;
  return (
    <p class="stale-note">
      Stopped; these are the figures from before.{" "}
      <button type="button" onClick={() => void runNow()}>
        Run
      </button>
    </p>
  );
}

/** What takes long, where something does. */
function Searching() {
  const { machines } = state.value;
  const names = new Set(machines.filter(({ name }) => machineNamed(name)?.kind === "nest").map(({ name }) => name));
  if (names.size === 0) return null;
  return (
    <span>
      A schedule is searched for every layer on {[...names].join(", ")}: that may take minutes. Fewer layers, or a
      smaller <code>search</code> among the machine's parameters, take less.
    </span>
  );
}

const ExampleButton = () => (
  <button
    type="button"
    onClick={() => {
      change({ ...firstVisit });
    }}
  >
    Show the example
  </button>
);

/** What a reader of the example should see in it. */
function Story({ result: shown }: { readonly result: BenchResult }) {
  if (!isFirstVisit.value || stale.value) return null;
  return (
    <section class="story" aria-label="What one sees here">
      {story(shown).map((sentence) => (
        <p key={sentence}>{sentence}</p>
      ))}
    </section>
  );
}

/** What was made equal, and warnings of the runs. */
function Remarks({ result: { done, scope } }: { readonly result: BenchResult }) {
  const state = shownState.value;
  if (state === undefined || stale.value) return null;
  const lines = [...state.remarks, ...new Set(done.flatMap(({ run }) => run.warnings))];
  if (lines.length === 0) return null;
  return (
    <details class="remarks">
      <summary>
        {lines.length === 1 ? "A remark" : `${lines.length} remarks`} on these runs
        {scope === "" ? "" : `, with the warnings of ${scope}`}
      </summary>
      <ul>
        {lines.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </details>
  );
}

/** Everything below the totals, a moment after them. */
function Pictures() {
  const now = plotted.value;
  if (result.value?.done.length === 0) return null;
  if (now === undefined || now.done.length === 0) return <Empty title="Drawing" busy />;
  return (
    <>
      <div class="figures">
        <div>
          <TimeStacks result={now} />
          <EnergyStacks result={now} />
        </div>
        <TimeAgainstEnergy result={now} />
      </div>
      {now.rows.length > 1 && (
        <div class="figures wide">
          {now.runs.length > 1 && <WinnerMap result={now} />}
          <LayerDots result={now} />
          <LayerStacks result={now} />
        </div>
      )}
      <div class="figures">
        <Roofline result={now} />
        <TrafficByMemory result={now} />
      </div>
      {tabled.value !== undefined && <LayerTable result={tabled.value} />}
    </>
  );
}
