// The pictures and tables of docs/sparse-products.md, simulated and drawn anew: which dataflow of a sparse product takes
// how many cycles, and what it moves. scripts/generate-docs.ts writes them.

import type { LooseValues } from "../src/accelerator/parameters.ts";
import { engineering, grouped } from "../src/report/units.ts";
import { loadDrawing } from "../src/report/html/drawing.ts";
import type { Drawing } from "../src/report/html/plot.ts";
import type { LayerResult } from "../src/simulate/result.ts";
import { runWorkload } from "../src/workbench/run.ts";
import type { ComputeLayer } from "../src/workload/layer.ts";
import { builtinNetwork } from "../src/workload/networks.ts";
import { countedLayer } from "../src/workload/sparse-layer.ts";
import type { Bar, Line } from "./picture.ts";
import { barPanel, linePanel, picture } from "./picture.ts";

/** Contents of a file below docs/, and of the parts of docs/sparse-products.md by name. */
export interface ProductPictures {
  readonly files: readonly (readonly [path: string, text: string])[];
  readonly parts: Readonly<Record<string, string>>;
}

const dataflows = ["inner", "outer", "gustavson"] as const;
type Dataflow = (typeof dataflows)[number];
const words: Readonly<Record<Dataflow, string>> = {
  inner: "inner product",
  outer: "outer product",
  gustavson: "Gustavson",
};

/** Cycles of a layer by mapping. */
type Cycles = Readonly<Record<string, number>>;

interface Point {
  readonly x: number;
  readonly products: number;
  readonly cycles: Cycles;
}

/** A machine as the pictures have it: `set` changes its parameters. */
interface Subject {
  readonly machine: string;
  readonly set: LooseValues;
}

const paper: Subject = { machine: "flexagon", set: {} };
const simulated: Subject = { machine: "flexagon-simulated", set: {} };
const widePort: Subject = { machine: "flexagon", set: { "cache.wordsPerBank": 32 } };

const size = 256;
const densities = [0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1] as const;

async function runLayer(layer: ComputeLayer, { machine, set }: Subject, mapping?: string): Promise<LayerResult> {
  const network = { name: layer.name, source: "", inputs: [], layers: [layer], warnings: [] };
  const run = await runWorkload(network, {
    accelerator: machine,
    set,
    objective: "cycles",
    seed: 1,
    check: "off",
    auditPercent: 0,
    threads: 1,
    ...(mapping === undefined ? {} : { mapping }),
  });
  const [result] = run.layers;
  if (result === undefined) throw new Error("a run without its layer");
  return result;
}

/** A product of random matrices in all mappings, drawn at `x`. */
async function point(
  x: number,
  { M, N, K, A, B }: { M: number; N: number; K: number; A: number; B: number },
  subject: Subject,
): Promise<Point> {
  const nonZeros = { A: Math.round(A * M * K), B: Math.round(B * K * N) };
  const result = await runLayer(countedLayer("product", { M, N, K }, nonZeros), subject);
  const all = [{ mapping: result.mapping, cycles: result.cycles }, ...result.alternatives];
  return {
    x,
    products: result.macs.effectual,
    cycles: Object.fromEntries(all.map(({ mapping, cycles }) => [mapping, cycles])),
  };
}

/** Points one after the other, in the order of `xs`. */
async function sweep(xs: readonly number[], at: (x: number) => Promise<Point>): Promise<readonly Point[]> {
  const points: Point[] = [];
  for (const x of xs) points.push(await at(x));
  return points;
}

const densitySweep = (subject: Subject): Promise<readonly Point[]> =>
  sweep(densities, (x) => point(x, { M: size, N: size, K: size, A: x, B: x }, subject));

/** Cycles of the better of a dataflow's two mappings. */
function best({ cycles }: Point, dataflow: Dataflow): number {
  return Math.min(cycles[`${dataflow}-m`] ?? Infinity, cycles[`${dataflow}-n`] ?? Infinity);
}

/** Dataflows by the cycles of a point, the fastest first. */
const ranked = (at: Point): readonly Dataflow[] => [...dataflows].sort((a, b) => best(at, a) - best(at, b));

const share = (x: number): string => `${Number((x * 100).toPrecision(3))} %`;

const lines = (points: readonly Point[], y: (at: Point, dataflow: Dataflow) => number): readonly Line[] =>
  dataflows.map((dataflow) => ({
    name: words[dataflow],
    style: dataflow,
    dashed: false,
    points: points.map((at) => ({ x: at.x, y: y(at, dataflow) })),
  }));

const densityPicture = (drawing: Drawing, points: readonly Point[], machine: string): string =>
  picture("Cycles over density", `${machine}: ${size} × ${size} × ${size}, random`, [
    linePanel(drawing, {
      title: `Cycles over density, ${machine}`,
      lines: lines(points, best),
      x: { label: "density of A and of B", ticks: [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1], format: share },
      yLabel: "cycles",
      yRange: [4e3, 2e7],
    }),
  ]);

