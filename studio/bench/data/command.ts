// The command line that gives the same results as the page, and the configuration file that it needs where one machine
// stands twice. Pure text.

import type { Job, MachineChoice } from "../../engine/api.ts";

export interface Command {
  /** Commands to paste into a shell, one a line; several where one cannot say it. */
  readonly lines: readonly string[];
  /** The configuration file of the machines that they name (the engine writes it); undefined where they need none. */
  readonly config?: string;
  /** What the command line cannot say. */
  readonly note?: string;
}

const configName = "machines.yaml";

/** The command line of a job. */
export function commandOf(job: Job): Command {
  const { machines } = job;
  const names = machines.map(({ name }) => name);
  const twins = new Set(names).size < names.length;
  const mappings = mappingWords(machines);
  if (mappings === undefined) {
    return {
      lines: machines.map((machine) => commandOf({ ...job, machines: [machine] }).lines.join("\n")),
      note: "Machines of one name with different mappings need a command each.",
    };
  }
  const single = machines.length === 1;
  const words = ["heddle", single ? "run" : "compare", quoted(job.workload)];
  if (twins) words.push("--config", configName);
  else words.push("--on", names.join(","));
  if (!single && job.resources === "published") words.push("--as-published");
  if (!twins) {
    for (const { name, set } of machines) {
      for (const [path, value] of Object.entries(set)) {
        words.push("--set", quoted(`${single ? "" : `${name}:`}${path}=${valueText(value)}`));
      }
    }
  }
  if (mappings !== "") words.push("--mapping", quoted(mappings));
  if (job.objective !== "seconds") words.push("--objective", job.objective);
  if (job.layers !== "") words.push("--layers", quoted(job.layers));
  if (job.density !== "") words.push("--density", quoted(job.density));
  if (job.seed !== 1) words.push("--seed", String(job.seed));
  const line = words.join(" ");
  return twins ? { lines: [line], config: configName } : { lines: [line] };
}

/** `name:mapping` of the machines that have one; undefined where twins differ in it. */
function mappingWords(machines: readonly MachineChoice[]): string | undefined {
  const byName = new Map<string, string | undefined>();
  for (const { name, mapping } of machines) {
    if (byName.has(name) && byName.get(name) !== mapping) return undefined;
    byName.set(name, mapping);
  }
  return [...byName].flatMap(([name, mapping]) => (mapping === undefined ? [] : [`${name}:${mapping}`])).join(",");
}

const valueText = (value: number | string): string => (value === Infinity ? "unlimited" : String(value));

/** A word for a shell: in single quotes where it holds more than letters, digits and harmless signs. */
function quoted(word: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
