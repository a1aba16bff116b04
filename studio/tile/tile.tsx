// The tile view.

import { Empty } from "../kit/empty.tsx";

export const TileView = () => <Empty title="tile" />;
