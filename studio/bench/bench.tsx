// The bench view.

import { Empty } from "../kit/empty.tsx";

export const Bench = () => <Empty title="bench" />;
