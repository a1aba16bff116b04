// Our own measurements of FlexNN, whose publication left no number at hand: each fixed dataflow on its array against the
// schedule of each layer, skipping of zeros on both sides, one or none, and what adds the sums of a column. An argument
// such as 8000 sets the moves of each run of flexnn's search among all schedules, and a twelfth of it those in each
// dataflow, in place of the machines' defaults; `dataflows`, `skipping` or `trees` asks for one of the three tables,
// `cycles`, `energy` or `edp` for one objective of the first, `all` for every built-in network; others name networks.

import { acceleratorNamed } from "../src/accelerator/accelerators.ts";
import type { LooseValues } from "../src/accelerator/parameters.ts";
import type { Objective } from "../src/simulate/machine.ts";
import { prepareNestMachine } from "../src/simulate/nest/prepare-nest-machine.ts";
import type { PreparedNest } from "../src/simulate/prepared.ts";
import { score } from "../src/simulate/score.ts";
import { simulateLayer } from "../src/simulate/simulate-layer.ts";
import { computeLayers } from "../src/simulate/simulate-network.ts";
import { technology } from "../src/technology/technologies.ts";
import type { ComputeLayer } from "../src/workload/layer.ts";
import { builtinNetwork, networkNames } from "../src/workload/networks.ts";

const words = process.argv.slice(2);
const asked = <Word extends string>(all: readonly Word[]): readonly Word[] => {
  const some = all.filter((word) => words.includes(word));
  return some.length > 0 ? some : all;
};
const moves = words.find((word) => /^\d+$/.test(word));
const tables = asked(["dataflows", "skipping", "trees"]);
const objectives = asked(["cycles", "energy", "edp"]);
const known = new Set<string>(["dataflows", "skipping", "trees", "cycles", "energy", "edp", "all"]);
const named = words.filter((word) => word !== moves && !known.has(word));
// Recorded layers of a publication are not networks to schedule.
const everyone = networkNames().filter((name) => !name.startsWith("flexagon:"));
const usual = ["resnet50", "resnet101", "googlenet", "inception-v3", "mobilenet-v1"];
const networks = named.length > 0 ? named : words.includes("all") ? everyone : usual;
const fixed = ["weight-stationary", "output-stationary", "input-stationary", "row-stationary", "no-local-reuse"];

const price = technology("28nm");
const say = (text: string): void => void process.stdout.write(`${text}\n`);
const times = (value: number): string => value.toFixed(3).padStart(8);
const effort: LooseValues =
  moves === undefined ? {} : { search: Number(moves), "search.each": Math.max(1, Math.round(Number(moves) / 12)) };

function machine(name: string, set: LooseValues = {}): PreparedNest {
  const accelerator = acceleratorNamed(name);
  const own = Object.entries(effort).filter(([path]) => Object.hasOwn(accelerator.parameters, path));
  const configured = accelerator.configure({ ...Object.fromEntries(own), ...set }).machine;
  if (configured.kind !== "nest") throw new Error(`${name} runs no loop nests`);
  return prepareNestMachine(configured, price);
}

interface Figures {
  readonly cycles: number;
  readonly seconds: number;
  readonly energy: number;
  /** Of the lanes alone, relative to dense ones. */
  readonly steps: number;
  /** What every mapping comes to, by its name. */
  readonly mappings: Readonly<Record<string, number>>;
}

const done = new Map<string, Figures>();

