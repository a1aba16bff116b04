// A SCALE-Sim configuration with every key that is read, by section, and what it says.

import type { ScalesimConfiguration } from "../../src/interop/scalesim/scalesim.ts";

export const GENERAL = "[general]\nrun_name = run\n";
export const RUN = "[run_presets]\nInterfaceBandwidth: USER\nUseRamulatorTrace: False\n";
export const ARCHITECTURE = `[architecture_presets]
ArrayHeight: 16
ArrayWidth: 8
IfmapSramSzkB: 1
FilterSramSzkB: 2
OfmapSramSzkB: 3
IfmapOffset: 4
FilterOffset: 5
OfmapOffset: 6
Dataflow: ws
Bandwidth: 7
`;
export const LAYOUT = `[layout]
IfmapCustomLayout: False
IfmapSRAMBankBandwidth: 12
IfmapSRAMBankNum: 5
IfmapSRAMBankPort: 1
FilterCustomLayout: False
FilterSRAMBankBandwidth: 20
FilterSRAMBankNum: 3
FilterSRAMBankPort: 2
`;
export const SPARSITY = `[sparsity]
SparsitySupport: true
SparseRep: csr
OptimizedMapping: true
BlockSize: 8
RandomNumberGeneratorSeed: 3
`;
export const FULL = GENERAL + RUN + ARCHITECTURE + LAYOUT + SPARSITY;

export const plain: ScalesimConfiguration = {
  runName: "run",
  mode: "USER",
  arrayHeight: 16,
  arrayWidth: 8,
  sramKilobytes: { ifmap: 1, filter: 2, ofmap: 3 },
  offsets: { ifmap: 4, filter: 5, ofmap: 6 },
  dataflow: "ws",
  bandwidth: [7],
  layout: {
    ifmap: { customLayout: false, bandwidth: 12, banks: 5, ports: 1 },
    filter: { customLayout: false, bandwidth: 20, banks: 3, ports: 2 },
  },
  sparsity: { representation: "csr", mapping: "row-wise", blockSize: 8, seed: 3 },
  ramulator: false,
};
