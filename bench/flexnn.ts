// Our own measurements of FlexNN, whose publication left no number at hand: each fixed dataflow on its array against the
// schedule of each layer, skipping of zeros on both sides, one or none, and what adds the sums of a column. Seconds on
// one core; an argument such as 2000 sets the moves of each run of a search, `dataflows`, `skipping` or `trees` asks for
// one of the three tables, others name networks.

import { acceleratorNamed } from "../src/accelerator/accelerators.ts";
import type { Objective } from "../src/simulate/machine.ts";
import { prepareNestMachine } from "../src/simulate/nest/prepare-nest-machine.ts";
import type { PreparedNest } from "../src/simulate/prepared.ts";
import { score } from "../src/simulate/score.ts";
import { simulateLayer } from "../src/simulate/simulate-layer.ts";
import { computeLayers } from "../src/simulate/simulate-network.ts";
import { technology } from "../src/technology/technologies.ts";
import type { ComputeLayer } from "../src/workload/layer.ts";
import { builtinNetwork } from "../src/workload/networks.ts";

const effort = Number(process.argv.slice(2).find((argument) => /^\d+$/.test(argument)) ?? 1000);
const tables = ["dataflows", "skipping", "trees"] as const;
const asked = tables.filter((table) => process.argv.includes(table));
const wanted = (table: (typeof tables)[number]): boolean => asked.length === 0 || asked.includes(table);
const named = process.argv
  .slice(2)
  .filter((argument) => !/^\d+$/.test(argument) && !tables.some((table) => table === argument));
const networks = named.length > 0 ? named : ["resnet50", "resnet101", "googlenet", "inception-v3", "mobilenet-v1"];
const fixed = ["weight-stationary", "output-stationary", "input-stationary", "row-stationary", "no-local-reuse"];

const price = technology("28nm");
const say = (text: string): void => void process.stdout.write(`${text}\n`);
const times = (value: number): string => value.toFixed(3).padStart(8);

function machine(name: string, set: Readonly<Record<string, number | string>> = {}): PreparedNest {
  const configured = acceleratorNamed(name).configure({
    ...(name === "flexnn" ? { search: effort } : {}),
    "search.each": effort,
    ...set,
  }).machine;
  if (configured.kind !== "nest") throw new Error(`${name} runs no loop nests`);
  return prepareNestMachine(configured, price);
}

interface Figures {
  readonly cycles: number;
  readonly seconds: number;
  readonly energy: number;
  /** Of the lanes alone, relative to dense ones. */
  readonly steps: number;
}

const known = new Map<string, Figures>();

/** A layer by itself: what lies between layers is left out. */
function figures(prepared: PreparedNest, label: string, layer: ComputeLayer, objective: Objective): Figures {
  const key = `${label} ${objective} ${JSON.stringify([layer.operation, layer.density])}`;
  const before = known.get(key);
  if (before !== undefined) return before;
  const { cycles, seconds, energy, sparsity } = simulateLayer(layer, prepared, {
    objective,
    check: "off",
    auditPercent: 0,
    seed: 1,
  });
  const steps = sparsity?.find(({ figure }) => figure === "cycles of a step")?.actual ?? 1;
  const found = { cycles, seconds, energy: energy.total, steps };
  known.set(key, found);
  return found;
}

/** What an objective makes of a whole network. */
function total(list: readonly Figures[], objective: Objective): number {
  const sum = (of: (one: Figures) => number): number => list.reduce((all, one) => all + of(one), 0);
  return score(
    {
      cycles: sum(({ cycles }) => cycles),
      seconds: sum(({ seconds }) => seconds),
      energy: sum(({ energy }) => energy),
    },
    objective,
  );
}

const began = process.hrtime.bigint();
say(
  `effort: ${effort} moves in each of the 16 runs of a search (the machine's default is 20000); seed 1; our own figures`,
);

