// `heddle show`: a machine as a page: what it is made of, how operands travel, its parameters with their sources, its
// mappings, and what each component costs.

import type { RegisteredAccelerator } from "../../accelerator/accelerator.ts";
import { acceleratorNamed } from "../../accelerator/accelerators.ts";
import type { LooseValues, ParameterTable } from "../../accelerator/parameters.ts";
import type { AnyComponent } from "../../dataflow/route.ts";
import { jsonDocument } from "../../report/json.ts";
import type { Cell } from "../../report/table.ts";
import { displayWidth, table, wrap } from "../../report/table.ts";
import { engineering, grouped, percent, squareMillimetres } from "../../report/units.ts";
import { compressionOf } from "../../mapping/product-mapping.ts";
import type { Machine } from "../../simulate/machine.ts";
import type { PreparedMachine } from "../../simulate/prepared.ts";
import { prepareMachine } from "../../simulate/prepare-machine.ts";
import { technology } from "../../technology/technologies.ts";
import type { CliContext } from "../context.ts";
import type { ShowFlags } from "../flags.ts";
import { shown } from "../input/equalise.ts";
import { configure, machineRequests } from "../input/settings.ts";
import { blockDiagram } from "../output/diagram.ts";

export async function show(context: CliContext, flags: ShowFlags, name: string): Promise<void> {
  const accelerator = acceleratorNamed(name);
  if (flags.schema === true) {
    await context.print(jsonDocument((await import("../input/schema.ts")).jsonSchema(accelerator)));
    return;
  }
  const [request] = machineRequests({ on: name, ...(flags.set === undefined ? {} : { set: flags.set }) });
  const { machine, values } = configure(accelerator, request?.set ?? {});
  const prepared = prepareMachine(machine, technology(machine.technology));
  await context.print(
    flags.json === true
      ? jsonDocument(pageData(accelerator, values, machine, prepared))
      : pageText(accelerator, values, machine, prepared, context.width ?? 120, context.colour),
  );
}

function pageData(
  accelerator: RegisteredAccelerator,
  values: LooseValues,
  machine: Machine,
  prepared: PreparedMachine,
): object {
  const { name, title, summary, citation, parameters, claims } = accelerator;
  return {
    version: 1,
    name,
    title,
    summary,
    citation,
    technology: machine.technology,
    components: machine.components,
    paths: machine.paths,
    output: machine.output,
    mappings: machine.mappings,
    parameters: Object.entries(parameters).map(([path, parameter]) => ({ path, value: values[path], ...parameter })),
    area: sum(Object.values(prepared.areaComponents)),
    areaComponents: prepared.areaComponents,
    energy: Object.fromEntries(Object.entries(prepared.costs).map(([component, cost]) => [component, cost.energy])),
    energyTables: prepared.tables,
    claims: (claims?.list ?? []).map(({ id, workload, metric, published, unit, tolerance, source, fitted, note }) => ({
      id,
      workload,
      metric,
      published,
      unit,
      tolerance,
      source,
      fitted,
      note,
    })),
  };
}

function pageText(
  accelerator: RegisteredAccelerator,
  values: LooseValues,
  machine: Machine,
  prepared: PreparedMachine,
  width: number,
  colour: boolean,
): string {
  const { citation, claims, parameters } = accelerator;
  const strong = (text: string): string => (colour ? `\u001b[1m${text}\u001b[22m` : text);
  const paragraph = (text: string): string => `${wrap(text, width).join("\n")}\n`;
  const identifier = citation.identifier === undefined ? "" : `, ${citation.identifier}`;
  return [
    `${strong(`${accelerator.name}: ${accelerator.title}`)}\n${paragraph(accelerator.summary)}${paragraph(`${stopped(citation.authors)} ${stopped(citation.title)} ${citation.venue} ${citation.year}${identifier}.`)}`,
    `${strong("Paths")} (A weights, B inputs, C results)\n\n${diagramOf(machine)}`,
    table(
      [
        { title: "component" },
        { title: "kind" },
        { title: "what it is", minimum: 20 },
        { title: "area", unit: "mm²", align: "right" },
        { title: "share", unit: "%", align: "right" },
      ],
      componentRows(machine, prepared),
      width,
      { colour },
    ),
    parameterTable(parameters, values, width, colour),
    `Sources of the parameters:\n${sourceLines(accelerator, width)}`,
    mappingTable(machine, width, colour),
    paragraph(`Energy and area: technology ${machine.technology}; tables ${prepared.tables.join(", ")}.`) +
      paragraph("A parameter that is shared is a resource: heddle compare gives all machines the first one's.") +
      (claims === undefined
        ? ""
        : paragraph(`${claims.list.length} claims of its paper: heddle reproduce ${accelerator.name}.`)),
  ].join("\n");
}

