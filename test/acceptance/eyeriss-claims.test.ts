// How many published figures of the Eyeriss machines are reproduced: no fewer than were. Those of the second chip are
// read from the record, which the long tests derive again.

import { expect, test } from "vitest";
import { recordedClaims } from "../../scripts/recorded-claims.ts";
import { reproduce } from "../../src/workbench/reproduce.ts";

const held = (claims: readonly { readonly holds: boolean; readonly fitted: boolean }[]): number =>
  claims.filter(({ holds, fitted }) => holds && !fitted).length;

test(
  "eyeriss: 19 of 20 figures of AlexNet with the authors' splits, 17 of 52 of VGG-16 without",
  { timeout: 120_000 },
  () => {
    const claims = reproduce(["eyeriss"]);
    const of = (network: string) => claims.filter(({ id }) => id.startsWith(`eyeriss.${network}.`));
    expect(of("alexnet-caffe")).toHaveLength(20);
    expect(of("vgg16")).toHaveLength(52);
    expect(held(of("alexnet-caffe"))).toBeGreaterThanOrEqual(19);
    expect(held(of("vgg16"))).toBeGreaterThanOrEqual(17);
  },
);

test("eyeriss-v2 and its mesh: rates and gains on MobileNet", () => {
  const [chip, mesh] = [recordedClaims("eyeriss-v2"), recordedClaims("eyeriss-v1.5")];
  expect(chip).toHaveLength(18);
  expect(mesh).toHaveLength(2);
  const holding = new Set([...chip, ...mesh].filter(({ holds }) => holds).map(({ id }) => id));
  for (const id of [
    "eyeriss-v2.mobilenet.speed",
    "eyeriss-v2.sparse-mobilenet.speed",
    "eyeriss-v2.sparse-mobilenet.over-mobilenet.speed",
    "eyeriss-v2.pruning.speed",
    "eyeriss-v1.5.mesh.speed",
  ]) {
    expect(holding, id).toContain(id);
  }
});
