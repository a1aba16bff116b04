// The studio's server: on the loopback address, it answers with the files of the build, the list of files that the
// command line names, and these files. gate.ts says who may ask.

import { createServer, STATUS_CODES } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { pipeline } from "node:stream/promises";
import { InputError } from "../../base/error.ts";
import { isErrno, reasonOf } from "../../base/system-error.ts";
import { codingFor, encoded } from "./encoding.ts";
import type { Refusal } from "./gate.ts";
import { hasBody, ownHosts, pathOf, refusalOf } from "./gate.ts";
import { keptForAYear, notKept, securityHeaders } from "./headers.ts";
import type { NamedFile } from "./named-files.ts";
import { openNamed, sessionOf } from "./named-files.ts";
import type { Asset, Site } from "./site.ts";
import { anyBytes } from "./site.ts";

/** How long and how much the server listens to one that asks; milliseconds and bytes. */
export interface ServerLimits {
  /** Request line and headers together. */
  readonly headBytes: number;
  readonly headMilliseconds: number;
  /** A connection on which nothing moves, a reader who does not read included. */
  readonly idleMilliseconds: number;
  readonly connections: number;
}

const usualLimits: ServerLimits = {
  headBytes: 2 ** 13,
  headMilliseconds: 10_000,
  idleMilliseconds: 120_000,
  connections: 256,
};

export interface RunningServer {
  readonly port: number;
  /** Where the page is. */
  readonly address: string;
  /** Ends all connections. */
  readonly close: () => Promise<void>;
}

/** The only address that is listened on. */
const loopback = "127.0.0.1";

/**
 * Serves `site` and `files` on `port` of the loopback address; port 0 is any free one. Throws InputError where the port
 * cannot be had.
 */
export async function startServer(
  site: Site,
  files: readonly NamedFile[],
  port: number,
  limits: ServerLimits = usualLimits,
): Promise<RunningServer> {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const server = createServer({
    maxHeaderSize: limits.headBytes,
    requestTimeout: limits.headMilliseconds,
    connectionsCheckingInterval: Math.min(1000, limits.headMilliseconds),
    keepAliveTimeout: 5000,
    // The gate refuses a request without one, with all headers of an answer.
    requireHostHeader: false,
  });
  server.maxConnections = limits.connections;
  server.setTimeout(limits.idleMilliseconds);

  /** How many answers each connection waits for: requests may come before the last one is answered. */
  const pending = new WeakMap<Duplex, number>();
  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    const { socket } = request;
    pending.set(socket, (pending.get(socket) ?? 0) + 1);
    response.once("close", () => pending.set(socket, (pending.get(socket) ?? 1) - 1));
    answer(request, response, site, files, byPath).catch(() => response.destroy());
  };
  server.on("request", onRequest);
  // Asked whether to send its body, a client is told the answer to the request instead.
  server.on("checkContinue", onRequest);
  server.on("checkExpectation", onRequest);
  server.on("connect", (_request: IncomingMessage, socket: Duplex) => {
    refuseOn(socket, wrongMethod);
  });
  server.on("clientError", (error, socket) => {
    // Bytes in the middle of an answer would be taken for a part of it.
    if ((pending.get(socket) ?? 0) > 0 || !socket.writable) socket.destroy();
    else refuseOn(socket, malformed(error));
  });

  const chosen = await listen(server, port);
  return {
    port: chosen,
    address: `http://${loopback}:${chosen}/`,
    close: async () => {
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

async function listen(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => reject(portError(port, error)));
    server.listen({ port, host: loopback, exclusive: true }, resolve);
  });
  // Too many open files fail one connection, which its client sees, and not the server.
  server.on("error", () => undefined);
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : port;
}

function portError(port: number, error: unknown): InputError {
  const taken = isErrno(error, "EADDRINUSE");
  return new InputError({
    path: "--port",
    message: taken ? "the port is in use" : `cannot be listened on: ${reasonOf(error)}`,
    found: String(port),
    expected: "another one, or no --port for any that is free",
  });
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  site: Site,
  files: readonly NamedFile[],
  byPath: ReadonlyMap<string, NamedFile>,
): Promise<void> {
  const { method = "", url = "", headersDistinct: headers, socket } = request;
  const refused = refusalOf({ method, target: url, headers }, ownHosts(socket.localPort ?? 0));
  if (refused !== undefined) {
    refuse(response, refused, hasBody(headers) ? request : undefined);
    return;
  }
  const path = pathOf(url) ?? "";
  const asset = site.get(path);
  const file = byPath.get(path);
  // The build has a session of its own, without files, for hosts that know of none.
  if (path === "/session.json") {
    const text = Buffer.from(`${JSON.stringify(await sessionOf(files))}\n`);
    send(request, response, { ...notKept, "Content-Type": "application/json; charset=utf-8" }, text);
  } else if (asset !== undefined) await sendAsset(request, response, asset);
  else if (file !== undefined) await sendFile(request, response, file);
  else refuse(response, { status: 404, reason: "there is nothing here" });
}