function mappingTable(machine: Machine, width: number, colour: boolean): string {
  if (machine.kind === "nest") {
    return table(
      [
        { title: "mapping" },
        { title: "dataflow", minimum: 20 },
        { title: "moves of a search", align: "right" },
        { title: "clock", unit: "Hz", align: "right" },
      ],
      Object.entries(machine.mappings).map(([name, { dataflow, moves, clock }]) => [
        name,
        dataflow === "any" ? "any schedule" : dataflow,
        grouped(moves),
        engineering(clock, "Hz"),
      ]),
      width,
      { colour },
    );
  }
  if (machine.kind === "product") {
    return table(
      [
        { title: "mapping" },
        { title: "dataflow" },
        { title: "resting" },
        { title: "clock", unit: "Hz", align: "right" },
        { title: "operands and result", minimum: 20 },
      ],
      Object.entries(machine.mappings).map(([name, mapping]) => {
        const { A, B, C } = compressionOf(mapping);
        return [
          name,
          mapping.dataflow,
          mapping.stationary === "M" ? "A" : "B",
          engineering(mapping.clock, "Hz"),
          `A ${A}, B ${B}, C ${C}`,
        ];
      }),
      width,
      { colour },
    );
  }
  return table(
    [
      { title: "mapping" },
      { title: "stationary" },
      { title: "collapse", align: "right" },
      { title: "clock", unit: "Hz", align: "right" },
      { title: "vectors", minimum: 20 },
    ],
    Object.entries(machine.mappings).map(([name, mapping]) => [
      name,
      mapping.stationary,
      String(mapping.collapse),
      engineering(mapping.clock, "Hz"),
      mapping.streaming === "whole" ? "all at once" : "in blocks whose sums fit",
    ]),
    width,
    { colour },
  );
}

function diagramOf(machine: Machine): string {
  const paths = (["A", "B", "C"] as const).map((operand) => ({
    operand,
    stations: machine.paths[operand].split(">").map((station) => station.trim()),
    outward: operand === "C",
  }));
  return blockDiagram(paths, (station) => {
    const part = machine.components[station];
    return part === undefined ? "" : brief(part);
  });
}

