// How the studio is built: a static site that any host can serve, from any folder, with a policy against foreign code.

import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";
import type { Plugin } from "vite";
import { contentPolicyOfPage } from "../src/base/content-policy.ts";

/** The policy in the page itself, for hosts that send no headers of ours. */
const policy: Plugin = {
  name: "content-policy",
  apply: "build",
  transformIndexHtml: () => [
    {
      tag: "meta",
      attrs: { "http-equiv": "Content-Security-Policy", content: contentPolicyOfPage },
      injectTo: "head-prepend",
    },
  ],
};

/** The example of a first visit, computed by the engine: `example.json` of a build, and the same address while developing. */
function example(): Plugin {
  const file = fileURLToPath(new URL("../scripts/studio-example.ts", import.meta.url));
  const flags = ["--disable-warning=ExperimentalWarning"];
  const source = (): string => execFileSync(process.execPath, [...flags, file], { encoding: "utf8" });
  return {
    name: "heddle-example",
    generateBundle() {
      this.emitFile({ type: "asset", fileName: "example.json", source: source() });
    },
    configureServer(server) {
      server.middlewares.use("/example.json", (_, response) => {
        response.setHeader("content-type", "application/json");
        response.end(source());
      });
    },
  };
}

export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  base: "./",
  cacheDir: fileURLToPath(new URL("../.cache/vite", import.meta.url)),
  plugins: [policy, example()],
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    outDir: fileURLToPath(new URL("../dist/studio", import.meta.url)),
    emptyOutDir: true,
    target: "es2023",
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1000,
    rolldownOptions: {
      external: ["piscina"],
      checks: { ineffectiveDynamicImport: false, bundlerTimings: false },
      onLog(level, log, handle) {
        // What servers of other frameworks read in a package means nothing here.
        if (log.code !== "MODULE_LEVEL_DIRECTIVE") handle(level, log);
      },
    },
  },
  worker: {
    format: "es",
    // Threads of Node, behind an import that a page never reaches: it asks for one thread in each worker.
    rolldownOptions: { external: ["piscina"], checks: { ineffectiveDynamicImport: false } },
  },
});
