// The technologies on offer, by name: which tables each one reads, and what is scaled to its node.

import { log } from "../base/transcendental.ts";
import { InputError } from "../base/error.ts";
import { derived } from "../base/source.ts";
import { assemble } from "./assemble.ts";
import type { TechnologyParts } from "./assemble.ts";
import { eyerissTechnology } from "./eyeriss.ts";
import { aladdinRegister, horowitzArithmetic, scaledTo, tpuArithmetic } from "./parts.ts";
import { scaleArea, scaleEnergy } from "./scaling.ts";
import type { OperatingPoint } from "./scaling.ts";
import { cactiSram, cactiTables } from "./sram.ts";
import type { SramPricer } from "./sram.ts";
import type { CactiNode } from "./tables/cacti-sram.ts";
import type { PriceTable, Technology } from "./technology.ts";
import { tpuMemory, tpuMemoryTables } from "./tpu-memory.ts";

/** Nominal supplies are our choice: what is usual at the node, or what the arithmetic's table states (45 nm). */
const makers: Readonly<Record<string, () => TechnologyParts>> = {
  "45nm": () => withCacti("45nm", { nodeNanometres: 45, voltage: 0.9 }, 45),
  "90nm": () => withCacti("90nm", { nodeNanometres: 90, voltage: 1.2 }, 90),
  "65nm": () => withCacti("65nm", { nodeNanometres: 65, voltage: 1 }, 65),
  "32nm": () => withCacti("32nm", { nodeNanometres: 32, voltage: 0.9 }, 32),
  "28nm": () => scaled28nm({ nodeNanometres: 28, voltage: 0.9 }),
  "22nm": () => withCacti("22nm", { nodeNanometres: 22, voltage: 0.8 }, 22),
  "7nm": () => tpu7nm({ nodeNanometres: 7, voltage: 0.7 }),
  "eyeriss-65nm-normalised": eyerissTechnology,
};

const made = new Map<string, Technology>();

/** Names that `technology` takes, the default (`45nm`, the least scaled) first. */
export function technologyNames(): readonly string[] {
  return Object.keys(makers);
}

/**
 * The technology called `name`; `voltage` in volts replaces its nominal supply, 0.6 to 1.3 V, and scales every
 * on-chip energy by Stillmaker and Baas. Calls with the same arguments give the same object.
 *
 * @throws InputError for an unknown name or a supply out of range.
 */
export function technology(name: string, options: { readonly voltage?: number } = {}): Technology {
  const key = options.voltage === undefined ? name : `${name} at ${options.voltage} V`;
  const known = made.get(key);
  if (known !== undefined) return known;
  const maker = Object.hasOwn(makers, name) ? makers[name] : undefined;
  if (maker === undefined) {
    const words = technologyNames();
    throw new InputError({
      message: "unknown technology",
      found: name,
      expected: `one of ${words.join(", ")}`,
      known: words,
    });
  }
  const parts = maker();
  const fresh = assemble(parts, options.voltage ?? parts.voltage);
  made.set(key, fresh);
  return fresh;
}

/** What `heddle list technologies` shows. */
export interface TechnologyDescription {
  readonly name: string;
  readonly title: string;
  readonly nodeNanometres: number;
  /** Nominal supply in volts. */
  readonly voltage: number;
  readonly tables: readonly PriceTable[];
}

export function describeTechnologies(): readonly TechnologyDescription[] {
  return technologyNames().map((name) => {
    const { title, nodeNanometres, voltage, tables } = technology(name);
    return { name, title, nodeNanometres, voltage, tables };
  });
}

/** A node that CACTI was run at: its SRAM as computed, Horowitz's arithmetic and Aladdin's register scaled to it. */
function withCacti(name: string, point: OperatingPoint, node: CactiNode): TechnologyParts {
  return {
    name,
    title: `${node} nm: ${node === 45 ? "Horowitz arithmetic" : "Horowitz arithmetic scaled from 45 nm"}, CACTI SRAM`,
    ...point,
    ...horowitzArithmetic(point),
    registerBit: aladdinRegister(point),
    sram: { price: cactiSram(node), tables: cactiTables(node) },
  };
}

/** 28 nm: everything at 45 nm scaled, except leakage, which does not follow dynamic energy. */
function scaled28nm(point: OperatingPoint): TechnologyParts {
  const from: OperatingPoint = { nodeNanometres: 45, voltage: 0.9 };
  const suffix = scaledTo(point, from);
  const energy = scaleEnergy(1, from, point);
  const area = scaleArea(1, from.nodeNanometres, point.nodeNanometres);
  const [at45, at32, at22] = [cactiSram(45), cactiSram(32), cactiSram(22)];
  const share = log(32 / point.nodeNanometres) / log(32 / 22);
  const price: SramPricer = (bytes, widthBits) => {
    const base = at45(bytes, widthBits);
    const leakage32 = at32(bytes, widthBits).leakageWatts;
    const leakage22 = at22(bytes, widthBits).leakageWatts;
    return {
      readJoules: base.readJoules * energy,
      writeJoules: base.writeJoules * energy,
      leakageWatts: leakage32 * (leakage22 / leakage32) ** share,
      squareMillimetres: base.squareMillimetres * area,
      table: base.table + suffix,
    };
  };
  const tables = cactiTables(45).map(({ name, source }) => ({
    name: name + suffix,
    source: derived(`${source.text};${suffix} by Stillmaker and Baas; leakage between CACTI's 32 and 22 nm`),
  }));
  return {
    name: "28nm",
    title: "28 nm: Horowitz arithmetic and CACTI SRAM of 45 nm, scaled",
    ...point,
    ...horowitzArithmetic(point),
    registerBit: aladdinRegister(point),
    sram: { price, tables },
  };
}

function tpu7nm(point: OperatingPoint): TechnologyParts {
  return {
    name: "7nm",
    title: "7 nm: arithmetic and memories of TPUv4i",
    ...point,
    ...tpuArithmetic(point),
    registerBit: aladdinRegister(point),
    sram: { price: tpuMemory, tables: tpuMemoryTables },
  };
}
