// The body of a worker thread: does the tasks of one run that it is given.

import { taskPerformer } from "./task.ts";

export default taskPerformer();