/** A component in a few words, for its box. */
function brief(part: AnyComponent): string {
  switch (part.kind) {
    case "dram":
      return `${part.memory}, ${engineering(part.bandwidth, "B/s")}`;
    case "sram":
      return shown(bytes, part.bytes);
    case "systolicGrid":
      return `${part.rows} × ${part.columns} ${part.operand}`;
    case "bankedCache":
      return `${shown(bytes, part.bytes)}, ${part.ways} ways`;
    case "mergeTree":
      return `${part.leaves} leaves`;
    case "partialSumStore":
      return `${shown(bytes, part.bytes)} by row`;
    case "productArray":
      return `${part.multipliers} ${part.operand}`;
    case "fibreCache":
      return `${shown(bytes, part.bytes)}, ${part.ways} ways`;
    case "rowMergers":
      return `${part.processors} of radix ${part.radix}`;
    case "lookAheadBuffer":
      return `${part.lines} lines`;
    case "sharedMergeTree":
      return `${part.ways} ways, ${part.width} wide`;
    case "benesNetwork":
      return `${part.networks} of ${part.ports} ports`;
    case "forwardingAdderTree":
      return `${part.trees} of ${part.leaves} leaves`;
    case "registerFile":
      return `${part.instances} × ${shown(bytes, part.bytes)}`;
    case "unitArray":
      return `${part.rows} × ${part.columns} × ${part.lanes} ${part.operand}`;
    case "columnElement":
      return `${part.instances} × ${part.simdWidth} ${part.operand}`;
    case "sparseLanes":
      return `${part.units} × ${part.lanes} ${part.operand}`;
    case "reductionTree":
      return `${instancesOf(part)}${part.network.shape}, ${part.units} units`;
    case "zeroSkipping":
      return part.sparsity;
    case "zeroValueCodec":
      return `blocks of ${part.blockElements}`;
    case "layoutDrain":
      return `${part.width} a cycle`;
  }
}

function componentRows(machine: Machine, prepared: PreparedMachine): readonly (readonly Cell[])[] {
  const total = sum(Object.values(prepared.areaComponents));
  const rows = Object.entries(machine.components).map(([name, part]): Cell[] => {
    const area = prepared.areaComponents[name];
    return [
      name,
      part.kind,
      sentence(part),
      area === undefined ? "off chip" : squareMillimetres(area),
      area === undefined ? "" : percent(area / total),
    ];
  });
  return [...rows, ["total", "", "", squareMillimetres(total), ""]];
}

function sentence(part: AnyComponent): string {
  switch (part.kind) {
    case "dram":
      return `${part.memory}, ${engineering(part.bandwidth, "B/s")}, latency ${engineering(part.latency, "s")}`;
    case "sram":
      return `${shown(bytes, part.bytes)} in ${part.banks} banks of ${part.portBits} bits a cycle${part.doubleBuffered ? ", in two halves" : ""}`;
    case "systolicGrid":
      return `${part.rows} × ${part.columns} units, ${part.operand} products, ${part.accumulator} sums, ${part.preload} pre-load`;
    case "bankedCache":
      return `${shown(bytes, part.bytes)}, ${part.ways} ways of ${part.lineBytes}-byte lines in ${part.banks} banks, ${many(part.wordsPerBank)} words an access, ${part.missCycles} cycles a miss`;
    case "mergeTree":
      return `merges ${part.leaves} fibres, ${many(part.rootWidth)} elements a cycle at the root, ${part.accumulator} sums`;
    case "partialSumStore":
      return `${shown(bytes, part.bytes)} in ${part.sets} sets by row of blocks of ${part.blockWords} words, ${part.banks} banks`;
    case "productArray":
      return `${part.multipliers} multipliers, ${part.operand}, ${many(part.distributionWidth)} elements a cycle to them`;
    case "fibreCache":
      return `${shown(bytes, part.bytes)}, ${part.ways} ways of ${part.lineBytes}-byte lines in ${part.banks} banks, filled ahead`;
    case "rowMergers":
      return `${part.processors} processors, each merges ${part.radix} fibres, one element a cycle, ${part.operand} products`;
    case "lookAheadBuffer":
      return `${part.lines} lines of ${part.lineElements} elements in ${part.banks} banks, sees ${many(part.window)} requests ahead`;
    case "sharedMergeTree":
      return `merges ${part.ways} matrices, ${part.width} elements a cycle at each level, ${part.accumulator} sums`;
    case "benesNetwork":
      return `${part.networks} networks of ${part.ports} ports, ${part.bits} bits each`;
    case "forwardingAdderTree":
      return `${part.trees} trees of ${part.leaves} leaves, ${part.operand} products, ${part.accumulator} sums`;
    case "registerFile":
      return `${part.instances} of ${shown(bytes, part.bytes)}, ${part.ports} words of ${part.wordBits} bits a cycle${part.transfers === "halves" ? ", in two halves" : ""}`;
    case "unitArray":
      return `${part.rows} × ${part.columns} units of ${part.lanes} multipliers, ${part.operand} products, ${part.accumulator} sums, ${part.adders} adders between them`;
    case "columnElement":
      return `${part.instances} elements of ${part.simdWidth} multipliers on compressed columns, ${part.operand} products, ${part.partialSum.words} sums of ${part.partialSum.bits} bits each`;
    case "sparseLanes":
      return `${part.units} units of ${part.lanes} lanes, ${part.operand} products, ${part.accumulator} sums, bitmaps of ${part.bankBits} on ${bitmapOwners[part.sparsity]}, waiting by ${part.barrier.scope}`;
    case "reductionTree":
      return `${instancesOf(part)}sums of ${part.units} units: ${part.network.shape === "chain" ? "a chain of neighbours" : `a ${part.network.shape} tree`}, ${part.accumulator}`;
    case "zeroSkipping":
      return `skips zeros of ${part.sparsity === "both" ? "weights and inputs" : part.sparsity}, banks of ${part.bankBits}, rounds end together in a ${part.barrier.scope}`;
    case "zeroValueCodec":
      return `masks of ${part.blockElements} elements of ${part.elementBits} bits, ${part.elementsPerCycle} decoded a cycle`;
    case "layoutDrain":
      return `${part.width} results a cycle into words of ${part.wordElements}${part.reorders ? ", in any order" : ""}`;
  }
}