const rate = (at: Point, dataflow: Dataflow): number => at.products / best(at, dataflow);

const lengthPicture = (drawing: Drawing, points: readonly Point[]): string =>
  picture("Products per cycle over K", `flexagon: ${size} × ${size} × K, random, A 30 % and B 50 % full`, [
    linePanel(drawing, {
      title: "Products per cycle over K, flexagon",
      lines: lines(points, rate),
      x: { label: "K, the inner dimension", ticks: lengths, format: (x) => `${x}` },
      yLabel: "products per cycle, of 64",
    }),
  ]);

/** Which dataflow is ahead from where to where, such as "outer product up to 3 %, Gustavson from 5 %". */
function winners(points: readonly Point[], format: (x: number) => string): string {
  const stretches: { readonly dataflow: Dataflow; readonly from: number; to: number }[] = [];
  for (const at of points) {
    const [dataflow = "inner"] = ranked(at);
    const last = stretches.at(-1);
    if (last?.dataflow === dataflow) last.to = at.x;
    else stretches.push({ dataflow, from: at.x, to: at.x });
  }
  return stretches
    .map(({ dataflow, from, to }, i) => {
      const name = words[dataflow];
      if (stretches.length === 1) return `${name} throughout`;
      if (i === 0) return `${name} up to ${format(to)}`;
      return i === stretches.length - 1
        ? `${name} from ${format(from)}`
        : `${name} from ${format(from)} to ${format(to)}`;
    })
    .join(", ");
}

/** The fastest dataflow and its cycles for each machine at each density, and how far behind the next one is. */
function winnersTable(columns: readonly (readonly [title: string, points: readonly Point[]])[]): string {
  const cell = (at: Point | undefined): string => {
    if (at === undefined) return "";
    const [first = "inner", second = "inner"] = ranked(at);
    return `**${words[first]}** ${grouped(best(at, first))}, then ${words[second]} × ${(best(at, second) / best(at, first)).toFixed(2)}`;
  };
  return [
    `| density | ${columns.map(([title]) => title).join(" | ")} |`,
    `| ---: |${columns.map(() => " --- |").join("")}`,
    ...densities.map((x, i) => `| ${share(x)} | ${columns.map(([, points]) => cell(points[i])).join(" | ")} |`),
  ].join("\n");
}

const lengths = [8, 16, 32, 64, 128, 256, 512] as const;
const pruned = { A: 0.3, B: 0.5 };

function lengthTable(points: readonly Point[]): string {
  return [
    "| K | products | inner product | outer product | Gustavson |",
    "| ---: | ---: | ---: | ---: | ---: |",
    ...points.map(
      (at) =>
        `| ${at.x} | ${grouped(at.products)} | ${dataflows.map((dataflow) => rate(at, dataflow).toFixed(2)).join(" | ")} |`,
    ),
  ].join("\n");
}

const mappings = dataflows.flatMap((dataflow) => [`${dataflow}-m`, `${dataflow}-n`]);

const restingDensities = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1] as const;

function restingPicture(drawing: Drawing, points: readonly Point[]): string {
  const six = dataflows.flatMap((dataflow) =>
    (["m", "n"] as const).map((resting): Line => ({
      name: `${dataflow}-${resting}`,
      style: dataflow,
      dashed: resting === "n",
      points: points.map((at) => ({ x: at.x, y: at.cycles[`${dataflow}-${resting}`] ?? Infinity })),
    })),
  );
  return picture(
    "Which operand rests",
    `flexagon: ${size} × ${size} × ${size}, B half full; -m: A rests, -n: B rests`,
    [
      linePanel(drawing, {
        title: "Cycles over the density of A, flexagon",
        lines: six,
        x: { label: "density of A", ticks: restingDensities, format: share },
        yLabel: "cycles",
      }),
    ],
  );
}

