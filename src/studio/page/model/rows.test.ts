import { beforeEach, expect, test, vi } from "vitest";
import type { Photograph } from "../../protocol/photographs.ts";
import { Rows } from "./rows.ts";

const asked: number[][] = [];
let label = "roses";
const engine = {
  photographs: async (ids: readonly number[]): Promise<Photograph[]> => {
    asked.push([...ids]);
    return ids.map((id) => ({
      id,
      name: `${id}.jpg`,
      label,
      labelledBy: "user",
      skipped: false,
      deleted: false,
      guess: undefined,
      marks: [],
    }));
  },
};

beforeEach(() => {
  asked.length = 0;
  label = "roses";
  // One frame at a time, as in a page.
  vi.stubGlobal("requestAnimationFrame", (draw: () => void) => setTimeout(draw, 0));
  return () => vi.unstubAllGlobals();
});

const arrived = () => vi.waitFor(() => expect(asked.length).toBeGreaterThan(0));

test("rows that are asked for in one frame are read together, and once", async () => {
  const rows = new Rows(engine, (error) => expect.unreachable(`${error}`));
  for (const id of [3, 1, 3, 2]) expect(rows.get(id)).toBeUndefined();
  await arrived();
  expect(asked).toEqual([[3, 1, 2]]);
  await vi.waitFor(() => expect(rows.get(2)?.name).toBe("2.jpg"));
  rows.get(1);
  expect(asked).toHaveLength(1);
});

test("a row that changed is shown as it was until it is read anew", async () => {
  const rows = new Rows(engine, () => undefined);
  await rows.read([1, 2]);
  label = "tulips";
  rows.forget([1]);
  expect(rows.get(1)?.label).toBe("roses");
  await vi.waitFor(() => expect(rows.get(1)?.label).toBe("tulips"));
  expect(rows.get(2)?.label).toBe("roses");
  rows.forget("all");
  expect((await rows.read([2]))[0]?.label).toBe("tulips");
});

test("all rows of a question come, also if they are more than are kept", async () => {
  const rows = new Rows(engine, () => undefined);
  const ids = Array.from({ length: 25_000 }, (_, id) => id);
  expect((await rows.read(ids)).map(({ id }) => id)).toEqual(ids);
  expect(asked.every((some) => some.length <= 1000)).toBe(true);
});
