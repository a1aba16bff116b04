// The state as the fragment of the address, `#/bench?w=resnet50&m=systolic&m=arrayflex!rows=64`, and back. A fragment,
// because any static host serves it.

import type { MachineChoice } from "../engine/api.ts";
import { firstVisit, views } from "./state.ts";
import type { StudioState, View } from "./state.ts";
import type { Objective } from "../../src/simulate/machine.ts";

export const objectives: readonly Objective[] = ["cycles", "seconds", "energy", "edp"];

/** `name@mapping!path=value!path=value`. */
export function machineText({ name, set, mapping }: MachineChoice): string {
  const values = Object.entries(set).map(([path, value]) => `!${path}=${value === Infinity ? "unlimited" : value}`);
  return `${name}${mapping === undefined ? "" : `@${mapping}`}${values.join("")}`;
}

function machineOf(text: string): MachineChoice | undefined {
  const [head = "", ...settings] = text.split("!");
  const [name = "", mapping] = head.split("@");
  const pairs = settings.map((setting) => /^([^=]+)=(.+)$/.exec(setting));
  if (name === "" || pairs.some((pair) => pair === null)) return undefined;
  const set = Object.fromEntries(
    pairs.flatMap((pair) => (pair === null ? [] : [[pair[1] ?? "", valueOf(pair[2] ?? "")]])),
  );
  return { name, set, ...(mapping === undefined ? {} : { mapping }) };
}

function valueOf(text: string): number | string {
  if (text === "unlimited") return Infinity;
  const number = Number(text);
  return Number.isNaN(number) ? text : number;
}

/** The state as a fragment. What a first visit has too is left out, but for the workload and the machines. */
export function fragmentOf(state: StudioState): string {
  const query = new URLSearchParams({ w: state.workload });
  for (const machine of state.machines) query.append("m", machineText(machine));
  if (state.machines.length === 0) query.append("m", "");
  for (const [key, name] of [
    ["o", "objective"],
    ["r", "resources"],
    ["s", "seed"],
    ["d", "density"],
    ["l", "layers"],
    ["machine", "machine"],
    ["layer", "layer"],
  ] as const) {
    if (state[name] !== firstVisit[name]) query.set(key, String(state[name]));
  }
  for (const [name, value] of Object.entries(state.options)) query.set(name, value);
  // Readable where nothing is lost by it.
  const text = query
    .toString()
    .replace(/%21/g, "!")
    .replace(/%40/g, "@")
    .replace(/%3A/g, ":")
    .replace(/%2C/g, ",")
    .replace(/%3D/g, "=");
  return `#/${state.view}?${text}`;
}

/** The state of a fragment, and what of it could not be read. An empty one is a first visit. */
export function stateOf(fragment: string): { readonly state: StudioState; readonly problems: readonly string[] } {
  if (fragment === "" || fragment === "#" || fragment === "#/") return { state: firstVisit, problems: [] };
  const [, name = "", text = ""] = /^#\/([^?]*)(?:\?(.*))?$/.exec(fragment) ?? [];
  const problems: string[] = [];
  const view: View = views.find((each) => each === name) ?? "bench";
  if (view !== name) problems.push(`no view "${name}"; there are ${views.join(", ")}`);
  let state: StudioState = { ...firstVisit, view };
  const machines: MachineChoice[] = [];
  const options: Record<string, string> = {};
  for (const [key, value] of new URLSearchParams(text)) {
    const whole = /^\d{1,9}$/.test(value) ? Number(value) : undefined;
    const objective = objectives.find((each) => each === value);
    if (key === "w") state = { ...state, workload: value };
    else if (key === "d") state = { ...state, density: value };
    else if (key === "l") state = { ...state, layers: value };
    else if (key === "layer") state = { ...state, layer: value };
    else if (key === "s" && whole !== undefined) state = { ...state, seed: whole };
    else if (key === "machine" && whole !== undefined) state = { ...state, machine: whole };
    else if (key === "o" && objective !== undefined) state = { ...state, objective };
    else if (key === "r" && (value === "equal" || value === "published")) state = { ...state, resources: value };
    else if (key.includes(".")) options[key] = value;
    else if (key === "m" && value === "") state = { ...state, machines: [] };
    else {
      const machine = key === "m" ? machineOf(value) : undefined;
      if (machine === undefined) problems.push(`the link's "${key}=${value}" means nothing here`);
      else machines.push(machine);
    }
  }
  if (machines.length > 0) state = { ...state, machines };
  const machine = Math.max(0, Math.min(state.machine, state.machines.length - 1));
  return { state: { ...state, machine, options }, problems };
}
