// Short messages at the foot of the page: what was copied, what of a link could not be read. Said to screen readers too.

import { signal } from "@preact/signals";

interface Notice {
  readonly id: number;
  readonly text: string;
}

const notices = signal<readonly Notice[]>([]);
let last = 0;

/** Shows a message for some seconds. */
export function notify(text: string): void {
  const id = ++last;
  notices.value = [...notices.value, { id, text }].slice(-3);
  setTimeout(() => {
    notices.value = notices.value.filter((notice) => notice.id !== id);
  }, 6000);
}

export const Notices = () => (
  <div class="notices" role="status" aria-live="polite">
    {notices.value.map(({ id, text }) => (
      <p key={id}>{text}</p>
    ))}
  </div>
);
