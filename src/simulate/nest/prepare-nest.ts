// A nest machine with its hierarchy derived: which memory holds what at which level, how many bytes a tile may take
// there and how many its ports move in a cycle.

import { InputError } from "../../base/error.ts";
import { formatBits } from "../../component/component.ts";
import { portBitsPerCycle, workingBytes } from "../../component/memory/sram.ts";
import type { UnitArray } from "../../component/unit-array.ts";
import type { AnyComponent } from "../../dataflow/route.ts";
import type { OperandKey } from "../../mapping/nest/problem.ts";
import { operandKeys } from "../../mapping/nest/problem.ts";
import type { Hierarchy, NestMemory } from "../../mapping/nest/schedule.ts";
import type { NestBasedMachine } from "../machine.ts";
import type { NestDrain } from "./drain/layout.ts";
import type { NestReduction } from "./drain/reduction.ts";

/** What a nest machine is to the loop-nest engine. */
export interface NestParts {
  readonly hierarchy: Hierarchy;
  readonly array: { readonly name: string; readonly part: UnitArray };
  /** Index of the level whose axes are the array's rows and columns. */
  readonly arrayBelow: number;
  /** For each operand the memory of each level that can hold it; undefined where its path leaves the level out. */
  readonly memoryOf: Readonly<Record<OperandKey, readonly (string | undefined)[]>>;
  /** The network that adds sums of the units along an axis, where the machine names one. */
  readonly reduction: NestReduction | undefined;
  /** What lays results out for the next layer, where the machine names one. */
  readonly drain: NestDrain | undefined;
  /** Hertz: nest machines have one clock. */
  readonly clock: number;
}

/** Resolves levels and paths. Throws InputError with the field's path where the description is unusable. */
export function nestParts(machine: NestBasedMachine): NestParts {
  const { components, levels, paths } = machine;
  const clocks = new Set(Object.values(machine.mappings).map((mapping) => mapping.clock));
  const [clock] = clocks;
  if (clock === undefined || clocks.size > 1) {
    throw new InputError({ path: "mappings", message: "a nest machine needs mappings of one clock" });
  }
  const arrays = Object.entries(components).flatMap(([name, part]) =>
    part.kind === "unitArray" ? [{ name, part }] : [],
  );
  const array = arrays[0];
  if (array === undefined || arrays.length > 1) {
    throw new InputError({ path: "components", message: "a nest machine needs one array of units" });
  }
  const memoryOf = {
    A: memoriesOnPath("A", paths.A, machine, array.name),
    B: memoriesOnPath("B", paths.B, machine, array.name),
    C: memoriesOnPath("C", paths.C, machine, array.name),
  };
  const bytesOf = (format: keyof typeof formatBits): number => formatBits[format] / 8;
  const hierarchy: Hierarchy = {
    levels: levels.map(({ name, memories, keeps, axes }, level) => ({
      name,
      axes,
      ...(keeps === undefined ? {} : { keeps }),
      memories: memories.map((memory) => ({
        name: memory,
        operands: operandKeys.filter((operand) => memoryOf[operand][level] === memory),
        ...ports(component(machine, memory, `levels.${name}.memories`), clock, memory),
      })),
    })),
    wordBytes: {
      A: bytesOf(array.part.operand),
      B: bytesOf(array.part.operand),
      C: bytesOf(machine.output),
      partial: machine.partialSumBytes ?? bytesOf(array.part.accumulator),
    },
  };
  const arrayBelow = levels.findIndex(({ name }) => name === machine.arrayBelow);
  if (arrayBelow < 0) {
    const known = levels.map(({ name }) => name);
    throw new InputError({ path: "arrayBelow", message: "no such level", found: machine.arrayBelow, known });
  }
  return {
    hierarchy,
    array,
    arrayBelow,
    memoryOf,
    reduction: reductionOf(machine, array.part),
    drain: drainOf(machine),
    clock,
  };
}

function drainOf(machine: NestBasedMachine): NestDrain | undefined {
  if (machine.drain === undefined) return undefined;
  const { component: name, memory } = machine.drain;
  const part = component(machine, name, "drain.component");
  if (part.kind !== "layoutDrain") {
    throw new InputError({ path: "drain.component", message: "not a layoutDrain", found: part.kind });
  }
  const { kind } = component(machine, memory, "drain.memory");
  if (kind !== "sram") throw new InputError({ path: "drain.memory", message: "not a memory of words", found: kind });
  return { name, part, memory };
}

