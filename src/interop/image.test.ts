// Pictures in: decoding, resizing, channels, normalisation, and damaged files.

import { deflateSync } from "node:zlib";
import { encode } from "jpeg-js";
import { describe, expect, test } from "vitest";
import { InputError } from "../base/error.ts";
import { decodeImage, imageTensor } from "./image.ts";

function chunk(type: string, body: Uint8Array): Uint8Array {
  const result = new Uint8Array(12 + body.length);
  new DataView(result.buffer).setUint32(0, body.length);
  result.set(new TextEncoder().encode(type), 4);
  result.set(body, 8);
  return result;
}

/** A PNG of rows that each begin with their filter byte. */
function png(
  width: number,
  height: number,
  depth: number,
  colour: number,
  rows: Uint8Array,
  palette?: Uint8Array,
  interlace = 0,
): Uint8Array {
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header.set([depth, colour, 0, 0, interlace], 8);
  const parts = [
    Uint8Array.of(137, 80, 78, 71, 13, 10, 26, 10),
    chunk("IHDR", header),
    ...(palette === undefined ? [] : [chunk("PLTE", palette)]),
    chunk("IDAT", deflateSync(rows)),
    chunk("IEND", new Uint8Array()),
  ];
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

const pixels = async (bytes: Uint8Array) => Array.from((await decodeImage(bytes, "p.png")).data);

describe("PNG", () => {
  test("grey, colour, palette, alpha, sub-byte and 16-bit samples", async () => {
    expect(await pixels(png(2, 1, 8, 0, Uint8Array.of(0, 10, 20)))).toEqual([10, 10, 10, 255, 20, 20, 20, 255]);
    expect(await pixels(png(1, 1, 8, 2, Uint8Array.of(0, 1, 2, 3)))).toEqual([1, 2, 3, 255]);
    expect(await pixels(png(1, 1, 8, 6, Uint8Array.of(0, 1, 2, 3, 4)))).toEqual([1, 2, 3, 4]);
    expect(await pixels(png(1, 1, 8, 4, Uint8Array.of(0, 9, 8)))).toEqual([9, 9, 9, 8]);
    expect(await pixels(png(1, 1, 16, 0, Uint8Array.of(0, 200, 99)))).toEqual([200, 200, 200, 255]);
    expect(await pixels(png(2, 1, 1, 0, Uint8Array.of(0, 0b01000000)))).toEqual([0, 0, 0, 255, 255, 255, 255, 255]);
    expect(await pixels(png(2, 1, 4, 3, Uint8Array.of(0, 0x10), Uint8Array.of(1, 2, 3, 4, 5, 6)))).toEqual([
      4, 5, 6, 255, 1, 2, 3, 255,
    ]);
  });

  test("every row filter is undone", async () => {
    const rows = Uint8Array.of(0, 10, 20, 30, 1, 5, 5, 5, 2, 1, 1, 1, 3, 4, 4, 4, 4, 2, 2, 2);
    const grey = (await pixels(png(3, 5, 8, 0, rows))).filter((_, index) => index % 4 === 0);
    expect(grey).toEqual([10, 20, 30, 5, 10, 15, 6, 11, 16, 7, 13, 18, 9, 15, 20]);
  });

  test("damaged files are refused", async () => {
    const good = png(2, 2, 8, 0, Uint8Array.of(0, 1, 2, 0, 3, 4));
    for (let cut = 0; cut < good.length; cut++) {
      await expect(decodeImage(good.subarray(0, cut), "p.png")).rejects.toThrow(InputError);
    }
    await expect(decodeImage(png(2, 2, 8, 0, Uint8Array.of(0, 1, 2)), "p.png")).rejects.toThrow(/p\.png: truncated/);
    await expect(decodeImage(png(2, 2, 8, 0, new Uint8Array(1e6)), "p.png")).rejects.toThrow(/more pixels/);
    await expect(decodeImage(png(1e6, 1e6, 8, 0, Uint8Array.of(0)), "p.png")).rejects.toThrow(/megapixels/);
    await expect(decodeImage(png(1, 1, 8, 0, Uint8Array.of(9, 1)), "p.png")).rejects.toThrow(/row filter/);
    await expect(decodeImage(png(1, 1, 8, 0, Uint8Array.of(0, 1), undefined, 1), "p.png")).rejects.toThrow(
      /interlaced/,
    );
  });
});

describe("JPEG", () => {
  const jpeg = encode({ width: 16, height: 16, data: new Uint8Array(16 * 16 * 4).fill(200) }, 90).data;

  test("decodes", async () => {
    const image = await decodeImage(jpeg, "p.jpg");
    expect([image.width, image.height]).toEqual([16, 16]);
    expect(Math.abs((image.data[0] ?? 0) - 200)).toBeLessThan(3);
  });

  test("truncated, damaged and foreign files are refused", async () => {
    for (let cut = 0; cut < jpeg.length - 1; cut += 7) {
      await expect(decodeImage(jpeg.subarray(0, cut), "p.jpg")).rejects.toThrow(InputError);
    }
    for (let at = 2; at < jpeg.length; at += 3) {
      const damaged = Uint8Array.from(jpeg);
      damaged[at] = 255 - (damaged[at] ?? 0);
      await decodeImage(damaged, "p.jpg").catch((error: unknown) => expect(error).toBeInstanceOf(InputError));
    }
    await expect(decodeImage(new TextEncoder().encode("GIF89a"), "p.gif")).rejects.toThrow(/p\.gif.*JPEG or PNG/);
  });
});

describe("tensors", () => {
  const image = {
    width: 2,
    height: 2,
    data: Uint8Array.of(0, 10, 20, 255, 50, 60, 70, 255, 100, 110, 120, 255, 150, 160, 170, 255),
  };

  test("channels first and last, with and without batch", () => {
    const first = Array.from(imageTensor(image, [1, 3, 2, 2], "float32", { normalise: "none" }).data);
    expect(first).toEqual([0, 50, 100, 150, 10, 60, 110, 160, 20, 70, 120, 170]);
    expect(Array.from(imageTensor(image, [3, 2, 2], "float32", { normalise: "none" }).data)).toEqual(first);
    expect(Array.from(imageTensor(image, [1, 2, 2, 3], "float32", { normalise: "none" }).data)).toEqual([
      0, 10, 20, 50, 60, 70, 100, 110, 120, 150, 160, 170,
    ]);
    expect(Array.from(imageTensor(image, [2, 3, 2, 2], "float32", { normalise: "none" }).data)).toEqual([
      ...first,
      ...first,
    ]);
  });

  test("one channel is luma; every normalisation", () => {
    const luma = 0.587 * 10 + 0.114 * 20;
    expect(imageTensor(image, [1, 1, 2, 2], "float32").data[0]).toBeCloseTo(luma / 255, 5);
    expect(imageTensor(image, [2, 2], "float32", { normalise: "none", invert: true }).data[0]).toBeCloseTo(
      255 - luma,
      3,
    );
    expect(imageTensor(image, [1, 3, 2, 2], "float32").data[0]).toBeCloseTo((0 - 0.485) / 0.229, 4);
    expect(imageTensor(image, [1, 3, 2, 2], "float32", { normalise: "signed" }).data[1]).toBeCloseTo(
      (50 - 127) / 128,
      5,
    );
    expect(imageTensor(image, [1, 3, 2, 2], "float32", { normalise: "caffe" }).data[0]).toBeCloseTo(20 - 104.007, 3);
    expect(imageTensor(image, [1, 3, 2, 2], "uint8").data[3]).toBe(150);
  });

  test("bilinear: a uniform image stays uniform, a ramp stays a ramp", () => {
    const flat = { width: 3, height: 5, data: new Uint8Array(60).fill(77) };
    for (const value of imageTensor(flat, [1, 3, 7, 2], "float32", { normalise: "none" }).data) expect(value).toBe(77);
    const ramp = Array.from(imageTensor(image, [1, 3, 2, 4], "float32", { normalise: "none" }).data.subarray(0, 4));
    expect(ramp).toEqual([0, 12.5, 37.5, 50]);
  });

  test("a flattened square is a square", () => {
    const flat = imageTensor(image, [1, 16], "float32");
    expect(flat.shape).toEqual([1, 16]);
    expect(flat.data).toEqual(imageTensor(image, [4, 4], "float32").data);
  });

  test("shapes that are no image", () => {
    expect(() => imageTensor(image, [1, 1000, 4, 4], "float32", { file: "m.onnx" })).toThrow(/no image/);
    expect(() => imageTensor(image, [1, 5, 7, 9], "float32", { file: "m.onnx" })).toThrow(
      /m\.onnx: the model input is no image/,
    );
    expect(() => imageTensor(image, [1, 3, 2 ** 20, 2 ** 20], "float32")).toThrow(/too large/);
  });
});
