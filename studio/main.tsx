// The studio's beginning: reads the address, shows the page, and lets the address follow what is shown.

import { effect } from "@preact/signals";
import { render } from "preact";
import type { Outcome } from "./engine/api.ts";
import { App } from "./shell/app.tsx";
import { loadCatalogue } from "./shell/catalogue.ts";
import { fragmentOf, stateOf } from "./shell/location.ts";
import { notify } from "./shell/notices.tsx";
import { openFiles } from "./shell/open-files.ts";
import { wholeState } from "./shell/job-state.ts";
import type { JobState } from "./shell/job-state.ts";
import { loadSession } from "./shell/session.ts";
import { shown } from "./shell/results.ts";
import { files, isFirstVisit, job, state } from "./shell/state.ts";
import { applyTheme, theme } from "./shell/theme.ts";
import "./style/base.css";
import "./style/kit.css";
import "./style/shell.css";

/** What the address shows, so that it needs no step in the history. */
let here = state.value;

function readAddress(): void {
  const { state: linked, problems } = stateOf(location.hash);
  here = linked;
  state.value = linked;
  for (const text of problems) notify(text);
}

applyTheme(theme.value);
readAddress();
const root = document.getElementById("studio");
if (root === null) throw new Error("the page has no place for the studio");
root.replaceChildren();
render(<App />, root);

// Going to another view or layer is a step back in the browser's history; turning a knob is not.
effect(() => {
  const next = state.value;
  const fragment = fragmentOf(next);
  if (location.hash === fragment || (location.hash === "" && next === here)) return;
  const isStep = next.view !== here.view || next.layer !== here.layer;
  here = next;
  if (isStep) history.pushState(null, "", fragment);
  else history.replaceState(null, "", fragment);
});
addEventListener("hashchange", readAddress);

/** The example's outcome, computed when the page was built; undefined where it is not wanted or not there. */
async function example(): Promise<JobState | undefined> {
  if (!isFirstVisit.value) return undefined;
  const wanted = job.value;
  try {
    const answer = await fetch("./example.json");
    if (!answer.ok) return undefined;
    const outcome: unknown = await answer.json();
    return isOutcome(outcome) ? wholeState(wanted, outcome) : undefined;
  } catch {
    // A run gives the same, a little later.
    return undefined;
  }
}

/** The build writes the file whole (`studio/example/`): this only tells it from another file of that name. */
function isOutcome(value: unknown): value is Outcome {
  return typeof value === "object" && value !== null && "runs" in value && Array.isArray(value.runs);
}

async function start(): Promise<void> {
  const blank = location.hash === "";
  const { found, problems } = await loadSession();
  for (const text of problems) notify(text);
  // A page opened with files and no link shows what they make.
  if (blank) openFiles(found);
  else files.value = found;
  shown.value = await example();
  try {
    // What runs the engine comes after what shows the example.
    const { followJob } = await import("./shell/run-job.ts");
    followJob();
    await loadCatalogue();
  } catch (error) {
    notify(`the engine could not be started: ${error instanceof Error ? error.message : String(error)}`);
  }
}
void start();
