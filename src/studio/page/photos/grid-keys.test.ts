import { expect, test } from "vitest";
import { commandOf, KEY_HELP } from "./grid-keys.ts";

const keys = new Map([
  ["daisies", "1"],
  ["tulips", "b"],
]);
const press = (key: string, held: Partial<Record<"ctrlKey" | "metaKey" | "altKey" | "shiftKey", boolean>> = {}) =>
  commandOf({ key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...held }, keys);

test("a key of a class labels, another letter begins a name, and + begins an empty one", () => {
  expect(press("1")).toEqual({ do: "label", class: "daisies" });
  expect(press("b")).toEqual({ do: "label", class: "tulips" });
  expect(press("é")).toEqual({ do: "type", text: "é" });
  expect(press("+")).toEqual({ do: "type", text: "" });
  expect(press("2")).toBeUndefined();
});

test("the browser keeps its own keys", () => {
  for (const key of ["c", "r", "1", "+"]) expect(press(key, { ctrlKey: true })).toBeUndefined();
  expect(press("1", { altKey: true })).toBeUndefined();
  expect(press("Tab")).toBeUndefined();
  expect(press("F5")).toBeUndefined();
  expect(press("?")).toBeUndefined();
});

test("arrows move, with Shift a range", () => {
  expect(press("ArrowDown")).toEqual({ do: "move", by: "down", range: false });
  expect(press("End", { shiftKey: true })).toEqual({ do: "move", by: "last", range: true });
});

test("the help names keys that do something", () => {
  const named = KEY_HELP.flatMap(({ rows }) => rows.map(([key]) => key));
  for (const [key, name] of Object.entries({ Enter: "Enter", "0": "0", "-": "−", Delete: "Delete", " ": "Space", ".": "." })) {
    expect(named).toContain(name);
    expect(press(key)).toBeDefined();
  }
});
