// Markup by tagged template: every value is escaped unless it is markup already, so no name from a file can become
// an element.

import { printable } from "../units.ts";

/** Text that is known to be safe HTML. */
export interface Markup {
  readonly markup: string;
}

export type Fragment = string | number | undefined | Markup | readonly Fragment[];

/** HTML with its values escaped; arrays are joined, undefined vanishes. */
export function html(strings: TemplateStringsArray, ...values: readonly Fragment[]): Markup {
  let markup = strings[0] ?? "";
  values.forEach((value, index) => {
    markup += render(value) + (strings[index + 1] ?? "");
  });
  return { markup };
}

/** Marks text as HTML: only for constants of this program and for what a serialiser escaped. */
export function trusted(markup: string): Markup {
  return { markup };
}

/** `text` with the five characters escaped that HTML gives a meaning, in content and in quoted attributes. */
export function escapeHtml(text: string): string {
  return printable(text)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}

function render(value: Fragment): string {
  if (value === undefined) return "";
  if (typeof value === "string") return escapeHtml(value);
  if (typeof value === "number") return String(value);
  if ("markup" in value) return value.markup;
  return value.map(render).join("");
}
