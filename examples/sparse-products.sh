#!/usr/bin/env bash
# Products of two sparse matrices: a graph times itself, weights times activations, recorded layers and random shapes, in
# each of the six mappings of Flexagon and on the machines that have one dataflow each.
# Run from the repository's root; with heddle installed, the next two lines are not needed.
set -euo pipefail
heddle() { node src/cli/main.ts "$@"; }
OUT=${OUT:-$(mktemp -d)}
data=examples/sparse

# One square matrix is multiplied by itself; all values are compared with the golden product.
heddle run "$data/graph.mtx" --on flexagon --check all

# Two matrices, and the mapping that a machine with one dataflow has to take.
heddle compare "$data/weights.mtx,$data/activations.mtx" --on flexagon,sigma-like,sparch-like,gamma-like \
  --html "$OUT/compare.html"

# The same product six times: cycles and off-chip bytes of each mapping.
for mapping in inner-m inner-n outer-m outer-n gustavson-m gustavson-n; do
  heddle run gemm:M=64,N=64,K=128 --density A=0.3,B=0.5 --on flexagon --mapping "$mapping" --json |
    node -e 'const { layers: [layer] } = JSON.parse(require("fs").readFileSync(0));
      console.log(process.argv[1].padEnd(12), layer.cycles, "cycles,", layer.traffic.dram.read + layer.traffic.dram.write, "B")' "$mapping"
done

# Three recorded layers of pruned SqueezeNet, with A resting as in the paper's figures.
heddle run flexagon:squeezenet --on flexagon-simulated --set resting=M --layers SQ4,SQ5,SQ6

echo "the report is $OUT/compare.html"
