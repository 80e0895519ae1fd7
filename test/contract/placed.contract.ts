// Tensors in the memory that WebAssembly computes in: runs use them where they are, and they are freed.

import { describe, expect, inject, test } from "vitest";
import { engine } from "#engine";
import type { Tensor } from "../../src/core/tensor.ts";
import { GraphBuilder } from "../../src/graph/builder.ts";
import type { Placed, Session, TensorKind } from "../../src/runtime/engine.ts";
import { open } from "./device.ts";
import { allocatedBy, wasmModule } from "./wasm-module.ts";

const device = inject("device");
const SIZE = 1 << 18;
const kind = { type: "float32", shape: [SIZE] } as const;
const MEBIBYTE = 2 ** 20;

/** y = factor * x, and the sum of x. */
function openScaling(factor: number): Promise<Session> {
  const graph = new GraphBuilder();
  const x = graph.input("x", "float32", [SIZE]);
  return open(graph, { y: graph.add("Mul", [x, graph.scalar(factor)]), sum: graph.add("ReduceSum", [x], { keepdims: 0 }) });
}

async function place(kinds: readonly TensorKind[]): Promise<Placed> {
  const placed = await engine.place("wasm", kinds);
  if (!placed) throw new Error("WebAssembly places no tensors");
  return placed;
}

const filled = ({ data }: Tensor, value: number): void => {
  (data as Float32Array).fill(value);
};

describe.skipIf(device === undefined || device === "wasm")("tensors in WebAssembly's memory", () => {
  test("are not made for other devices", async () => {
    expect(await engine.place(device as "cpu", [kind])).toBeUndefined();
  });
});

describe.skipIf(device !== "wasm")("tensors in WebAssembly's memory", () => {
  test("are read and written by a run where they are, beside others, which are copied", async () => {
    const session = await openScaling(3);
    const { tensors, free } = await place([kind, kind]);
    const [x, y] = tensors as [Tensor, Tensor];
    filled(x, 2);
    filled(y, 0);
    const results: Record<string, Tensor>[] = [];
    const copied = await allocatedBy(async () => results.push(await session.run({ x }, { y })));
    expect(copied).toBeLessThan(1000);
    expect(results[0]?.y).toBe(y);
    expect(y).toBeAllClose(new Float32Array(SIZE).fill(6), 0);
    expect(results[0]?.sum).toBeAllClose([2 * SIZE], 1e-6);

    const plain: Tensor = { ...kind, data: new Float32Array(SIZE) };
    expect(await allocatedBy(() => session.run({ x: y }, { y: plain }))).toBeLessThan(1000);
    expect(plain).toBeAllClose(new Float32Array(SIZE).fill(18), 0);
    expect(await allocatedBy(() => session.run({ x: plain }, { y: x }))).toBeGreaterThan(4 * SIZE - 1);
    expect(x).toBeAllClose(new Float32Array(SIZE).fill(54), 0);
    await Promise.all([session.release(), free()]);
  });

  test("stay where they are when the memory grows", async () => {
    const session = await openScaling(2);
    const first = await place([kind, kind]);
    const [x, y] = first.tensors as [Tensor, Tensor];
    filled(x, 1);
    const module = await wasmModule();
    const before = module.HEAPU8;
    const second = await place([{ type: "float32", shape: [before.length / 4] }]);
    expect(module.HEAPU8.length).toBeGreaterThan(before.length);
    expect(await allocatedBy(() => session.run({ x }, { y }))).toBeLessThan(1000);
    expect(y).toBeAllClose(new Float32Array(SIZE).fill(2), 0);
    const at = module.places.get(y.data) as number;
    expect(new Float32Array(module.HEAPU8.buffer as ArrayBuffer, at, SIZE)).toEqual(y.data);
    await Promise.all([session.release(), first.free(), second.free()]);
  });

  test("are apart, of every type, of no elements and of odd sizes", async () => {
    await (await openScaling(1)).release();
    const types = ["float32", "float16", "uint8", "int8", "int32", "int64", "bool"] as const;
    const kinds = types.flatMap((type) => [[], [0], [3], [65]].map((shape) => ({ type, shape })));
    const { tensors, free } = await place(kinds);
    const bytes = ({ data }: Tensor) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    for (const [i, each] of tensors.entries()) bytes(each).fill(i);
    for (const [i, each] of tensors.entries()) {
      expect({ type: each.type, shape: each.shape }).toEqual(kinds[i]);
      expect(new Set(bytes(each)), `${each.type} [${each.shape}]`).toEqual(new Set(each.data.length > 0 ? [i] : []));
    }
    await free();
  });

  test("are freed after the runs that use them", async () => {
    const session = await openScaling(5);
    const { tensors, free } = await place([kind, kind]);
    const [x, y] = tensors as [Tensor, Tensor];
    filled(x, 1);
    // A run after they were freed would copy them.
    expect(await allocatedBy(() => Promise.all([session.run({ x }, { y }), free()]))).toBeLessThan(1000);
    expect(y).toBeAllClose(new Float32Array(SIZE).fill(5), 0);
    const { places } = await wasmModule();
    expect([places.has(x.data), places.has(y.data)]).toEqual([false, false]);
    await session.release();
  });

  test("that are freed leave their room to others", async () => {
    await (await openScaling(1)).release();
    const module = await wasmModule();
    const size = { type: "uint8", shape: [16 * MEBIBYTE] } as const;
    await (await place([size])).free();
    const before = module.HEAPU8.length;
    for (let i = 0; i < 20; i++) await (await place([size])).free();
    expect(module.HEAPU8.length).toBe(before);
  });

  test.each([2 ** 32, 2 ** 32 - 2 ** 17, 2 ** 40])("of %d bytes are refused", async (size) => {
    await (await openScaling(1)).release();
    await expect(place([{ type: "uint8", shape: [size] }])).rejects.toThrow(
      `WebAssembly's memory, 4 GiB at most, has no room for ${Math.ceil((size + 64) / MEBIBYTE)} MiB of tensors`,
    );
  });
});
