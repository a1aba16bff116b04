// `heddle list`: the accelerators, workloads and technologies that there are.

import { accelerators } from "../../accelerator/accelerators.ts";
import { InputError } from "../../base/error.ts";
import { workloadForms } from "../../interop/workload/forms.ts";
import { jsonDocument } from "../../report/json.ts";
import { defaultWidth, table, wrap } from "../../report/table.ts";
import { engineering } from "../../report/units.ts";
import { describeTechnologies } from "../../technology/technologies.ts";
import { describeNetworks } from "../../workload/networks.ts";
import type { CliContext } from "../context.ts";
import type { ListFlags } from "../flags.ts";

interface Section {
  /** Arrays by the key that the document has them under. */
  readonly json: () => Readonly<Record<string, readonly object[]>>;
  readonly text: (width: number | undefined, colour: boolean) => string;
}

const sections: Readonly<Record<string, Section>> = {
  accelerators: {
    json: () => ({
      accelerators: accelerators().map(({ name, title, summary, citation, parameters, configure }) => ({
        name,
        title,
        summary,
        citation,
        parameters: Object.keys(parameters),
        mappings: Object.keys(configure({}).machine.mappings),
      })),
    }),
    text: (width, colour) =>
      accelerators()
        .map(({ name, title, citation, summary }) => {
          const heading = `${colour ? `\u001b[1m${name}\u001b[22m` : name}  ${title} (${citation.venue} ${citation.year})`;
          return [heading, ...wrap(summary, (width ?? defaultWidth) - 4).map((line) => `    ${line}`)]
            .map((line) => `${line}\n`)
            .join("");
        })
        .join(""),
  },
  workloads: {
    json: () => ({
      workloads: describeNetworks().map(({ name, title, summarise }) => ({ name, title, ...summarise() })),
      workloadForms,
    }),
    text: (width, colour) =>
      `${table(
        [
          { title: "workload" },
          { title: "what it is", minimum: 12 },
          { title: "layers", align: "right" },
          { title: "batch 1", unit: "MAC", align: "right" },
          { title: "source", minimum: 12, drop: 1 },
        ],
        describeNetworks().map(({ name, title, summarise }) => {
          const { source, computeLayers, macs } = summarise();
          return [name, title, String(computeLayers), engineering(macs, "MAC"), source];
        }),
        width,
        { colour, hint: "use --json for all fields" },
      )}\n${table(
        [{ title: "or" }, { title: "which is", minimum: 20 }],
        workloadForms.map(({ form, title }) => [form, title]),
        width,
        { colour },
      )}`,
  },
  technologies: {
    json: () => ({ technologies: describeTechnologies() }),
    text: (width, colour) =>
      table(
        [
          { title: "technology" },
          { title: "node", unit: "nm", align: "right" },
          { title: "supply", unit: "V", align: "right" },
          { title: "what it is", minimum: 20 },
        ],
        describeTechnologies().map(({ name, nodeNanometres, voltage, title }) => [
          name,
          String(nodeNanometres),
          String(voltage),
          title,
        ]),
        width,
        { colour },
      ),
  },
};

export async function list(context: CliContext, flags: ListFlags, what?: string): Promise<void> {
  const known = Object.keys(sections);
  if (what !== undefined && !Object.hasOwn(sections, what)) {
    throw new InputError({
      message: "nothing to list under this word",
      found: what,
      expected: `one of ${known.join(", ")}`,
      known,
    });
  }
  const chosen = Object.entries(sections).filter(([name]) => what === undefined || name === what);
  if (flags.json === true) {
    const fields = chosen.flatMap(([, section]) => Object.entries(section.json()));
    await context.print(jsonDocument({ version: 1, ...Object.fromEntries(fields) }));
    return;
  }
  await context.print(chosen.map(([, section]) => section.text(context.width, context.colour)).join("\n"));
}