/** The network that a machine names, which must add the array's own sums and reach all units of its axis. */
function reductionOf(machine: NestBasedMachine, array: UnitArray): NestReduction | undefined {
  const { reduction, levels } = machine;
  if (reduction === undefined) return undefined;
  const { component: name, level, axis } = reduction;
  const tree = component(machine, name, "reduction.component");
  if (tree.kind !== "reductionTree") {
    throw new InputError({ path: "reduction.component", message: "not a reductionTree", found: tree.kind });
  }
  const units = levels[level]?.axes.find((one) => one.name === axis)?.units;
  if (units === undefined) {
    const known = levels[level]?.axes.map((one) => one.name) ?? [];
    throw new InputError({ path: "reduction.axis", message: "no such axis", found: axis, known });
  }
  const reach = tree.network.shape === "fixed" ? 2 ** tree.network.depth : tree.units;
  if (reach < units || tree.units < units || tree.accumulator !== array.accumulator) {
    throw new InputError({
      path: `components.${name}`,
      message: "a network that does not fit its units",
      found: `${tree.accumulator} sums of ${Math.min(reach, tree.units)} units`,
      expected: `${array.accumulator} sums of ${units} units`,
    });
  }
  return { name, tree, axis: { level, axis } };
}

function component({ components }: NestBasedMachine, name: string, path: string): AnyComponent {
  const part = components[name];
  if (part === undefined) {
    throw new InputError({ path, message: "no such component", found: name, known: Object.keys(components) });
  }
  return part;
}

/** For each level the operand's memory there; the path goes from far to near and ends at the array. */
function memoriesOnPath(
  operand: OperandKey,
  path: string,
  machine: NestBasedMachine,
  array: string,
): readonly (string | undefined)[] {
  const field = `paths.${operand}`;
  const names = path.split(">").map((name) => name.trim());
  const found: (string | undefined)[] = machine.levels.map(() => undefined);
  let above = -1;
  for (const name of names.slice(0, -1)) {
    component(machine, name, field);
    const level = machine.levels.findIndex(({ memories }) => memories.includes(name));
    if (level <= above) {
      throw new InputError({
        path: field,
        message: level < 0 ? "a memory of no level" : "memories out of order",
        found: name,
        expected: "memories of successive levels from far to near",
      });
    }
    found[level] = name;
    above = level;
  }
  if (names.at(-1) !== array || found[0] === undefined) {
    throw new InputError({
      path: field,
      message: "unusable path",
      found: path,
      expected: `a path from ${machine.levels[0]?.memories.join(" or ") ?? "the first level"} to ${array}`,
    });
  }
  return found;
}

function ports(part: AnyComponent, clock: number, name: string): Omit<NestMemory, "name" | "operands"> {
  switch (part.kind) {
    case "dram": {
      const bytesPerCycle = part.bandwidth / clock;
      return {
        bytes: Infinity,
        overlapped: true,
        readBytesPerCycle: bytesPerCycle,
        writeBytesPerCycle: bytesPerCycle,
        sharedPort: true,
      };
    }
    case "sram": {
      const bits = portBitsPerCycle(part);
      return {
        bytes: workingBytes(part),
        overlapped: part.doubleBuffered,
        readBytesPerCycle: Math.min(bits, part.limits?.readBits ?? bits) / 8,
        writeBytesPerCycle: Math.min(bits, part.limits?.writeBits ?? bits) / 8,
        sharedPort: false,
      };
    }
    case "registerFile": {
      const bytesPerCycle = (part.ports * part.wordBits) / 8;
      return {
        bytes: part.transfers === "halves" ? Math.floor(part.bytes / 2) : part.bytes,
        overlapped: part.transfers !== "exclusive",
        readBytesPerCycle: bytesPerCycle,
        writeBytesPerCycle: bytesPerCycle,
        sharedPort: false,
      };
    }
    default:
      throw new InputError({ path: `components.${name}`, message: "not a memory of a loop nest", found: part.kind });
  }
}
