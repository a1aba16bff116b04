// The body of a worker thread: runs one layer by SCALE-Sim's rules.

import type { ScalesimAnswer, ScalesimTask } from "./run.ts";
import { runScalesimTask } from "./run.ts";

export default (task: ScalesimTask): ScalesimAnswer => runScalesimTask(task);
