// What `thaw check` prints: a sound set, one with every finding, and long lists.

import { beforeEach, expect, test, vi } from "vitest";
import type { CheckReport } from "../../data/check/report.ts";
import { plain } from "../shared/terminal.ts";
import { checkLines } from "./lines.ts";

// Where no `thaw` is on the PATH.
beforeEach(() => {
  vi.stubEnv("PATH", "");
  vi.stubEnv("npm_config_user_agent", undefined);
  return () => vi.unstubAllEnvs();
});

const sound: CheckReport = {
  path: "/data/pets",
  drawn: false,
  images: 3000,
  classes: [
    { class: "cats", train: 1000, valid: 500, test: 0 },
    { class: "dogs", train: 1000, valid: 500, test: 0 },
  ],
  imbalance: 1,
  broken: [],
  misnamed: [],
  copies: [],
  alike: [],
  odd: [],
  sides: [286, 371, 375],
  passedBy: [],
  sound: true,
};
const image = (name: string) => ({ name, part: "train", class: "cats" }) as const;

test("a sound set: counts, sizes, and how to go on", () => {
  expect(checkLines(sound, ["my pets"], plain).join("\n")).toMatchInlineSnapshot(`
    "3,000 images in 2 classes

    class  train  valid
    cats   1,000    500
    dogs   1,000    500

    smaller side: 371 pixels in the median, half of the images have 286 to 375

    Sound: every image can be read, and no copies flatter the results. Next:

      npx thaw train 'my pets'"
  `);
});

test("every finding says what it is, where, and what to do, within 80 columns where names are short", () => {
  const report: CheckReport = {
    ...sound,
    drawn: true,
    sound: false,
    imbalance: 12.5,
    classes: [
      { class: "cats", train: 1000, valid: 250, test: 10 },
      { class: "dogs", train: 80, valid: 20, test: 1 },
      { class: "birds", train: 500, valid: 125, test: 0 },
    ],
    broken: [{ ...image("dogs/1\u001b[31m.jpg"), reason: "truncated JPEG" }],
    misnamed: [{ ...image("cats/2.jpg"), format: "PNG" }],
    odd: [
      { ...image("cats/3.jpg"), width: 40, height: 50, odd: "tiny" },
      { ...image("cats/4.jpg"), width: 4000, height: 500, odd: "long" },
    ],
    copies: [
      { exact: true, leak: false, conflict: true, images: [image("cats/5.jpg"), image("dogs/5.jpg")] },
      { exact: false, leak: true, conflict: false, images: [image("cats/6.jpg"), image("test/cats/6.jpg"), image("test/cats/66.jpg")] },
      { exact: true, leak: false, conflict: false, images: [image("cats/7.jpg"), image("cats/8.jpg")] },
    ],
    alike: [[image("cats/9.jpg"), image("cats/10.jpg")]],
    passedBy: ["1 file of type .heic is left out"],
  };
  const lines = checkLines(report, ["pets"], plain);
  expect(lines.join("\n")).toMatchInlineSnapshot(`
    "3,000 images in 3 classes; no folder for validation, so a part of each class will be drawn for it

    class  images  test
    cats    1,250    10  most
    dogs      100     1  fewest
    birds     625     0
    uneven: the largest class has 12.5 times as many training images as the smallest; accuracy says little about small classes, so look at each class separately

    smaller side: 371 pixels in the median, half of the images have 286 to 375
    note: 1 file of type .heic is left out

    1 file cannot be read
      dogs/1.jpg  truncated JPEG
    Replace or delete them; thaw leaves them out.

    1 picture is filed under different classes
      same file  cats/5.jpg
                 dogs/5.jpg
    At most one class is right: keep the picture there, and delete it from the others.

    1 picture is in more than one of training, validation and test
      same picture  cats/6.jpg
                    test/cats/6.jpg
                    test/cats/66.jpg
    Results will look better than they are: delete all but one copy of each.

    1 picture is there more than once
      same file  cats/7.jpg
                 cats/8.jpg
    The drawn split may train on one copy and validate on another, which flatters: delete all but one of each.

    1 group of pictures looks much alike
      alike  cats/9.jpg
             cats/10.jpg
    Look at them: shots of one scene or thing belong into the same folder of training, validation or test.

    1 file is of another kind than the name says
      cats/2.jpg  is PNG
    thaw reads them by their content; other programs may not.

    2 images are of odd size
      cats/3.jpg  40 × 50      tiny
      cats/4.jpg  4,000 × 500  long
    Look at them: a side below 64 pixels shows little, and beyond 3:1 the centre crop misses most.

    Fix first: 1 file cannot be read; 1 picture is filed under different classes; 1 picture is in more than one of training, validation and test; 1 picture is there more than once."
  `);
  expect(lines.join("\n")).not.toContain("\u001b");
});

test("a long list is cut, and says where the rest is", () => {
  const broken = Array.from({ length: 1234 }, (_, i) => ({ ...image(`cats/${i}.jpg`), reason: "empty file" }));
  const lines = checkLines({ ...sound, broken, sound: false }, ["pets"], plain);
  expect(lines.slice(7, 10)).toEqual(["", "1,234 files cannot be read", "  cats/0.jpg  empty file"]);
  expect(lines).toContain("  and 1,224 more; --json lists all");
  expect(lines.at(-1)).toBe("Fix first: 1,234 files cannot be read.");
});

test("copies within training are no problem where the split is by folders", () => {
  const copies = [{ exact: true, leak: false, conflict: false, images: [image("train/cats/7.jpg"), image("train/cats/8.jpg")] }];
  const lines = checkLines({ ...sound, copies }, ["pets"], plain);
  expect(lines).toContain("Harmless, but each copy counts: delete all but one of each.");
  expect(lines.at(-3)).toMatch(/^Sound: /);
});

test("groups stay whole, large ones are cut, and what is left out counts groups", () => {
  const group = (size: number, at: number) => ({
    exact: false,
    leak: true,
    conflict: false,
    images: Array.from({ length: size }, (_, i) => image(`${at}/${i}.jpg`)),
  });
  const copies = [group(100, 1), group(2, 2), group(2, 3), group(2, 4)];
  const lines = checkLines({ ...sound, copies, sound: false }, ["pets"], plain);
  const start = lines.findIndex((line) => line.startsWith("4 pictures are in more"));
  expect(lines.slice(start + 1, start + 11)).toEqual([
    "  same picture  1/0.jpg",
    ...[1, 2, 3, 4, 5].map((i) => `                1/${i}.jpg`),
    "                and 94 more of them",
    "  same picture  2/0.jpg",
    "                2/1.jpg",
    "  and 2 more; --json lists all",
  ]);
});

test("of many classes the largest and the smallest are listed", () => {
  const classes = Array.from({ length: 1000 }, (_, i) => ({ class: `n${i}`, train: 10 + ((i * 7) % 1000), valid: 5, test: 0 }));
  const lines = checkLines({ ...sound, classes, imbalance: 100.9 }, ["pets"], plain);
  const rows = lines.slice(3, 24).map((line) => line.replace(/\s+/g, " "));
  expect([rows[0], rows[10], rows[20]]).toEqual(["n857 1,009 5 most", "… 980 more", "n0 10 5 fewest"]);
  expect(lines[24]).toMatch(/^uneven: the largest class has 100\.9 times/);
});
