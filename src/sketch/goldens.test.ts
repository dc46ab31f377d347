import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { decodeUtf8Java } from "../types/index.ts";
import { addInt64, addText } from "./items.ts";
import { hashBytes, hashOutput } from "./murmur3.ts";
import { parseTheta } from "./parse.ts";
import { serialiseTheta } from "./serialise.ts";
import { ThetaBuilder } from "./theta-builder.ts";
import { entryCount, type ThetaSketch, thetaEstimate, unionThetas } from "./theta-sketch.ts";

/** Written by the reference library: test/fixtures/generate/theta. */
interface Goldens {
  readonly sketches: readonly (Described & {
    readonly longs?: readonly [number, number];
    readonly texts?: readonly string[];
    readonly k: number;
  })[];
  readonly unions: readonly (Described & { readonly ranges: readonly (readonly [number, number])[] })[];
  readonly foreign: readonly (Partial<Described> & {
    readonly name: string;
    readonly input: string;
    readonly error?: string;
  })[];
  readonly hashes: readonly { readonly input: string; readonly seed: number; readonly hash: string }[];
  readonly utf8: readonly { readonly input: string; readonly text: string }[];
}

interface Described {
  readonly count: number;
  readonly theta: string;
  readonly estimate: number;
  readonly bytes: number;
  readonly hex?: string;
  readonly sha256?: string;
}

const goldens: Goldens = JSON.parse(
  readFileSync(new URL("../../test/fixtures/data/theta/goldens.json", import.meta.url), "utf8"),
);

describe("07 §6.5, §6.6: sketches of the reference library", () => {
  it.each(goldens.sketches)("longs $longs texts $texts k $k", (golden) => {
    const builder = new ThetaBuilder(golden.k);
    const [from, to] = golden.longs ?? [0, 0];
    for (let i = from; i < to; i++) addInt64(builder, BigInt(i));
    for (const text of golden.texts ?? []) addText(builder, text);
    expect(describeSketch(builder.result(), golden)).toEqual(described(golden));
  });

  it.each(goldens.unions)("union of $ranges", (golden) => {
    const inputs = golden.ranges.map(([from, to]) => {
      const builder = new ThetaBuilder();
      for (let i = from; i < to; i++) builder.addLong(i, 0);
      return builder.result();
    });
    expect(describeSketch(unionThetas(inputs), golden)).toEqual(described(golden));
  });
});

describe("07 §6.6: bytes that other programs may write", () => {
  /** The library reads past the end of the first two and does not look at the third one's seed; we refuse. */
  const refused = /^(?:cut short|seven bytes|single item under another seed)$/;

  it.each(goldens.foreign.filter((golden) => golden.error === undefined && !refused.test(golden.name)))(
    "$name",
    (golden) => {
      const sketch = unionThetas([parseTheta(Buffer.from(golden.input, "hex"))]);
      expect(describeSketch(sketch, golden)).toEqual(described(golden));
    },
  );

  it.each(goldens.foreign.filter((golden) => golden.error !== undefined || refused.test(golden.name)))(
    "$name is refused",
    (golden) => {
      expect(() => parseTheta(Buffer.from(golden.input, "hex"))).toThrow(
        golden.error?.startsWith("Incompatible") ? golden.error : /./,
      );
    },
  );
});

describe("07 §6.4: hashes of the reference library", () => {
  it.each(goldens.hashes)("$input with seed $seed", ({ input, seed, hash }) => {
    const bytes = Buffer.from(input, "hex");
    const out = hashOutput();
    hashBytes(bytes, 0, bytes.length, seed, out);
    const words = [1, 0, 3, 2].map((i) => ((out[i] ?? 0) >>> 0).toString(16).padStart(8, "0"));
    expect(words.join("")).toBe(hash);
  });
});

describe("07 §6.3: malformed UTF-8 as the peer's platform reads it", () => {
  it.each(goldens.utf8)("$input", ({ input, text }) => {
    expect(decodeUtf8Java(Buffer.from(input, "hex"))).toBe(text);
  });
});

function describeSketch(sketch: ThetaSketch, golden: Partial<Described>): Partial<Described> {
  const bytes = serialiseTheta(sketch);
  return {
    count: entryCount(sketch),
    theta: sketch.theta.toString(),
    estimate: thetaEstimate(sketch),
    bytes: bytes.length,
    ...(golden.hex !== undefined && { hex: Buffer.from(bytes).toString("hex") }),
    ...(golden.sha256 !== undefined && { sha256: createHash("sha256").update(bytes).digest("hex") }),
  };
}

function described(golden: Partial<Described>): unknown {
  const { count, theta, estimate, bytes, hex, sha256 } = golden;
  return {
    count,
    theta,
    estimate,
    bytes,
    ...(hex !== undefined && { hex }),
    ...(sha256 !== undefined && { sha256 }),
  };
}
