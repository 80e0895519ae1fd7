import { expect, test, vi } from "vitest";
import { byName, NameOrder, placesOf } from "./name-order.ts";

test("photographs come in the order of the classes whose folders they lie in, capital or not", () => {
  const classes = ["Äpfel", "car_side", "zebra", "Faces", "car-park", "accordion", "car", "car 2"].sort(byName);
  expect(classes).toEqual(["accordion", "Äpfel", "car", "car 2", "car_side", "car-park", "Faces", "zebra"]);
  const photographs = classes.flatMap((name) => [`${name}/1.jpg`, `${name}/b.jpg`, `${name}/C.jpg`]);
  expect(photographs.toReversed().sort(byName)).toEqual(photographs);
});

test("names that differ in nothing but what letters ignore have an order too", () => {
  expect(["a\u0000.jpg", "a.jpg"].sort(byName)).toEqual(["a.jpg", "a\u0000.jpg"].sort(byName));
});

test("names have their places in the order, however they come", () => {
  const names = ["b/2.jpg", "A/1.jpg", "c.jpg", "a_b/1.jpg", "b/10.jpg", "B/3.jpg", "é.jpg", "a/1.jpg"];
  const order = new NameOrder();
  for (let count = 1; count <= names.length; count += 2) {
    const some = names.slice(0, count);
    for (const name of some) order.add(name);
    const inOrder = some.toSorted(byName);
    expect(some.toSorted((a, b) => order.placeOf(a) - order.placeOf(b))).toEqual(inOrder);
    const places = placesOf(some);
    expect(inOrder.map((name) => places.get(name))).toEqual(inOrder.map((_, i) => i));
  }
});

test("a name that is added to thousands is compared with a few of them", () => {
  const order = new NameOrder();
  for (let i = 0; i < 4000; i++) order.add(`${i % 40}/${i}.jpg`);
  order.placeOf("0/0.jpg");
  const compare = vi.spyOn(Intl.Collator.prototype, "compare", "get");
  const replace = vi.spyOn(String.prototype, "replaceAll");
  order.add("7/new.jpg");
  expect(order.placeOf("7/new.jpg")).toBeGreaterThan(order.placeOf("7/7.jpg"));
  const [comparisons, replaced] = [compare.mock.calls.length, replace.mock.calls.length / 2];
  vi.restoreAllMocks();
  expect(comparisons).toBeGreaterThan(0);
  expect(Math.max(comparisons, replaced)).toBeLessThan(20);
});
