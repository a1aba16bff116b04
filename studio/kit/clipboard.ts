// Copies text for the reader, and says what came of it.

import { notify } from "../shell/notices.tsx";

/** `what` begins the message: "Link copied." */
export async function copyText(text: string, what: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    notify(`${what} copied.`);
  } catch {
    notify(`This browser did not let the page copy; here it is: ${text}`);
  }
}
