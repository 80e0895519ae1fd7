// JSON from elsewhere: what is refused, by which name, and that refusing is cheap.

import { describe, expect, test } from "vitest";
import { parseJson } from "./json.ts";

const read = (text: string, values?: number) =>
  parseJson(
    new TextEncoder().encode(text),
    { bytes: 100_000_000, ...(values !== undefined && { values }) },
    (reason) => new Error(`f ${reason}`),
  );

test.each(['{"a":[1,2.5,-3e8,true,null,"\\u00fc\\"\\\\,:[{"],"b":{"a":{}}}', "[]", '" [[[["', "7", '{"__proto__":{"x":1},"1":2}'])(
  "%s is read as JSON.parse reads it",
  (text) => {
    expect(read(text)).toEqual(JSON.parse(text));
  },
);

test.each([
  ["half a text", '{"a":', "f is not JSON"],
  ["an open string", '"a\\', "f is not JSON"],
  ["a key twice in one object", '[{"a":1,"b":{"a":2},"\\u0061":3}]', 'f has "a" twice'],
  [
    "more lists within one another than any file of thaw's",
    `${"[".repeat(33)}${"]".repeat(33)}`,
    "f nests lists and objects more than 32 deep",
  ],
  ["too many values", "[1,2,3,4]", "f has too many values: at most 3 are read, and fewer if they are empty lists and objects"],
])("%s is refused", (_, text, message) => {
  expect(() => read(text, text === "[1,2,3,4]" ? 3 : 100)).toThrow(message);
});

test("text that is not UTF-8, or longer than its kind may be, is refused", () => {
  const refuse = (reason: string) => new Error(`f ${reason}`);
  expect(() => parseJson(Uint8Array.of(0x22, 0xff, 0x22), { bytes: 10 }, refuse)).toThrow("f is not JSON");
  expect(() => parseJson(new Uint8Array(11), { bytes: 10 }, refuse)).toThrow("f has 11 bytes, more than the 10 that it may have");
});

describe("100 MB that would take gigabytes", () => {
  test.each([
    ["open lists", "["],
    ["empty lists", "[],"],
    ["empty objects", "{},"],
    ["one-letter keys", '"a":1,'],
    ["ones", "1,"],
  ])("of %s are refused in less than a second of processor time and in no memory", (_, piece) => {
    const text = new TextEncoder().encode(piece.repeat(Math.floor(99_000_000 / piece.length)));
    const [cpu, heap] = [process.cpuUsage(), process.memoryUsage().heapUsed];
    expect(() => parseJson(text, { bytes: 100_000_000 }, (reason) => new Error(reason))).toThrow();
    const { user, system } = process.cpuUsage(cpu);
    expect((user + system) / 1e6).toBeLessThan(1);
    expect(process.memoryUsage().heapUsed - heap).toBeLessThan(64e6);
  });
});

test("millions of digits, which take far more memory than their text, are refused; longer numbers are not", () => {
  const list = (item: string, times: number) => `[${`${item},`.repeat(times - 1)}${item}]`;
  expect(() => read(list("0", 9_000_000), 10_000_000)).toThrow("f has too many values");
  expect(read(list("0.123456", 900_000), 10_000_000)).toHaveLength(900_000);
});