if (wanted("dataflows")) {
  say(
    "\nfixed dataflows over flexnn, layers dense (best: the best fixed dataflow of each layer; worse: layers on which",
  );
  say("flexnn's search ended above the best fixed one)");
  say(["network", "objective", ...fixed, "best", "worse"].map((title) => title.padEnd(18)).join(""));
  for (const network of networks) {
    const layers = computeLayers(builtinNetwork(network)).map((layer) => ({ ...layer, density: { A: 1, B: 1 } }));
    for (const objective of ["cycles", "energy", "edp"] as const) {
      const flexible = layers.map((layer) => figures(machine("flexnn"), "flexnn", layer, objective));
      const rivals = fixed.map((name) =>
        layers.map((layer) => figures(machine(`fixed-${name}`), name, layer, objective)),
      );
      const best = layers.map((_, i) =>
        rivals.flatMap((list) => list[i] ?? []).reduce((a, b) => (score(b, objective) < score(a, objective) ? b : a)),
      );
      const worse = flexible.filter((one, i) => score(one, objective) > score(best[i] ?? one, objective)).length;
      const own = total(flexible, objective);
      const ratios = [...rivals, best].map((list) => (total(list, objective) / own).toFixed(3));
      say([network, objective, ...ratios, `${worse} of ${layers.length}`].map((cell) => cell.padEnd(18)).join(""));
    }
  }
}

const layer = (name: string, index: number): ComputeLayer => {
  const found = computeLayers(builtinNetwork(name))[index];
  if (found === undefined) throw new Error(`no layer ${index} of ${name}`);
  return found;
};

if (wanted("skipping")) {
  const sample = layer("resnet50", 2);
  say(
    `\nskipping on ${sample.name} of resnet50, cycles of none over cycles (ideal: one over the densities), by who waits`,
  );
  say(
    "the schedule of each is searched for cycles; A and B have the density; off chip as fast as needed; lanes alone: two-sided, without ports",
  );
  say(
    ["density", "scope", "two-sided", "weights only", "inputs only", "lanes alone", "ideal"]
      .map((t) => t.padEnd(14))
      .join(""),
  );
  for (const density of [0.3, 0.5, 0.7, 1]) {
    for (const barrier of ["lane", "pe", "column", "array"]) {
      const sparse = { ...sample, density: { A: density, B: density } };
      const of = (sparsity: string): Figures =>
        figures(
          machine("flexnn", { sparsity, barrier, bandwidth: 1e12, "buffer.bytesPerCycle": 1024 }),
          `${sparsity} ${barrier}`,
          sparse,
          "cycles",
        );
      const cycles = (sparsity: string): number => of(sparsity).cycles;
      const none = cycles("none");
      const cells = [
        none / cycles("both"),
        none / cycles("weights"),
        none / cycles("inputs"),
        1 / of("both").steps,
        1 / density ** 2,
      ];
      say([String(density), barrier, ...cells.map((cell) => times(cell).trim())].map((t) => t.padEnd(14)).join(""));
    }
  }
}

if (wanted("trees")) {
  say("\nwhat adds the sums of a column, over a variable tree (searched with it for the objective)");
  say(["network", "objective", "fixed tree", "chain"].map((title) => title.padEnd(14)).join(""));
  for (const network of networks.filter((name) => name !== "resnet101")) {
    const layers = computeLayers(builtinNetwork(network)).map((one) => ({ ...one, density: { A: 1, B: 1 } }));
    for (const objective of ["cycles", "energy"] as const) {
      const [variable = Number.NaN, tree = Number.NaN, chain = Number.NaN] = ["variable", "fixed", "chain"].map(
        (kind) => {
          const prepared = machine("flexnn", { tree: kind });
          const label = kind === "variable" ? "flexnn" : kind;
          return total(
            layers.map((one) => figures(prepared, label, one, objective)),
            objective,
          );
        },
      );
      say(
        [network, objective, times(tree / variable).trim(), times(chain / variable).trim()]
          .map((t) => t.padEnd(14))
          .join(""),
      );
    }
  }
}
say(`\n${(Number(process.hrtime.bigint() - began) / 1e9).toFixed(0)} s`);
