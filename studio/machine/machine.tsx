// The machine view.

import { Empty } from "../kit/empty.tsx";

export const MachineView = () => <Empty title="machine" />;
