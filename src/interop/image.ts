// Turns a photo into the input tensor of a network: decode JPEG or PNG, resize, pick channels, normalise.

import { InputError } from "../base/error.ts";
import type { ElementType, Tensor } from "../tensor/tensor.ts";
import type { Image } from "./png.ts";
import { decodePng, isPng, maximumPixels } from "./png.ts";

export type { Image } from "./png.ts";

/**
 * How pixels x of 0 to 255 become numbers. `none`: x. `unit`: x / 255. `signed`: (x - 127) / 128. `imagenet`:
 * (x / 255 - mean) / deviation per channel, as torchvision does. `caffe`: x minus the mean of each channel, in BGR
 * order. `auto`: `none` for integer inputs, `unit` for one channel, `imagenet` for three.
 */
export type Normalisation = "auto" | "none" | "unit" | "signed" | "imagenet" | "caffe";

export const normalisations: readonly Normalisation[] = ["auto", "none", "unit", "signed", "imagenet", "caffe"];

export interface ImageOptions {
  readonly normalise?: Normalisation;
  /** Turns dark on light into light on dark, for models that were trained on the other one. */
  readonly invert?: boolean;
  /** Named in errors. */
  readonly file?: string;
}

/** Red, green, blue: torchvision's statistics of ImageNet, and Caffe's mean image (given there as BGR). */
const imagenetMean = [0.485, 0.456, 0.406];
const imagenetDeviation = [0.229, 0.224, 0.225];
const caffeMean = [122.679, 116.669, 104.007];

/**
 * Decodes a JPEG or PNG image, known by its first bytes. EXIF orientation is ignored.
 * @throws InputError for other formats and for truncated, damaged or oversized images.
 */
export async function decodeImage(bytes: Uint8Array, file: string): Promise<Image> {
  if (isPng(bytes)) return decodePng(bytes, file);
  if (bytes[0] === 0xff && bytes[1] === 0xd8) return decodeJpeg(bytes, file);
  throw new InputError({ file, message: "not an image that can be read", expected: "a JPEG or PNG file" });
}

async function decodeJpeg(bytes: Uint8Array, file: string): Promise<Image> {
  // The decoder fills a cut-off image with grey; the end marker behind the last scan tells.
  const scan = lastMarker(bytes, 0xda);
  if (scan < 0 || lastMarker(bytes, 0xd9) < scan) throw new InputError({ file, message: "truncated JPEG image" });
  const { decode } = (await import("jpeg-js")).default;
  try {
    const options = {
      useTArray: true,
      formatAsRGBA: true,
      tolerantDecoding: false,
      maxResolutionInMP: maximumPixels / 1e6,
      maxMemoryUsageInMB: 2048,
    } as const;
    const { width, height, data } = decode(bytes, options);
    return { width, height, data };
  } catch (error) {
    throw new InputError({
      file,
      message: `damaged JPEG image: ${error instanceof Error ? error.message : String(error)}`,
    });
  }
}

function lastMarker(bytes: Uint8Array, code: number): number {
  for (let at = bytes.length - 2; at >= 0; at--) if (bytes[at] === 0xff && bytes[at + 1] === code) return at;
  return -1;
}

/** Where the axes of an image input lie. */
interface Layout {
  readonly batch: number;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly channelsLast: boolean;
}

function layoutOf(shape: readonly number[], file: string | undefined): Layout {
  const colours = (count: number | undefined) => count === 1 || count === 3;
  const side = Math.sqrt(shape[1] ?? 0);
  const matrix = shape[0] === 1 && Number.isInteger(side) ? [1, 1, side, side] : [1, 1, ...shape];
  const [a = 0, b = 0, c = 0, d = 0] = shape.length === 3 ? [1, ...shape] : shape.length === 2 ? matrix : shape;
  if (shape.length >= 2 && shape.length <= 4 && colours(b)) {
    return { batch: a, channels: b, height: c, width: d, channelsLast: false };
  }
  if (shape.length >= 3 && shape.length <= 4 && colours(d)) {
    return { batch: a, channels: d, height: b, width: c, channelsLast: true };
  }
  throw new InputError({
    ...(file === undefined ? {} : { file }),
    message: "the model input is no image",
    found: `[${shape.join(", ")}]`,
    expected: "[batch, 1 or 3, height, width] or [batch, height, width, 1 or 3]",
  });
}

