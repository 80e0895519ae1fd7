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