function restingTable(points: readonly Point[]): string {
  return [
    `| density of A | ${mappings.map((name) => `\`${name}\``).join(" | ")} |`,
    `| ---: |${mappings.map(() => " ---: |").join("")}`,
    ...points.map(
      (at) => `| ${share(at.x)} | ${mappings.map((name) => grouped(at.cycles[name] ?? Infinity)).join(" | ")} |`,
    ),
  ].join("\n");
}

/** Widths of a dense product around one whose rows all begin in the same few banks. */
const widths = [size - 8, size, size + 8] as const;

async function strideTable(): Promise<string> {
  const points = await sweep(widths, (N) => point(N, { M: size, N, K: size, A: 1, B: 1 }, paper));
  return [
    "| N | products | `gustavson-m` cycles | products per cycle |",
    "| ---: | ---: | ---: | ---: |",
    ...points.map((at) => {
      const cycles = at.cycles["gustavson-m"] ?? Infinity;
      return `| ${at.x} | ${grouped(at.products)} | ${grouped(cycles)} | ${(at.products / cycles).toFixed(2)} |`;
    }),
  ].join("\n");
}

/** Recorded layers of ResNet-50: an early one with many positions, a late one with many filters. */
const trafficLayers = ["R6", "R45"] as const;

interface Moved {
  readonly layer: LayerResult;
  readonly mapping: string;
  readonly A: number;
  readonly B: number;
  readonly sumsOut: number;
  readonly sumsIn: number;
  readonly C: number;
}

/** Off-chip bytes of a layer under each mapping. */
async function trafficOf(layer: ComputeLayer): Promise<readonly Moved[]> {
  const moved: Moved[] = [];
  for (const mapping of mappings) {
    const result = await runLayer(layer, paper, mapping);
    // Memories are listed far to near.
    const { A, B, C } = Object.values(result.traffic)[0]?.operands ?? {};
    const sumsIn = C?.read ?? 0;
    // Every partial result that went out comes back once; what else is written is C.
    moved.push({
      layer: result,
      mapping,
      A: A?.read ?? 0,
      B: B?.read ?? 0,
      sumsOut: sumsIn,
      sumsIn,
      C: (C?.write ?? 0) - sumsIn,
    });
  }
  return moved;
}

const parts = ["A", "B", "partial results", "C"] as const;

const describe = ({ name, M, N, K, nonZeros }: LayerResult): string =>
  `${name}, ${M} × ${N} × ${K}, ${grouped(nonZeros?.A ?? 0)} and ${grouped(nonZeros?.B ?? 0)} non-zeros`;

function trafficPicture(drawing: Drawing, all: readonly (readonly Moved[])[]): string {
  const panels = all.map((moved) => {
    const [first] = moved;
    if (first === undefined) throw new Error("no mapping");
    const bars = moved.map((one): Bar => ({
      name: one.mapping,
      parts: { A: one.A, B: one.B, "partial results": one.sumsOut + one.sumsIn, C: one.C },
    }));
    return barPanel(drawing, {
      title: describe(first.layer),
      bars,
      parts,
      label: "to and from off-chip memory",
      unit: "B",
    });
  });
  return picture(
    "Off-chip traffic by operand",
    "flexagon: two pruned layers of ResNet-50, each on its own scale",
    panels,
  );
}

function trafficTable(moved: readonly Moved[]): string {
  const [first] = moved;
  if (first === undefined) return "";
  const bytes = (value: number): string => engineering(value, "B");
  return [
    `${describe(first.layer)}:`,
    "",
    "| mapping | A | B | partial results out and in | C | all | cycles |",
    "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ...moved.map(({ mapping, A, B, sumsOut, sumsIn, C, layer }) => {
      const cells = [A, B, sumsOut + sumsIn, C, A + B + sumsOut + sumsIn + C].map(bytes);
      return `| \`${mapping}\` | ${cells.join(" | ")} | ${grouped(layer.cycles)} |`;
    }),
  ].join("\n");
}

/** Simulates and draws everything; some ten seconds. */
export async function productPictures(): Promise<ProductPictures> {
  const drawing = await loadDrawing();
  const onPaper = await densitySweep(paper);
  const onSimulated = await densitySweep(simulated);
  const onWidePort = await densitySweep(widePort);
  const overLength = await sweep(lengths, (K) => point(K, { M: size, N: size, K, ...pruned }, paper));
  const resting = await sweep(restingDensities, (A) => point(A, { M: size, N: size, K: size, A, B: 0.5 }, paper));
  const network = builtinNetwork("flexagon:resnet50");
  const traffic: (readonly Moved[])[] = [];
  for (const name of trafficLayers) {
    const layer = network.layers.find((one) => one.name === name);
    if (layer?.kind !== "compute") throw new Error(`no layer ${name}`);
    traffic.push(await trafficOf(layer));
  }
  const columns = [
    ["`flexagon`", onPaper],
    ["`flexagon-simulated`", onSimulated],
    ["`flexagon`, a whole line an access", onWidePort],
  ] as const;
  return {
    files: [
      ["images/product-density.svg", densityPicture(drawing, onPaper, "flexagon")],
      ["images/product-density-simulated.svg", densityPicture(drawing, onSimulated, "flexagon-simulated")],
      ["images/product-density-wide-port.svg", densityPicture(drawing, onWidePort, "flexagon, a whole line an access")],
      ["images/product-length.svg", lengthPicture(drawing, overLength)],
      ["images/product-resting.svg", restingPicture(drawing, resting)],
      ["images/product-traffic.svg", trafficPicture(drawing, traffic)],
    ],
    parts: {
      "density, in words": columns.map(([name, points]) => `- ${name}: ${winners(points, share)}.`).join("\n"),
      density: winnersTable(columns),
      "length, in words": `Fewest cycles, of the three: ${winners(overLength, (K) => `K = ${K}`)}.`,
      length: lengthTable(overLength),
      resting: restingTable(resting),
      stride: await strideTable(),
      traffic: traffic.map(trafficTable).join("\n\n"),
    },
  };
}