/**
 * The image as a tensor of `shape`: [batch, channels, height, width], [batch, height, width, channels], the same
 * without batch, [height, width], or the flattened square [1, side * side]; every batch entry is the same image. Resized by bilinear interpolation between
 * pixel centres; one channel is luma (ITU-R BT.601).
 * @throws InputError when the shape is no image.
 */
export function imageTensor(
  image: Image,
  shape: readonly number[],
  type: ElementType,
  options: ImageOptions = {},
): Tensor {
  const layout = layoutOf(shape, options.file);
  const { batch, channels, height, width, channelsLast } = layout;
  if (batch * channels * height * width > 2 ** 28) {
    throw new InputError({
      ...(options.file === undefined ? {} : { file: options.file }),
      message: "the model input is too large for an image",
      found: `[${shape.join(", ")}]`,
    });
  }
  const chosen = options.normalise ?? "auto";
  const normalise = chosen !== "auto" ? chosen : type !== "float32" ? "none" : channels === 1 ? "unit" : "imagenet";
  const plane = height * width;
  const data = allocate(type, batch * channels * plane);
  for (let channel = 0; channel < channels; channel++) {
    const pixels = resized(
      image,
      channels === 1 ? undefined : normalise === "caffe" ? 2 - channel : channel,
      height,
      width,
    );
    const colour = normalise === "caffe" ? 2 - channel : channel;
    const [mean, deviation] = statistics(normalise, channels === 1 ? undefined : colour);
    for (let n = 0; n < batch; n++) {
      for (let i = 0; i < plane; i++) {
        const pixel = options.invert === true ? 255 - (pixels[i] ?? 0) : (pixels[i] ?? 0);
        const at = channelsLast ? (n * plane + i) * channels + channel : (n * channels + channel) * plane + i;
        const value = (pixel - mean) / deviation;
        data[at] = type === "float32" ? value : type === "int8" ? Math.min(Math.round(value), 127) : Math.round(value);
      }
    }
  }
  return { type, shape, data };
}

/** Offset and divisor of a channel; one-channel images use the average of the three colours. */
function statistics(normalise: Normalisation, colour: number | undefined): readonly [number, number] {
  const of = (values: readonly number[]) =>
    colour === undefined ? values.reduce((sum, value) => sum + value, 0) / values.length : (values[colour] ?? 0);
  switch (normalise) {
    case "auto":
    case "none":
      return [0, 1];
    case "unit":
      return [0, 255];
    case "signed":
      return [127, 128];
    case "imagenet":
      return [of(imagenetMean) * 255, of(imagenetDeviation) * 255];
    case "caffe":
      return [of(caffeMean), 1];
  }
}

const allocate = (type: ElementType, count: number) => {
  switch (type) {
    case "float32":
      return new Float32Array(count);
    case "int8":
      return new Int8Array(count);
    case "uint8":
      return new Uint8Array(count);
    case "int16":
      return new Int16Array(count);
    case "int32":
      return new Int32Array(count);
  }
};

/** One colour (luma without one) at the new size, 0 to 255. */
function resized(image: Image, colour: number | undefined, height: number, width: number): Float32Array {
  const { data } = image;
  const value = (x: number, y: number): number => {
    const at = (y * image.width + x) * 4;
    if (colour !== undefined) return data[at + colour] ?? 0;
    return 0.299 * (data[at] ?? 0) + 0.587 * (data[at + 1] ?? 0) + 0.114 * (data[at + 2] ?? 0);
  };
  const result = new Float32Array(height * width);
  for (let y = 0; y < height; y++) {
    const sourceY = clamp(((y + 0.5) * image.height) / height - 0.5, image.height - 1);
    const top = Math.floor(sourceY);
    const bottom = Math.min(top + 1, image.height - 1);
    for (let x = 0; x < width; x++) {
      const sourceX = clamp(((x + 0.5) * image.width) / width - 0.5, image.width - 1);
      const left = Math.floor(sourceX);
      const right = Math.min(left + 1, image.width - 1);
      const [fx, fy] = [sourceX - left, sourceY - top];
      const upper = value(left, top) * (1 - fx) + value(right, top) * fx;
      const lower = value(left, bottom) * (1 - fx) + value(right, bottom) * fx;
      result[y * width + x] = upper * (1 - fy) + lower * fy;
    }
  }
  return result;
}

const clamp = (value: number, high: number): number => Math.min(Math.max(value, 0), high);
