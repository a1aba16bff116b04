// Light or dark: the system's choice until the reader makes one, which this browser keeps.

import { signal } from "@preact/signals";

export const themes = ["system", "light", "dark"] as const;
export type Theme = (typeof themes)[number];

const key = "heddle-theme";

function kept(): Theme {
  try {
    const text = localStorage.getItem(key);
    return themes.find((theme) => theme === text) ?? "system";
  } catch {
    // A browser may refuse storage; the choice then lasts as long as the page.
    return "system";
  }
}

export const theme = signal<Theme>(kept());

export function applyTheme(choice: Theme): void {
  theme.value = choice;
  if (choice === "system") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = choice;
  try {
    localStorage.setItem(key, choice);
  } catch {
    // As above.
  }
}
