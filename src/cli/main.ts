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
  // Compiled code is kept between runs: half of the start-up time. Node keeps what there is when a module has been read,
  // so that functions must be compiled then, and not when they are first called. Without a writable folder nothing is
  // kept, and to compile all would only take longer.
  const { constants, enableCompileCache } = process.getBuiltinModule("node:module");
  const { status } = enableCompileCache();
  const { ENABLED, ALREADY_ENABLED } = constants.compileCacheStatus;
  const kept = status === ENABLED || status === ALREADY_ENABLED;
  const { setFlagsFromString } = process.getBuiltinModule("node:v8");
  if (kept) setFlagsFromString("--no-lazy");
  const { main } = await import("./application.ts");
  // What is loaded later is for one command, and most of it for one kind of input.
  if (kept) setFlagsFromString("--lazy");
  // Threads that inherit the cache would put what they compile, function by function, in the place of it.
  delete process.env["NODE_COMPILE_CACHE"];
  await main(process.argv.slice(2));
}
