// Asks a server by a bare socket, so that no client tidies a request up, and takes the bytes of its answers apart.

import { connect } from "node:net";

export interface RawAnswer {
  readonly status: number;
  /** By names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** The body has the length that the header says. */
  readonly whole: boolean;
}

/** A request that ends its connection, as bytes; `host` null leaves the header out. */
export function requestText(
  target: string,
  { method = "GET", host = "", headers = [] as readonly string[] } = {},
): string {
  const lines = [`${method} ${target} HTTP/1.1`, ...(host === "" ? [] : [`Host: ${host}`]), ...headers];
  return `${lines.join("\r\n")}\r\nConnection: close\r\n\r\n`;
}

/** All that comes back until the server closes the connection. Rejects when it does not within `milliseconds`. */
export function exchange(port: number, bytes: string | Uint8Array, milliseconds = 10_000): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    const socket = connect(port, "127.0.0.1", () => socket.write(bytes));
    const late = setTimeout(() => {
      socket.destroy();
      reject(new Error(`the connection is still open; came back: ${Buffer.concat(parts).toString("latin1")}`));
    }, milliseconds);
    socket.on("data", (part) => parts.push(part));
    // A reset after the answer is the server's right; without one, the caller finds no answer.
    socket.on("error", () => undefined);
    socket.on("close", () => {
      clearTimeout(late);
      resolve(Buffer.concat(parts));
    });
  });
}

/** The answers in these bytes, one after the other; `head` says that answers have no bodies. */
export function answersIn(bytes: Buffer, head = false): readonly RawAnswer[] {
  const answers: RawAnswer[] = [];
  for (let rest = bytes; rest.length > 0;) {
    const end = rest.indexOf("\r\n\r\n");
    const [first = "", ...lines] = rest.subarray(0, Math.max(0, end)).toString("latin1").split("\r\n");
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(first)?.[1] ?? Number.NaN);
    if (end < 0 || Number.isNaN(status)) throw new Error(`not an answer: ${rest.subarray(0, 200).toString("latin1")}`);
    const headers = Object.fromEntries(
      lines.map((line) => [line.slice(0, line.indexOf(":")).toLowerCase(), line.slice(line.indexOf(":") + 2)]),
    );
    const length = head ? 0 : Number(headers["content-length"]);
    const body = rest.subarray(end + 4, end + 4 + length);
    answers.push({ status, headers, body, whole: body.length === length });
    rest = rest.subarray(end + 4 + body.length);
  }
  return answers;
}

/** The one answer to these bytes. */
export async function ask(port: number, bytes: string | Uint8Array, head = false): Promise<RawAnswer> {
  const [answer, ...more] = answersIn(await exchange(port, bytes), head);
  if (answer === undefined || more.length > 0) throw new Error(`${more.length + 1} answers, expected one`);
  return answer;
}
