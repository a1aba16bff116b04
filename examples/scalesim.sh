#!/usr/bin/env bash
# From SCALE-Sim: its own kind of files to its own reports and traces, then the same machine in Heddle, as
# docs/from-scalesim.md walks through it.
# Run from the repository's root; with heddle installed, the next two lines are not needed.
set -euo pipefail
heddle() { node src/cli/main.ts "$@"; }
OUT=${OUT:-$(mktemp -d)}
FILES=examples/scalesim

heddle scalesim -c "$FILES/scale.cfg" -t "$FILES/topology.csv" -p "$OUT/results" --explain
heddle scalesim -c "$FILES/scale.cfg" -t "$FILES/gemm.csv" -i gemm -p "$OUT/gemm" -s Y --threads 2
heddle scalesim -c "$FILES/scale.cfg" -t "$FILES/topology.csv" -p "$OUT/results-v2" --compat v2
heddle scalesim -c "$FILES/layouts.cfg" -t "$FILES/topology.csv" -l "$FILES/layout.csv" -p "$OUT/results"
heddle scalesim -c "$FILES/scale.cfg" -t "$FILES/topology.csv" -p "$OUT/results" --json >"$OUT/results.json"
cat "$OUT/results/edge_16x16_ws/COMPUTE_REPORT.csv"

# The same machine, with energy, area and a reason for every cycle; then what other choices would give.
heddle convert "$FILES/scale.cfg" --to heddle "$OUT/machine.yaml"
heddle run "$FILES/topology.csv" --config "$OUT/machine.yaml" --html "$OUT/report.html"
heddle run "$FILES/topology.csv" --config "$OUT/machine.yaml" --set buffers.sums=128KiB
heddle run "$FILES/topology.csv" --config "$OUT/machine.yaml" --set preload=hidden --set streaming=best
heddle compare "$FILES/topology.csv" --config "$OUT/machine.yaml" --on systolic,arrayflex --html "$OUT/compare.html"

echo "the reports are below $OUT/results, the pages $OUT/report.html and $OUT/compare.html"
