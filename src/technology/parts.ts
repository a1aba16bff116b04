// The parts that several technologies share: Horowitz's arithmetic and Aladdin's register carried to any node.

import { derived } from "../base/source.ts";
import type { Source } from "../base/source.ts";
import { completeFigures } from "./arithmetic.ts";
import type { Operation } from "./arithmetic.ts";
import type { FormatPrices, SourcedPrice } from "./assemble.ts";
import { scaleArea, scaleEnergy } from "./scaling.ts";
import type { OperatingPoint } from "./scaling.ts";
import { aladdinName, aladdinNode, aladdinRegisterBit, aladdinSource } from "./tables/aladdin-40nm.ts";
import {
  horowitzName,
  horowitzNode,
  horowitzPicojoules,
  horowitzSource,
  horowitzSquareMicrometres,
} from "./tables/horowitz-45nm.ts";
import { tpuName, tpuPicojoules, tpuSource } from "./tables/tpu-v4i-7nm.ts";
import type { NumberFormat } from "./technology.ts";

interface ArithmeticPrices {
  readonly add: FormatPrices;
  readonly multiply: FormatPrices;
}

/** Horowitz's additions and multiplications at `point`, by Stillmaker and Baas unless it is 45 nm and 0.9 V. */
export function horowitzArithmetic(point: OperatingPoint): ArithmeticPrices {
  const picojoules = completeFigures(horowitzPicojoules);
  const squareMicrometres = completeFigures(horowitzSquareMicrometres);
  return priceFormats((operation, format) => {
    const { value, rule } = picojoules[operation][format];
    return {
      joules: scaleEnergy(value * 1e-12, horowitzNode, point),
      squareMillimetres: scaleArea(
        squareMicrometres[operation][format].value * 1e-6,
        horowitzNode.nodeNanometres,
        point.nodeNanometres,
      ),
      table: horowitzName + scaledTo(point, horowitzNode) + inBrackets(rule),
      source: derivedBy(horowitzSource, scalingStep(point, horowitzNode), rule),
    };
  });
}

/** TPUv4i's additions and multiplications at 7 nm; the paper gives no areas, so those are Horowitz's, scaled. */
export function tpuArithmetic(point: OperatingPoint): ArithmeticPrices {
  const picojoules = completeFigures(tpuPicojoules);
  const areas = horowitzArithmetic(point);
  return priceFormats((operation, format) => {
    const { value, rule } = picojoules[operation][format];
    return {
      joules: value * 1e-12,
      squareMillimetres: areas[operation][format].squareMillimetres,
      table: tpuName + inBrackets(rule),
      source: derivedBy(tpuSource, rule, "area: Horowitz scaled to 7 nm by Stillmaker and Baas"),
    };
  });
}

/** One bit of Aladdin's 40 nm register at `point`. */
export function aladdinRegister(point: OperatingPoint): SourcedPrice {
  return {
    joules: scaleEnergy(aladdinRegisterBit.picojoules * 1e-12, aladdinNode, point),
    squareMillimetres: scaleArea(
      aladdinRegisterBit.squareMicrometres * 1e-6,
      aladdinNode.nodeNanometres,
      point.nodeNanometres,
    ),
    table: aladdinName + scaledTo(point, aladdinNode),
    source: derivedBy(aladdinSource, scalingStep(point, aladdinNode), "its supply, not printed, assumed to be 0.9 V"),
  };
}

function priceFormats(price: (operation: Operation, format: NumberFormat) => SourcedPrice): ArithmeticPrices {
  const all = (operation: Operation): FormatPrices => ({
    int8: price(operation, "int8"),
    int16: price(operation, "int16"),
    int32: price(operation, "int32"),
    int64: price(operation, "int64"),
    float16: price(operation, "float16"),
    float32: price(operation, "float32"),
  });
  return { add: all("add"), multiply: all("multiply") };
}

/** What a table's name gains when its figures are carried from one operating point to another; empty in place. */
export function scaledTo(to: OperatingPoint, from: OperatingPoint): string {
  const same = to.nodeNanometres === from.nodeNanometres && to.voltage === from.voltage;
  return same ? "" : ` scaled to ${to.nodeNanometres} nm ${to.voltage} V`;
}

function scalingStep(to: OperatingPoint, from: OperatingPoint): string {
  const scaled = scaledTo(to, from);
  return scaled === "" ? "" : `${scaled.trim()} by Stillmaker and Baas`;
}

const inBrackets = (rule: string): string => (rule === "" ? "" : ` (${rule})`);

/** `origin` as it stands without steps; otherwise a derived source that names its strength and every step. */
function derivedBy(origin: Source, ...steps: readonly string[]): Source {
  const taken = steps.filter((step) => step !== "");
  return taken.length === 0 ? origin : derived(`${origin.text} (${origin.strength}); ${taken.join("; ")}`);
}
