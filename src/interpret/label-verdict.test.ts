import { expect, test } from "vitest";
import { verdictInWords } from "./label-verdict.ts";

test.each([
  [
    { images: 300, likelyWrong: 14, agreement: 0.876 },
    "14 of 300 labels are likely wrong. The classifier behind this names the label of 87 % of the photographs without having seen them, so some of these labels may be right: look before you change one.",
  ],
  [
    { images: 300, likelyWrong: 1, agreement: 0.99 },
    "1 of 300 labels is likely wrong. The classifier behind this names the label of 99 % of the photographs without having seen them.",
  ],
  [
    { images: 300, likelyWrong: 0, agreement: 0.5 },
    "None of 300 labels is likely wrong. The classifier behind this names the label of 50 % of the photographs without having seen them: it may miss wrong labels.",
  ],
  [{ images: 300, likelyWrong: 2, agreement: Number.NaN }, "2 of 300 labels are likely wrong."],
])("%o says how far it can be trusted", (verdict, words) => {
  expect(verdictInWords(verdict).join(" ")).toBe(words);
});

test.each([
  [
    { images: 1200, likelyWrong: 27, agreement: 0.86, flips: { share: 0.05, changed: 120, found: 104, called: 150 } },
    "27 of 1,200 labels are likely wrong. With 5 % of these labels changed on purpose, the same search finds 86 % of the changed ones, and at least 69 % of the labels that it then calls wrong are wrong. Where fewer labels are wrong, fewer of those that it calls wrong are: look before you change one.",
  ],
  [
    { images: 100, likelyWrong: 0, agreement: 0.86, flips: { share: 0.05, changed: 25, found: 0, called: 0 } },
    "None of 100 labels is likely wrong. With 5 % of these labels changed on purpose, the same search finds 0 % of the changed ones.",
  ],
])("%o says what the same search finds of changed labels", (verdict, words) => {
  expect(verdictInWords(verdict).join(" ")).toBe(words);
});
