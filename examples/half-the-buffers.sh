#!/usr/bin/env bash
# What if: halves the partial-sum buffer step by step and prints off-chip traffic and time as a small table.
# Run from the repository's root; with heddle installed, the next line is not needed.
set -euo pipefail
heddle() { node src/cli/main.ts "$@"; }

printf '%-10s %-16s %s\n' buffer "traffic [bytes]" "time [s]"
for size in 4MiB 2MiB 1MiB 512KiB 256KiB; do
  heddle run vgg16 --on systolic --set "buffers.sums=$size" --bandwidth 64GB/s --check off --json |
    SIZE=$size node --input-type=module -e '
      import { readFileSync } from "node:fs";
      const { total } = JSON.parse(readFileSync(0, "utf8"));
      const { read, write } = total.traffic.dram;
      console.log(process.env.SIZE.padEnd(10), String(read + write).padEnd(16), total.seconds.toExponential(4));
    '
done
