// Answers the questions that claims ask: simulates a machine and its rival on a network and takes the figure wanted.

import { exp, log } from "../base/transcendental.ts";
import type { LayerResult } from "../simulate/result.ts";
import type { Measure, NetworkRate, Subject } from "../accelerator/claim.ts";
import { nestProblem } from "../mapping/nest/problem.ts";
import type { RowStationarySplit } from "../mapping/nest/row-stationary.ts";
import { fitsGrid, rowStationarySchedule } from "../mapping/nest/row-stationary.ts";
import { bestSplit } from "../mapping/nest/row-stationary-figures.ts";
import { unitsInUse } from "../mapping/nest/units.ts";
import { prepareMachine } from "../simulate/prepare-machine.ts";
import { simulateLayer } from "../simulate/simulate-layer.ts";
import { computeLayers } from "../simulate/simulate-network.ts";
import { technology } from "../technology/technologies.ts";
import type { ComputeLayer, Conv2d } from "../workload/layer.ts";
import { builtinNetwork } from "../workload/networks.ts";
import type { Machine } from "../simulate/machine.ts";
import type { RegisteredAccelerator } from "../accelerator/accelerator.ts";

interface Side {
  readonly layers: readonly LayerResult[];
  readonly machine: Machine;
}

interface Pair {
  readonly own: Side;
  readonly rival: Side;
}

function selected(subject: Subject): readonly ComputeLayer[] {
  const { network, batch = 1 } = subject;
  const layers = computeLayers(builtinNetwork(network, { batch }));
  const given = layers.map((layer) => {
    const density = subject.densities?.[layer.name];
    return density === undefined ? layer : { ...layer, density };
  });
  switch (subject.layers) {
    case "all":
      return given;
    case "without downsample":
      return given.filter((layer) => !layer.name.includes("downsample"));
    case "without depth-wise":
      return given.filter(({ operation }) => operation.operator !== "conv2d" || operation.groups === 1);
  }
}

/** Sides simulated before: claims of a machine ask about the same networks again and again. */
const known = new Map<string, Side>();

function simulateSide(accelerator: RegisteredAccelerator, subject: Subject, mapping?: string): Side {
  const key = JSON.stringify([accelerator.name, subject, mapping]);
  const side = known.get(key) ?? simulateAnew(accelerator, subject, mapping);
  known.set(key, side);
  return side;
}

function simulateAnew(accelerator: RegisteredAccelerator, subject: Subject, mapping?: string): Side {
  const set = Object.fromEntries(
    Object.entries(subject.set).filter(([path]) => Object.hasOwn(accelerator.parameters, path)),
  );
  const { machine } = accelerator.configure(set);
  const prepared = prepareMachine(machine, technology(machine.technology));
  const choice = {
    objective: "seconds",
    check: "off",
    auditPercent: 0,
    seed: 1,
    ...(mapping === undefined ? {} : { mapping }),
  } as const;
  return { machine, layers: selected(subject).map((layer) => simulateLayer(layer, prepared, choice)) };
}

const pairOf = (own: RegisteredAccelerator, rival: RegisteredAccelerator, subject: Subject): Pair => ({
  own: simulateSide(own, subject),
  rival: simulateSide(rival, subject),
});

const seconds = (side: Side): number => side.layers.reduce((sum, layer) => sum + layer.seconds, 0);

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

const geometricMean = (values: readonly number[]): number => exp(mean(values.map((value) => log(value))));

/** Cycles of a layer under a mapping, chosen or not. */
function cyclesUnder(layer: LayerResult, mapping: string): number {
  if (layer.mapping === mapping) return layer.cycles;
  const other = layer.alternatives.find((alternative) => alternative.mapping === mapping);
  if (other === undefined) throw new Error(`layer ${layer.name} was not mapped to ${mapping}`);
  return other.cycles;
}

/** Mean power over a run, relative to the rival: each layer's mapping weighted with its time. */
function relativePower({ machine, layers }: Side): number {
  const powers = machine.relativePower ?? {};
  let energy = 0;
  let time = 0;
  for (const layer of layers) {
    const power = powers[layer.mapping];
    if (power === undefined) throw new Error(`no relative power for mapping ${layer.mapping}`);
    energy += power * layer.seconds;
    time += layer.seconds;
  }
  return energy / time;
}

function layerAt(side: Side, index: number): LayerResult {
  const layer = side.layers[index - 1];
  if (layer === undefined) throw new Error(`no layer ${index} among ${side.layers.length}`);
  return layer;
}