/** A layer by itself: what lies between layers is left out. */
function figures(prepared: PreparedNest, label: string, layer: ComputeLayer, objective: Objective): Figures {
  const key = `${label} ${objective} ${JSON.stringify([layer.operation, layer.density])}`;
  const before = done.get(key);
  if (before !== undefined) return before;
  const result = simulateLayer(layer, prepared, { objective, check: "off", auditPercent: 0, seed: 1 });
  const { cycles, seconds, energy, sparsity, mapping, alternatives } = result;
  const steps = sparsity?.find(({ figure }) => figure === "cycles of a step")?.actual ?? 1;
  const own = { cycles, seconds, energy: energy.total };
  const mappings = Object.fromEntries(
    [{ mapping, ...own }, ...alternatives].map((one) => [one.mapping, score(one, objective)]),
  );
  const found = { ...own, steps, mappings };
  done.set(key, found);
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

/** flexnn and the best fixed dataflow on a layer, by an objective. */
interface Pair {
  /** flexnn over the best fixed one. */
  readonly ratio: number;
  /** The same of its search among all schedules alone. */
  readonly free: number;
}

const mean = (values: readonly number[]): number =>
  Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);

/** A row on layers of different shapes: mean and lowest ratio, misses, and what the search among all schedules left. */
function row(what: string, objective: Objective, pairs: readonly Pair[], totals: readonly string[]): void {
  const ratios = pairs.map(({ ratio }) => ratio);
  const left = pairs.map(({ free }) => free).filter((free) => free > 1);
  const missed = ratios.filter((ratio) => ratio > 1).length;
  const most = left.length === 0 ? "" : `${(100 * (Math.max(...left) - 1)).toFixed(2)} %`;
  const cells = [mean(ratios).toFixed(3), Math.min(...ratios).toFixed(3), missed, left.length, most, ...totals];
  say(`| ${[what, objective, pairs.length, ...cells].join(" | ")} |`);
}

const began = process.hrtime.bigint();
const defaults = acceleratorNamed("flexnn").configure(effort).values;
say(`effort: ${defaults.search} moves in each of the 16 runs of flexnn's search among all schedules,`);
say(`${defaults["search.each"]} in each dataflow, on flexnn and on the fixed machines; seed 1; our own figures`);

if (tables.includes("dataflows")) {
  say("\nflexnn against the best fixed dataflow of each layer; layers dense, those of one shape once, each by itself:");
  say("geometric mean and lowest of flexnn over the best fixed one; layers on which flexnn ended above it; layers on");
  say("which flexnn's search among all schedules alone did, and by at most how much; then the network on one dataflow");
  say("over flexnn");
  const titles = ["network", "objective", "layers", "mean", "lowest", "missed", "search alone", "by at most", ...fixed];
  say(`| ${titles.join(" | ")} |`);
  say(`|${titles.map((_, i) => (i < 2 ? " --- |" : " ---: |")).join("")}`);
  for (const objective of objectives) {
    const all = new Map<string, Pair>();
    const flexnn = machine("flexnn");
    const rivals = fixed.map((name) => ({ name, prepared: machine(`fixed-${name}`) }));
    for (const network of networks) {
      const layers = computeLayers(builtinNetwork(network)).map((one) => ({ ...one, density: { A: 1, B: 1 } }));
      const own = layers.map((one) => figures(flexnn, "flexnn", one, objective));
      const theirs = rivals.map(({ name, prepared }) => layers.map((one) => figures(prepared, name, one, objective)));
      const pairs = new Map<string, Pair>();
      for (const [i, flexible] of own.entries()) {
        const best = Math.min(...theirs.map((list) => score(list[i] ?? flexible, objective)));
        const ratio = score(flexible, objective) / best;
        pairs.set(JSON.stringify(layers[i]?.operation), {
          ratio,
          free: (flexible.mappings["search"] ?? Infinity) / best,
        });
      }
      for (const [key, pair] of pairs) all.set(key, pair);
      const whole = total(own, objective);
      row(
        network,
        objective,
        [...pairs.values()],
        theirs.map((list) => (total(list, objective) / whole).toFixed(3)),
      );
    }
    const none = fixed.map(() => "");
    if (networks.length > 1) row("all of these", objective, [...all.values()], none);
  }
}

const layer = (name: string, index: number): ComputeLayer => {
  const found = computeLayers(builtinNetwork(name))[index];
  if (found === undefined) throw new Error(`no layer ${index} of ${name}`);
  return found;
};

if (tables.includes("skipping")) {
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

if (tables.includes("trees")) {
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
