import { expect, test } from "vitest";
import { adam, adamW, decoupled, rmsProp, sgd } from "../step/optimizer.ts";
import { nameOptimizer } from "./fingerprint.ts";

test("optimisers are told apart by all of their constants, and the same have the same name", () => {
  const all = [
    sgd(),
    sgd({ momentum: 0.8 }),
    decoupled(sgd()),
    rmsProp(),
    rmsProp({ alpha: 0.9 }),
    rmsProp({ epsilon: 1e-6 }),
    adam(),
    adam({ beta2: 0.99 }),
    adam({ epsilon: 1e-6 }),
    adam({ beta2: 0.99, epsilon: 1e-5 }),
    adamW({ beta2: 0.99, epsilon: 1e-5 }),
    decoupled(adam()),
  ];
  expect(new Set(all.map(nameOptimizer)).size).toBe(all.length);
  expect(nameOptimizer({ ...rmsProp(), update: rmsProp({ alpha: 0.9 }).update })).toBe(nameOptimizer(rmsProp({ alpha: 0.9 })));
});