/** One layer under a row-stationary split. */
function scheduled(accelerator: RegisteredAccelerator, measure: Extract<Measure, { kind: "schedule figure" }>): number {
  const { subject, layer: layerName } = measure;
  const { machine } = accelerator.configure(subject.set);
  const prepared = prepareMachine(machine, technology(machine.technology));
  const found = selected(subject).find((candidate) => candidate.name === layerName);
  if (found?.operation.operator !== "conv2d" || prepared.kind !== "nest") {
    throw new Error(`no convolution ${layerName} on a machine of loop nests`);
  }
  const problem = nestProblem(found.operation);
  const axes = prepared.parts.hierarchy.levels.flatMap((level) => level.axes);
  const units = (name: string): number => axes.find((axis) => axis.name === name)?.units ?? 1;
  const schedule = rowStationarySchedule(problem, splitOf(found.operation, measure.split), {
    rows: units("rows"),
    columns: units("columns"),
  });
  const result = simulateLayer(found, prepared, {
    objective: "energy",
    check: "off",
    auditPercent: 0,
    seed: 1,
    schedules: { [layerName]: schedule },
  });
  switch (measure.figure) {
    case "units":
      return unitsInUse(problem, schedule);
    case "milliseconds":
      return 1e3 * result.seconds;
    case "megabytes": {
      const { read, write } = result.traffic[measure.memory] ?? { read: 0, write: 0 };
      return (read + write) / 1e6;
    }
  }
}

function splitOf(conv: Conv2d, split: Extract<Measure, { kind: "schedule figure" }>["split"]): RowStationarySplit {
  if (!("limits" in split)) return split;
  const { limits, offChip } = split;
  return bestSplit(conv, limits, ({ buffer, dram }, tried) => {
    if (!fitsGrid(tried, conv.kernelHeight, limits.grid)) return Infinity;
    let words = offChip * (dram.inputs + dram.filters + dram.results);
    for (const moved of Object.values(buffer)) words += moved;
    return words;
  }).split;
}

/** A rate of a network; energy without that of off-chip memories. */
function networkRate(accelerator: RegisteredAccelerator, subject: Subject, rate: NetworkRate): number {
  const side = simulateSide(accelerator, subject);
  const { batch = 1 } = subject;
  if (rate === "inferences per second") return batch / seconds(side);
  const { components } = side.machine;
  let joules = 0;
  for (const { energy } of side.layers) {
    for (const [name, own] of Object.entries(energy.components)) {
      if (components[name]?.kind !== "dram") joules += own;
    }
  }
  return batch / joules;
}

/** Our figure for a measure. */
export function evaluate(measure: Measure, own: RegisteredAccelerator, rival: RegisteredAccelerator): number {
  switch (measure.kind) {
    case "network rate":
      return networkRate(own, measure.subject, measure.rate);
    case "network gain": {
      const { machine, subject } = measure.over;
      return (
        networkRate(own, measure.subject, measure.rate) /
        networkRate(machine === "own" ? own : rival, subject, measure.rate)
      );
    }
    case "latency saving":
      return mean(
        measure.subjects.map((subject) => {
          const pair = pairOf(own, rival, subject);
          return 100 * (1 - seconds(pair.own) / seconds(pair.rival));
        }),
      );
    case "layers choosing":
      return simulateSide(own, measure.subject).layers.filter((layer) => layer.mapping === measure.mapping).length;
    case "chosen depth":
      return Number(/\d+$/.exec(layerAt(simulateSide(own, measure.subject), measure.layer).mapping)?.[0]);
    case "layer time":
      return (
        1e6 *
        layerAt(
          measure.mapping === undefined
            ? simulateSide(rival, measure.subject)
            : simulateSide(own, measure.subject, measure.mapping),
          measure.layer,
        ).seconds
      );
    case "power saving":
      return mean(measure.subjects.map((subject) => 100 * (1 - relativePower(simulateSide(own, subject)))));
    case "mapping gain":
      return geometricMean(
        measure.subjects.map((subject) => {
          const { layers } = simulateSide(own, subject);
          const under = layers.reduce((sum, layer) => sum + cyclesUnder(layer, measure.mapping), 0);
          return under / layers.reduce((sum, layer) => sum + layer.cycles, 0);
        }),
      );
    case "same mappings": {
      const { layers } = simulateSide(own, measure.subject);
      const same = layers.filter((layer, i) => layer.mapping.startsWith(measure.published[i]?.toLowerCase() ?? "-"));
      return (100 * same.length) / layers.length;
    }
    case "area": {
      const { machine } = own.configure(measure.set);
      const { areaComponents } = prepareMachine(machine, technology(machine.technology));
      return (measure.components ?? Object.keys(areaComponents)).reduce(
        (sum, component) => sum + (areaComponents[component] ?? 0),
        0,
      );
    }
    case "schedule figure":
      return scheduled(own, measure);
    case "energy-delay gain":
      return mean(
        measure.subjects.map((subject) => {
          const pair = pairOf(own, rival, subject);
          return seconds(pair.rival) ** 2 / (relativePower(pair.own) * seconds(pair.own) ** 2);
        }),
      );
  }
}
