// Opens an address in the reader's browser, by the program that each system has for it.

import { spawn } from "node:child_process";

const openers: Readonly<Partial<Record<NodeJS.Platform, readonly [string, ...string[]]>>> = {
  darwin: ["open"],
  // `start` takes its first quoted word for a title.
  win32: ["cmd", "/c", "start", '""'],
};

/** Starts the browser and leaves it alone; `failed` is called, perhaps later, where that does not work. */
export function openBrowser(address: string, failed: () => void): void {
  const [program, ...words] = openers[process.platform] ?? ["xdg-open"];
  const child = spawn(program, [...words, address], {
    detached: true,
    stdio: "ignore",
    windowsVerbatimArguments: true,
  });
  child.once("error", failed);
  child.once("exit", (code) => {
    if (code !== 0) failed();
  });
  child.unref();
}
