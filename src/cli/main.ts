#!/usr/bin/env node
// The `heddle` command: checks Node, then hands over to the application. Nothing is imported before that check, so that
// an old Node prints one clear line instead of a syntax error.

const minimum = [22, 18] as const;
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);

if (major < minimum[0] || (major === minimum[0] && minor < minimum[1])) {
  process.stderr.write(
    `error: heddle needs Node ${minimum.join(".")} or newer; found ${process.versions.node}. ` +
      "Install a current Node, or run it with: npx --package=node@24 --package=heddle heddle\n",
  );
  process.exitCode = 2;
} else {
  // Compiled code is kept between runs: a third of the start-up time. Without a writable folder nothing is kept.
  const { enableCompileCache } = await import("node:module");
  enableCompileCache();
  const { main } = await import("./application.ts");
  await main(process.argv.slice(2));
}
