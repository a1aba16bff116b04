// GAMMA as its own paper describes it: Gustavson's product on processors that merge up to 64 fibres each and take rows
// from a queue, around a cache that is filled ahead and holds partial results.

import type { Citation } from "../../base/source.ts";
import { assumed, recalled, stated } from "../../base/source.ts";
import { fibreCache } from "../../component/memory/fibre-cache.ts";
import { rowMergers } from "../../component/row-merger.ts";
import type { ProductBasedMachine } from "../../simulate/machine.ts";
import { technologyNames } from "../../technology/technologies.ts";
import type { Accelerator } from "../accelerator.ts";
import type { ParameterTable } from "../parameters.ts";
import { countParameter, offChipParameters, wideElement, wideElementParameters } from "./rival-parameters.ts";
import {
  bytesParameter,
  clockParameter,
  offChip,
  technologyParameter,
  unitsParameter,
} from "../systolic-parameters.ts";

const gammaCitation: Citation = {
  title: "Gamma: Leveraging Gustavson's Algorithm to Accelerate Sparse Matrix Multiplication",
  authors: "G. Zhang, N. Attaluri, J. S. Emer, D. Sanchez",
  venue: "ASPLOS",
  year: 2021,
  identifier: "doi 10.1145/3445814.3446702",
};

const teaal = "TeAAL's published description of this machine (MICRO 2023, teaal-compiler, gamma.yaml)";
const table = "table of the configuration, ASPLOS 2021";

const parameters = {
  processors: unitsParameter("processors, with a multiplier each", 32, stated(teaal)),
  radix: countParameter("fibres that a processor merges at a time, a power of two", 64, stated(teaal), 4096),
  inputsAhead: countParameter(
    "fibres that tasks may hold from their fetch to their end",
    4096,
    assumed("fetch runs ahead of the processors; two sets of inputs each, 2 x 32 x 64"),
  ),
  "fibreCache.bytes": bytesParameter("cache of fibres", 3 * 2 ** 20, stated(teaal)),
  "fibreCache.lineBytes": countParameter("bytes of a cache line", 64, recalled(`${table}; high confidence`), 4096),
  "fibreCache.ways": countParameter("ways of the cache", 16, recalled(`${table}; high confidence`), 64),
  "fibreCache.banks": countParameter("banks of the cache", 48, recalled(`${table}; high confidence`), 1024),
  ...wideElementParameters(stated(teaal)),
  clock: clockParameter("clock of processors and cache", 1e9, stated(teaal)),
  ...offChipParameters(stated(teaal), assumed("as long as Flexagon's; fetches run ahead of it")),
  technology: technologyParameter("45nm", technologyNames(), recalled("synthesis at 45 nm; high confidence")),
} as const satisfies ParameterTable;

export const gamma: Accelerator<typeof parameters, ProductBasedMachine> = {
  name: "gamma",
  title: "GAMMA",
  summary:
    "Gustavson's product as its paper describes it: 32 processors of radix 64 take rows from a queue, around a cache that is filled ahead and holds partial results.",
  citation: gammaCitation,
  parameters,
  multipliers: ["processors"],
  build: (values) => {
    const element = wideElement(values);
    return {
      kind: "product",
      engine: "row-tasks",
      name: "gamma",
      components: {
        dram: offChip(values.memory, values.bandwidth, values.latency),
        fibreCache: fibreCache({
          bytes: values["fibreCache.bytes"],
          lineBytes: values["fibreCache.lineBytes"],
          ways: values["fibreCache.ways"],
          banks: values["fibreCache.banks"],
          addressBits: 48,
        }),
        processors: rowMergers({
          processors: values.processors,
          radix: values.radix,
          ...element,
        }),
      },
      paths: {
        A: "dram > processors",
        B: "dram > fibreCache > processors",
        C: "dram > fibreCache > processors",
      },
      output: element.operand,
      mappings: { "gustavson-m": { kind: "product", dataflow: "gustavson", stationary: "M", clock: values.clock } },
      inputsAhead: values.inputsAhead,
      conversion: { operand: "B", cyclesPerElement: 0 },
      technology: values.technology,
    };
  },
};
