// A machine for people and for tools: components in words, mappings as rows, and the whole description as data.

import type { RegisteredAccelerator } from "../accelerator/accelerator.ts";
import type { LooseValues } from "../accelerator/parameters.ts";
import { bytesText } from "../base/quantity-text.ts";
import type { AnyComponent } from "../dataflow/route.ts";
import { compressionOf } from "../mapping/product-mapping.ts";
import type { Machine } from "../simulate/machine.ts";
import type { PreparedMachine } from "../simulate/prepared.ts";
import type { Cell, Column } from "./table.ts";
import { engineering, grouped, percent, squareMillimetres } from "./units.ts";

/** A machine as data, as `heddle show --json` prints it: whatever its description says, areas in mm², energies in J. */
export function machineData(
  accelerator: RegisteredAccelerator,
  values: LooseValues,
  machine: Machine,
  prepared: PreparedMachine,
) {
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

/** Each component with its kind, what it is, its area and its share; last the sum. */
export function componentRows(machine: Machine, prepared: PreparedMachine): readonly (readonly Cell[])[] {
  const total = sum(Object.values(prepared.areaComponents));
  const rows = Object.entries(machine.components).map(([name, part]): Cell[] => {
    const area = prepared.areaComponents[name];
    return [
      name,
      part.kind,
      describeComponent(part),
      area === undefined ? "off chip" : squareMillimetres(area),
      area === undefined ? "" : percent(area / total),
    ];
  });
  return [...rows, ["total", "", "", squareMillimetres(total), ""]];
}

/** Heads and cells of the table of mappings, by kind of machine. */
export interface MappingTable {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Cell[])[];
}

/** The mappings of a machine as rows for people. */
export function mappingTable(machine: Machine): MappingTable {
  if (machine.kind === "nest") {
    return {
      columns: [
        { title: "mapping" },
        { title: "dataflow", minimum: 20 },
        { title: "moves of a search", align: "right" },
        { title: "clock", unit: "Hz", align: "right" },
      ],
      rows: Object.entries(machine.mappings).map(([name, { dataflow, moves, clock }]) => [
        name,
        dataflow === "any" ? "any schedule" : dataflow,
        grouped(moves),
        engineering(clock, "Hz"),
      ]),
    };
  }
  if (machine.kind === "product") {
    return {
      columns: [
        { title: "mapping" },
        { title: "dataflow" },
        { title: "resting" },
        { title: "clock", unit: "Hz", align: "right" },
        { title: "operands and result", minimum: 20 },
      ],
      rows: Object.entries(machine.mappings).map(([name, mapping]) => {
        const { A, B, C } = compressionOf(mapping);
        return [
          name,
          mapping.dataflow,
          mapping.stationary === "M" ? "A" : "B",
          engineering(mapping.clock, "Hz"),
          `A ${A}, B ${B}, C ${C}`,
        ];
      }),
    };
  }
  return {
    columns: [
      { title: "mapping" },
      { title: "stationary" },
      { title: "collapse", align: "right" },
      { title: "clock", unit: "Hz", align: "right" },
      { title: "vectors", minimum: 20 },
    ],
    rows: Object.entries(machine.mappings).map(([name, mapping]) => [
      name,
      mapping.stationary,
      String(mapping.collapse),
      engineering(mapping.clock, "Hz"),
      mapping.streaming === "whole" ? "all at once" : "in blocks whose sums fit",
    ]),
  };
}

/** A component in a few words, for its box. */
export function briefComponent(part: AnyComponent): string {
  switch (part.kind) {
    case "dram":
      return `${part.memory}, ${engineering(part.bandwidth, "B/s")}`;
    case "sram":
      return bytesText(part.bytes);
    case "systolicGrid":
      return `${part.rows} × ${part.columns} ${part.operand}`;
    case "bankedCache":
      return `${bytesText(part.bytes)}, ${part.ways} ways`;
    case "mergeTree":
      return `${part.leaves} leaves`;
    case "partialSumStore":
      return `${bytesText(part.bytes)} by row`;
    case "productArray":
      return `${part.multipliers} ${part.operand}`;
    case "fibreCache":
      return `${bytesText(part.bytes)}, ${part.ways} ways`;
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
      return `${part.instances} × ${bytesText(part.bytes)}`;
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

/** A component in a sentence, without its name. */
export function describeComponent(part: AnyComponent): string {
  switch (part.kind) {
    case "dram":
      return `${part.memory}, ${engineering(part.bandwidth, "B/s")}, latency ${engineering(part.latency, "s")}`;
    case "sram":
      return `${bytesText(part.bytes)} in ${part.banks} banks of ${part.portBits} bits a cycle${part.doubleBuffered ? ", in two halves" : ""}`;
    case "systolicGrid":
      return `${part.rows} × ${part.columns} units, ${part.operand} products, ${part.accumulator} sums, ${part.preload} pre-load`;
    case "bankedCache":
      return `${bytesText(part.bytes)}, ${part.ways} ways of ${part.lineBytes}-byte lines in ${part.banks} banks, ${many(part.wordsPerBank)} words an access, ${part.missCycles} cycles a miss`;
    case "mergeTree":
      return `merges ${part.leaves} fibres, ${many(part.rootWidth)} elements a cycle at the root, ${part.accumulator} sums`;
    case "partialSumStore":
      return `${bytesText(part.bytes)} in ${part.sets} sets by row of blocks of ${part.blockWords} words, ${part.banks} banks`;
    case "productArray":
      return `${part.multipliers} multipliers, ${part.operand}, ${many(part.distributionWidth)} elements a cycle to them`;
    case "fibreCache":
      return `${bytesText(part.bytes)}, ${part.ways} ways of ${part.lineBytes}-byte lines in ${part.banks} banks, filled ahead`;
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
      return `${part.instances} of ${bytesText(part.bytes)}, ${part.ports} words of ${part.wordBits} bits a cycle${part.transfers === "halves" ? ", in two halves" : ""}`;
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

/** What all instances of a memory give together at most; undefined for what is no memory, and for caches. */
export function componentWidth(part: AnyComponent): string | undefined {
  switch (part.kind) {
    case "dram":
      return engineering(part.bandwidth, "B/s");
    case "sram": {
      const bits = Math.min(part.limits?.readBits ?? Infinity, part.banks * part.portBits) * (part.instances ?? 1);
      return `${grouped(bits)} bit a cycle`;
    }
    case "registerFile":
      return `${grouped(part.instances * part.ports * part.wordBits)} bit a cycle`;
    default:
      return undefined;
  }
}

const instancesOf = ({ instances = 1 }: { readonly instances?: number }): string =>
  instances === 1 ? "" : `${instances} × `;

const bitmapOwners = { none: "no operand", weights: "weights", inputs: "inputs", both: "both operands" } as const;

const many = (count: number): string => (count === Infinity ? "any number of" : String(count));

function sum(values: readonly number[]): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
