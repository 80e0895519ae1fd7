import { expect, test } from "vitest";
import type { Node, Shape } from "../../graph/types.ts";
import { einsumShape } from "./einsum.ts";

const node = (equation: string): Node => ({
  ...{ name: "scores", op: "Einsum", domain: "", inputs: ["a", "b"], outputs: ["y"] },
  attributes: { equation: { kind: "string", value: equation } },
});

test.each<[string, Shape[], Shape]>([
  [
    "bhid,bhjd->bhij",
    [
      ["batch", 3, 7, 4],
      ["batch", 3, 5, 4],
    ],
    ["batch", 3, 7, 5],
  ],
  [
    "bhid, bhjd -> bhij",
    [
      ["batch", 1, 7, 4],
      ["batch", 3, 5, 4],
    ],
    ["batch", 3, 7, 5],
  ],
  [
    "ij,jk",
    [
      [2, 3],
      [3, 4],
    ],
    [2, 4],
  ],
  ["ba", [[2, 3]], [3, 2]],
  ["ii->i", [[3, 3]], [3]],
  [
    "...ij,...jk->...ik",
    [
      ["batch", 5, 2, 3],
      [3, 4],
    ],
    ["batch", 5, 2, 4],
  ],
  [
    "i...,i...->...",
    [
      [3, 2],
      [3, 2],
    ],
    [2],
  ],
  ["a,b->", [[3], [4]], []],
])("%s has the shape of its equation", (equation, shapes, result) => {
  expect(einsumShape(node(equation), shapes)).toEqual(result);
});

test.each<[string, Shape[], string]>([
  [
    "ij,jk->ik",
    [
      [2, 3],
      [4, 5],
    ],
    "cannot take [2,3] and [4,5]",
  ],
  ["ij->ij", [[2]], "cannot take [2]"],
  [
    "ij,jk->iz",
    [
      [2, 3],
      [3, 4],
    ],
    "has an invalid equation",
  ],
  ["ij->ij->ij", [[2, 3]], "has an invalid equation"],
  ["i.j->ij", [[2, 3]], "has an invalid equation"],
  ["a,b,c->abc", [[9], [9], [9]], "has 3 operands, of which thaw takes two"],
])("%s of [%s] is refused by name", (equation, shapes, reason) => {
  expect(() => einsumShape(node(equation), shapes)).toThrow(`Operator Einsum (node "scores") ${reason}: ${equation}`);
});
