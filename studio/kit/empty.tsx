// What stands where there is nothing to show: not yet, not chosen, or not possible, and what to do about it.

import type { ComponentChildren } from "preact";

interface EmptyProps {
  readonly title: string;
  /** Something is on its way. */
  readonly busy?: boolean;
  readonly children?: ComponentChildren;
}

export const Empty = ({ title, busy = false, children }: EmptyProps) => (
  <section class="empty" aria-busy={busy}>
    <h2>{title}</h2>
    {children === undefined ? null : <div>{children}</div>}
  </section>
);
