// The body of a worker thread: simulates the layers of one task.

import type { LayerResult } from "../simulate/result.ts";
import type { LayerTask } from "./run.ts";
import { runTask } from "./run.ts";

export default (task: LayerTask): LayerResult[] => runTask(task);
