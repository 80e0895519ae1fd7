import { expect, test } from "vitest";
import { byName } from "./name-order.ts";

test("photographs come in the order of the classes whose folders they lie in, capital or not", () => {
  const classes = ["Äpfel", "car_side", "zebra", "Faces", "car-park", "accordion", "car", "car 2"].sort(byName);
  expect(classes).toEqual(["accordion", "Äpfel", "car", "car 2", "car_side", "car-park", "Faces", "zebra"]);
  const photographs = classes.flatMap((name) => [`${name}/1.jpg`, `${name}/b.jpg`, `${name}/C.jpg`]);
  expect(photographs.toReversed().sort(byName)).toEqual(photographs);
});

test("names that differ in nothing but what letters ignore have an order too", () => {
  expect(["a\u0000.jpg", "a.jpg"].sort(byName)).toEqual(["a.jpg", "a\u0000.jpg"].sort(byName));
});
