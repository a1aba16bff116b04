// The claims view.

import { Empty } from "../kit/empty.tsx";

export const ClaimsView = () => <Empty title="claims" />;
