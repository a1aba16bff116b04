#!/usr/bin/env bash
# Machines in a file: compares the two arrays of edge-array.yaml, then changes one value from the command line.
# Run from the repository's root; with heddle installed, the next two lines are not needed.
set -euo pipefail
heddle() { node src/cli/main.ts "$@"; }
OUT=${OUT:-$(mktemp -d)}

heddle compare mobilenet-v2 --config examples/edge-array.yaml --layers 1-20
heddle run mobilenet-v2 --config examples/edge-array.yaml --on systolic --set bandwidth=25.6GB/s --json --output "$OUT/wider.json"
heddle show systolic --schema >"$OUT/systolic.schema.json"
