import { expect, test } from "vitest";
import { type Candidate, inOrder } from "./query.ts";

const photograph = (id: number, guess?: string, uncertainty = 0.5) =>
  ({ id, guess: guess && { class: guess, uncertainty } }) as unknown as Candidate;
const places = [3, 0, 2, 1, 4];
const placeOf = (id: number): number => places[id] as number;

test("photographs come by name, or by guessed class, the surest first, those without a guess last, and then by name", () => {
  const photographs = [photograph(0, "Zebra"), photograph(1), photograph(2, "ant"), photograph(3, "Zebra"), photograph(4, "Zebra", 0.1)];
  expect(inOrder(photographs, {}, placeOf)).toEqual([1, 3, 2, 0, 4]);
  expect(inOrder(photographs, { order: "guess" }, placeOf)).toEqual([2, 4, 3, 0, 1]);
});
