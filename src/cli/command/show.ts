// `heddle show`: a machine as a page: what it is made of, how operands travel, its parameters with their sources, its
// mappings, and what each component costs.

import type { RegisteredAccelerator } from "../../accelerator/accelerator.ts";
import { acceleratorNamed } from "../../accelerator/accelerators.ts";
import type { LooseValues, ParameterTable } from "../../accelerator/parameters.ts";
import { jsonDocument } from "../../report/json.ts";
import type { Cell } from "../../report/table.ts";
import { displayWidth, table, wrap } from "../../report/table.ts";
import { briefComponent, componentRows, machineData, mappingTable } from "../../report/machine.ts";
import type { Machine } from "../../simulate/machine.ts";
import type { PreparedMachine } from "../../simulate/prepared.ts";
import { prepareMachine } from "../../simulate/prepare-machine.ts";
import { technology } from "../../technology/technologies.ts";
import type { CliContext } from "../context.ts";
import type { ShowFlags } from "../flags.ts";
import { shownValue } from "../../workbench/request/parameter-text.ts";
import { configure, machineRequests } from "../../workbench/request/settings.ts";
import { blockDiagram } from "../output/diagram.ts";

export async function show(context: CliContext, flags: ShowFlags, name: string): Promise<void> {
  const accelerator = acceleratorNamed(name);
  if (flags.schema === true) {
    await context.print(jsonDocument((await import("../../workbench/request/schema.ts")).jsonSchema(accelerator)));
    return;
  }
  const [request] = machineRequests({ on: name, ...(flags.set === undefined ? {} : { set: flags.set }) });
  const { machine, values } = configure(accelerator, request?.set ?? {});
  const prepared = prepareMachine(machine, technology(machine.technology));
  await context.print(
    flags.json === true
      ? jsonDocument(machineData(accelerator, values, machine, prepared))
      : pageText(accelerator, values, machine, prepared, context.width ?? 120, context.colour),
  );
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
  const mappings = mappingTable(machine);
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
    table(mappings.columns, mappings.rows, width, { colour }),
    paragraph(`Energy and area: technology ${machine.technology}; tables ${prepared.tables.join(", ")}.`) +
      paragraph("A parameter that is shared is a resource: heddle compare gives all machines the first one's.") +
      (claims === undefined
        ? ""
        : paragraph(`${claims.list.length} claims of its paper: heddle reproduce ${accelerator.name}.`)),
  ].join("\n");
}

function diagramOf(machine: Machine): string {
  const paths = (["A", "B", "C"] as const).map((operand) => ({
    operand,
    stations: machine.paths[operand].split(">").map((station) => station.trim()),
    outward: operand === "C",
  }));
  return blockDiagram(paths, (station) => {
    const part = machine.components[station];
    return part === undefined ? "" : briefComponent(part);
  });
}

/** Descriptions are wrapped, not cut: they are what a reader came for. */
function parameterTable(parameters: ParameterTable, values: LooseValues, width: number, colour: boolean): string {
  const rows = Object.entries(parameters).map(([path, parameter]) => {
    const value = shownValue(parameter, values[path] ?? parameter.default);
    const initial = shownValue(parameter, parameter.default);
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
