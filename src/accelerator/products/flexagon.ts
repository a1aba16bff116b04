// Flexagon: sparse x sparse products in six dataflows on one array, chosen layer by layer; as its paper states it, and
// as the simulator that produced the paper's figures was configured.

import type { Citation } from "../../base/source.ts";
import type { ArrayProductMachine } from "../../simulate/machine.ts";
import type { Accelerator } from "../accelerator.ts";
import { flexagonClaims, flexagonStatedClaims } from "./flexagon-claims.ts";
import type { ProductParameters } from "./product-parameters.ts";
import { productMachine, productParameters } from "./product-parameters.ts";

export const flexagonCitation: Citation = {
  title: "Flexagon: A Multi-Dataflow Sparse-Sparse Matrix Multiplication Accelerator for Efficient DNN Processing",
  authors: "F. Muñoz-Martínez, R. Garg, M. Pellauer, J. L. Abellán, M. E. Acacio, T. Krishna",
  venue: "ASPLOS",
  year: 2023,
  identifier: "doi 10.1145/3582016.3582069",
};

const dataflows = ["inner", "outer", "gustavson"] as const;

export const flexagon: Accelerator<ProductParameters, ArrayProductMachine> = {
  name: "flexagon",
  title: "Flexagon",
  summary:
    "Six dataflows of sparse x sparse products on one array with a merger-reduction tree, chosen layer by layer; as the paper states it.",
  citation: flexagonCitation,
  parameters: productParameters("paper"),
  multipliers: ["multipliers"],
  claims: { rival: "flexagon", list: flexagonStatedClaims, slow: true },
  build: (values) => productMachine({ name: "flexagon", dataflows }, values),
};

export const flexagonSimulated: Accelerator<ProductParameters, ArrayProductMachine> = {
  name: "flexagon-simulated",
  title: "Flexagon as simulated",
  summary:
    "Flexagon in the configuration that produced its paper's figures: 64 ports, 32 banks, unbounded partial results, untimed writes.",
  citation: flexagonCitation,
  parameters: productParameters("simulator"),
  multipliers: ["multipliers"],
  claims: { rival: "flexagon-simulated", list: flexagonClaims, slow: true },
  build: (values) => productMachine({ name: "flexagon-simulated", dataflows }, values),
};
