// Every registered machine builds from its defaults, says where each parameter comes from, and refuses bad values.

import { describe, expect, test } from "vitest";
import { InputError } from "../base/error.ts";
import { prepareMachine } from "../simulate/prepare-machine.ts";
import { technology, technologyNames } from "../technology/technologies.ts";
import { acceleratorNamed, accelerators } from "./accelerators.ts";

const message = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    if (error instanceof InputError) return error.message;
    throw error;
  }
  return "";
};

describe.each(accelerators().map((accelerator) => [accelerator.name, accelerator] as const))(
  "%s",
  (name, accelerator) => {
    test("builds from its defaults at every technology, with positive area and named tables", () => {
      for (const node of technologyNames()) {
        const { machine, values } = accelerator.configure({ technology: node });
        expect(machine.name).toBe(name);
        expect(Object.keys(values)).toEqual(Object.keys(accelerator.parameters));
        const prepared = prepareMachine(machine, technology(node));
        expect(Object.values(prepared.areaComponents).every((area) => area > 0)).toBe(true);
        expect(prepared.tables.length).toBeGreaterThan(0);
      }
    });

    test("every parameter has a description and a source, and refuses what is out of range", () => {
      for (const [path, parameter] of Object.entries(accelerator.parameters)) {
        expect(parameter.description.length).toBeGreaterThan(5);
        expect(parameter.source.text.length).toBeGreaterThan(3);
        const bad = parameter.kind === "choice" ? "nonsense" : parameter.minimum - 1;
        expect(message(() => accelerator.configure({ [path]: bad }))).toContain(path);
        expect(message(() => accelerator.configure({ [path]: Number.NaN }))).toContain(path);
      }
    });
  },
);

test("unknown names and parameters are met with the nearest", () => {
  expect(message(() => acceleratorNamed("arrayflx"))).toContain('did you mean "arrayflex"?');
  expect(message(() => acceleratorNamed("systolic").configure({ row: 8 }))).toContain('did you mean "rows"?');
  expect(message(() => acceleratorNamed("systolic").configure({ bandwidth: 0 }))).toMatch(
    /bandwidth.*found "0 B\/s".*from 1 B\/s to unlimited/,
  );
  expect(message(() => acceleratorNamed("systolic").configure({ operand: "float32" }))).toContain("accumulator");
});

test("a description whose operands share a buffer, or whose path leads nowhere, is refused with its field", () => {
  const { machine } = acceleratorNamed("systolic").configure({});
  const prices = technology("45nm");
  const paths = (changed: Partial<typeof machine.paths>) => ({ ...machine, paths: { ...machine.paths, ...changed } });
  expect(message(() => prepareMachine(paths({ B: "dram > weightBuffer > grid" }), prices))).toMatch(
    /paths\.B.*shares its buffer with operand A/,
  );
  expect(message(() => prepareMachine(paths({ A: "dram > weightBufer > grid" }), prices))).toContain(
    'did you mean "weightBuffer"?',
  );
  expect(message(() => prepareMachine(paths({ C: "grid > sumBuffer > dram" }), prices))).toContain(
    "paths.C: unusable path",
  );
});