async function sendAsset(request: IncomingMessage, response: ServerResponse, asset: Asset): Promise<void> {
  const coding = codingFor(asset, request.headersDistinct["accept-encoding"]?.join() ?? "");
  const content = coding === undefined ? asset.content : await encoded(asset, coding);
  send(
    request,
    response,
    {
      ...(asset.hashed ? keptForAYear : notKept),
      "Content-Type": asset.type,
      Vary: "Accept-Encoding",
      ...(coding === undefined ? {} : { "Content-Encoding": coding }),
    },
    content,
  );
}

/** Always as bytes without a type: a page or a script among them would speak for the studio. */
async function sendFile(request: IncomingMessage, response: ServerResponse, file: NamedFile): Promise<void> {
  const found = await openNamed(file);
  if (found === undefined) {
    refuse(response, { status: 404, reason: "the file is gone, or no longer what it was" });
    return;
  }
  const { handle, bytes } = found;
  try {
    response.writeHead(200, { ...securityHeaders, ...notKept, "Content-Type": anyBytes, "Content-Length": bytes });
    if (request.method === "HEAD" || bytes === 0) {
      response.end();
      return;
    }
    const stream = handle.createReadStream({ end: bytes - 1, highWaterMark: 2 ** 18, autoClose: false });
    await pipeline(stream, response, { end: false });
    // A file that was cut short meanwhile must not pass for a whole one.
    if (stream.bytesRead === bytes) response.end();
    else response.destroy();
  } finally {
    await handle.close();
  }
}

function send(
  request: IncomingMessage,
  response: ServerResponse,
  headers: Readonly<Record<string, string>>,
  content: Uint8Array,
): void {
  response.writeHead(200, { ...securityHeaders, ...headers, "Content-Length": content.length });
  response.end(request.method === "HEAD" ? undefined : content);
}

/** For so long a refused upload is read and thrown away, so that the client comes to read why. */
const lingerMilliseconds = 250;

/** Refuses and closes the connection; `upload` is the request whose body is under way. */
function refuse(response: ServerResponse, { status, reason }: Refusal, upload?: IncomingMessage): void {
  const content = Buffer.from(`${reason}\n`);
  response.writeHead(status, { ...securityHeaders, ...refusalHeaders(status, content.length) });
  if (upload === undefined) {
    response.end(content);
    return;
  }
  // Closing with unread bytes resets the connection, and the answer is lost with it.
  response.write(content);
  const timer = setTimeout(() => response.end(), lingerMilliseconds);
  response.once("close", () => clearTimeout(timer));
  upload.once("end", () => response.end());
  upload.resume();
}

/** Refuses what never became a request. */
function refuseOn(socket: Duplex, { status, reason }: Refusal): void {
  const headers = { ...securityHeaders, ...refusalHeaders(status, Buffer.byteLength(`${reason}\n`)) };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  socket.on("error", () => undefined);
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}\r\n${lines.join("\r\n")}\r\n\r\n${reason}\n`, () =>
    socket.destroy(),
  );
}

const refusalHeaders = (status: number, bytes: number): Readonly<Record<string, string | number>> => ({
  ...notKept,
  "Content-Type": "text/plain; charset=utf-8",
  "Content-Length": bytes,
  ...(status === 405 ? { Allow: "GET, HEAD" } : {}),
  Connection: "close",
});

/** What the parser of HTTP complains of. */
function malformed(error: Error): Refusal {
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  return complaints[code] ?? { status: 400, reason: "not a request of HTTP" };
}

const wrongMethod: Refusal = { status: 405, reason: "GET and HEAD are all there is" };
const complaints: Readonly<Record<string, Refusal>> = {
  HPE_HEADER_OVERFLOW: { status: 431, reason: "the request line or its headers are too long" },
  HPE_INVALID_METHOD: wrongMethod,
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, reason: "the request took too long" },
};
