import { expect, test } from "vitest";
import { decaySchedule, idleDecay } from "./weight-decay.ts";

const place = (step: number, lr = 0.1) => ({ step, lr, initialLr: 0.2 });

test("without a schedule the decays stay as they are", () => {
  expect(decaySchedule([0.1, 0.2], [10], { normWds: true })(place(3))).toEqual([0.1, 0.2]);
});

test("normWds divides by the root of the cycle's batches", () => {
  const schedule = decaySchedule([0.1], [25, 100], { useWdSched: true, normWds: true });
  expect([0, 24, 25].map((step) => schedule(place(step))[0])).toEqual([expect.closeTo(0.02), expect.closeTo(0.02), expect.closeTo(0.01)]);
});

test("wdsSchedMult follows what it is given, such as the rate", () => {
  const schedule = decaySchedule([0.1, 0.4], [25], { useWdSched: true, wdsSchedMult: ({ lr, initialLr }) => lr / initialLr });
  expect(schedule(place(7))).toEqual([0.05, 0.2]);
});

test("a schedule of decays that are all 0 is warned of", () => {
  expect(idleDecay([0, 0], { useWdSched: true })?.message).toBe("useWdSched has no effect: all weight decays are 0");
  expect(idleDecay([0, 0.1], { useWdSched: true })).toBeUndefined();
  expect(idleDecay([0], {})).toBeUndefined();
});
