// Process start to finished table: all of ResNet-50 on ArrayFlex, every mode of every layer, against an empty Node
// process, in turn so that a change of the machine's speed meets both. Needs the built command (`npm run build`).

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { median, print } from "./measure.ts";

const command = fileURLToPath(new URL("../dist/cli/main.js", import.meta.url));

function seconds(args: readonly string[]): number {
  const start = process.hrtime.bigint();
  const { status, stderr } = spawnSync(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
  const elapsed = Number(process.hrtime.bigint() - start) / 1e9;
  if (status !== 0) throw new Error(`node ${args.join(" ")} ended with ${String(status)}: ${stderr.toString()}`);
  return elapsed;
}

const run = [command, "run", "resnet50", "--on", "arrayflex"];
seconds(run);
const ratios: number[] = [];
const times: number[] = [];
for (let i = 0; i < 21; i++) {
  const empty = seconds(["-e", "0"]);
  const whole = seconds(run);
  times.push(whole);
  ratios.push(whole / empty);
}
print({
  name: "resnet50 on arrayflex, start to table",
  value: median(times) * 1000,
  unit: "ms",
  target: 100,
  wants: "at most",
});
print({
  name: "resnet50 on arrayflex over `node -e 0`",
  value: median(ratios),
  unit: "times",
  target: 2.5,
  wants: "at most",
});
