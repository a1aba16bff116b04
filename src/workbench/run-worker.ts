// The body of a worker thread: simulates the layers of one task.

import type { LayerTask, TaskAnswer } from "./run.ts";
import { runTask } from "./run.ts";

export default (task: LayerTask): TaskAnswer => runTask(task);