const instancesOf = ({ instances = 1 }: { readonly instances?: number }): string =>
  instances === 1 ? "" : `${instances} × `;

const bitmapOwners = { none: "no operand", weights: "weights", inputs: "inputs", both: "both operands" } as const;

const many = (count: number): string => (count === Infinity ? "any number of" : String(count));

const bytes = {
  kind: "integer",
  default: 0,
  minimum: 0,
  maximum: Infinity,
  unit: "B",
  description: "",
  source: { strength: "stated", text: "" },
} as const;

/** Descriptions are wrapped, not cut: they are what a reader came for. */
function parameterTable(parameters: ParameterTable, values: LooseValues, width: number, colour: boolean): string {
  const rows = Object.entries(parameters).map(([path, parameter]) => {
    const value = shown(parameter, values[path] ?? parameter.default);
    const initial = shown(parameter, parameter.default);
    return [
      path,
      value === initial ? value : `${value} (default ${initial})`,
      parameter.resource === true ? "yes" : "",
    ] as const;
  });
  const longest = (column: 0 | 1): number => Math.max(...rows.map((row) => displayWidth(row[column])));
  const room = Math.max(24, width - longest(0) - longest(1) - "shared".length - 6);
  const cells = Object.values(parameters).flatMap(({ description }, index) =>
    wrap(description, room).map((line, part): Cell[] => [...(part === 0 ? (rows[index] ?? []) : ["", "", ""]), line]),
  );
  const columns = [
    { title: "parameter" },
    { title: "value", align: "right" as const },
    { title: "shared" },
    { title: "what it is" },
  ];
  return table(columns, cells, width, { colour, hint: "use --json for all fields" });
}

/** A sentence with its full stop. */
const stopped = (text: string): string => (/[.?!]$/.test(text) ? text : `${text}.`);

/** One paragraph for each source, with the parameters that it gives. */
function sourceLines({ parameters }: RegisteredAccelerator, width: number): string {
  const paths = new Map<string, string[]>();
  for (const [path, { source }] of Object.entries(parameters)) {
    const text = `${source.strength}: ${source.text}`;
    paths.set(text, [...(paths.get(text) ?? []), path]);
  }
  return [...paths]
    .flatMap(([text, names]) =>
      wrap(`${names.join(", ")} (${text})`, width - 4).map((line, index) => `${index === 0 ? "- " : "    "}${line}\n`),
    )
    .join("");
}

function sum(values: readonly number[]): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
