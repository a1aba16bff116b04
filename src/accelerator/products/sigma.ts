// SIGMA as its own paper describes it: dot-product engines with a Benes network and a forwarding adder tree each, onto
// which the entries of one operand are packed by bitmaps, whatever rows they belong to.

import type { Citation } from "../../base/source.ts";
import { assumed, derived, recalled, stated } from "../../base/source.ts";
import { benesNetwork } from "../../component/benes-network.ts";
import { formatBits } from "../../component/component.ts";
import { forwardingAdderTree } from "../../component/forwarding-adder-tree.ts";
import { sram } from "../../component/memory/sram.ts";
import type { ProductMapping } from "../../mapping/product-mapping.ts";
import type { ProductBasedMachine } from "../../simulate/machine.ts";
import { technologyNames } from "../../technology/technologies.ts";
import type { Accelerator } from "../accelerator.ts";
import type { ParameterTable } from "../parameters.ts";
import { countParameter } from "./rival-parameters.ts";
import {
  accumulatorParameter,
  bandwidthParameter,
  bytesParameter,
  clockParameter,
  dramParameter,
  formats,
  latencyParameter,
  offChip,
  operandParameter,
  technologyParameter,
  word,
} from "../systolic-parameters.ts";

const sigmaCitation: Citation = {
  title: "SIGMA: A Sparse and Irregular GEMM Accelerator with Flexible Interconnects for DNN Training",
  authors: "E. Qin, A. Samajdar, H. Kwon, V. Nadella, S. Srinivasan, D. Das, B. Kaul, T. Krishna",
  venue: "HPCA",
  year: 2020,
  identifier: "doi 10.1109/HPCA47549.2020.00015",
};

const teaal = "TeAAL's published description of this machine (MICRO 2023, teaal-compiler, sigma.yaml)";

const parameters = {
  engines: { ...countParameter("dot-product engines", 128, stated(teaal), 4096), resource: true },
  "engine.multipliers": countParameter("multipliers of an engine, a power of two", 128, stated(teaal), 4096),
  "engine.width": countParameter("elements that reach the engines in a cycle", 128, stated(teaal), 4096),
  "sram.bytes": bytesParameter("memory of values and sums", 2 ** 25, stated(teaal)),
  "sram.banks": countParameter("banks of that memory", 480, derived("960 GB/s at 500 MHz in words of 32 bits"), 4096),
  "sram.bankBits": countParameter("bits that a bank serves in a cycle", 32, assumed("a value"), 1024),
  "sram.outputShare": {
    kind: "number",
    default: 0.5,
    minimum: 0,
    maximum: 1,
    unit: "",
    description: "share of that memory for sums of the result",
    source: assumed("not stated"),
  },
  outputWrites: {
    kind: "choice",
    default: "timed",
    choices: ["timed", "untimed"],
    description: "whether sums and results take part in the widths of both memories",
    source: assumed("the memories have to take them; the paper's figures leave them out"),
  },
  resting: {
    kind: "choice",
    default: "best",
    choices: ["M", "N", "best"],
    description: "which operand rests: A (M), B (N), or whichever is best for a layer",
    source: recalled("weights or inputs rest; high confidence"),
  },
  operand: operandParameter(
    "float32",
    stated(`values of 32 bits, ${teaal}; the paper multiplies in bfloat16 (recalled)`),
  ),
  accumulator: accumulatorParameter("float32", recalled("sums in float32; high confidence")),
  clock: clockParameter("clock of engines and memory", 500e6, stated(teaal)),
  bandwidth: bandwidthParameter(1024 * 2 ** 30, stated(teaal)),
  latency: latencyParameter(100e-9, assumed("as long as Flexagon's; once a product, for folds are fetched ahead")),
  memory: dramParameter("HBM2", assumed("not stated")),
  technology: technologyParameter("28nm", technologyNames(), stated("abstract")),
} as const satisfies ParameterTable;

export const sigma: Accelerator<typeof parameters, ProductBasedMachine> = {
  name: "sigma",
  title: "SIGMA",
  summary:
    "The inner product as its paper describes it: entries packed by bitmaps onto 128 engines of 128 multipliers, each under a Benes network and a forwarding adder tree.",
  citation: sigmaCitation,
  parameters,
  multipliers: ["engines", "engine.multipliers"],
  build: (values) => {
    const { operand, accumulator } = formats(values.operand, values.accumulator);
    const mapping = (stationary: "M" | "N"): ProductMapping => ({
      kind: "product",
      dataflow: "inner",
      stationary,
      clock: values.clock,
      formats: { A: "bitmap", B: "bitmap", C: "bitmap" },
    });
    return {
      kind: "product",
      engine: "packed-inner",
      name: "sigma",
      components: {
        dram: offChip(values.memory, values.bandwidth, values.latency),
        dataSram: sram({
          bytes: values["sram.bytes"],
          banks: values["sram.banks"],
          portBits: values["sram.bankBits"],
          doubleBuffered: false,
        }),
        benes: benesNetwork({
          networks: values.engines,
          ports: values["engine.multipliers"],
          bits: formatBits[operand],
        }),
        adderTrees: forwardingAdderTree({
          trees: values.engines,
          leaves: values["engine.multipliers"],
          operand,
          accumulator,
        }),
      },
      paths: {
        A: "dram > dataSram > benes > adderTrees",
        B: "dram > dataSram > benes > adderTrees",
        C: "dram > dataSram > adderTrees",
      },
      output: operand,
      mappings: {
        ...(values.resting === "N" ? {} : { "inner-m": mapping("M") }),
        ...(values.resting === "M" ? {} : { "inner-n": mapping("N") }),
      },
      networkWidth: values["engine.width"],
      outputShare: values["sram.outputShare"],
      outputWrites: word(["timed", "untimed"], values.outputWrites),
      conversion: { operand: "B", cyclesPerElement: 0 },
      technology: values.technology,
    };
  },
};
