// What `thaw check` prints: counts, problems with their cures, and a verdict. Pure functions.

import type { CheckedImage, CheckReport, Copies } from "../../data/check/report.ts";
import { LONG, TINY, UNEVEN } from "../../data/check/report.ts";
import { nextCommand } from "../shared/next-command.ts";
import { printable } from "../shared/printable.ts";
import { table } from "../shared/table.ts";
import { count, type Paint, quantity } from "../shared/terminal.ts";

/** About this many rows of each finding are printed; --json has all. */
const SHOWN = 10;
/** Images of a group that are named. */
const NAMED = 6;
/** If there are more classes, only the largest and the smallest are listed. */
const CLASSES = 30;

type Row = readonly string[];

interface Section {
  readonly problem: boolean;
  readonly title: string;
  /** The rows of each finding, which stay together. */
  readonly findings: readonly (readonly Row[])[];
  readonly cure: string;
}

/** The lines about `report`; `words` tell another command the same folder and its parts. */
export function checkLines(report: CheckReport, words: readonly string[], paint: Paint): string[] {
  const sections = sectionsOf(report).filter(({ findings }) => findings.length > 0);
  return [
    ...countLines(report, paint),
    ...sections.flatMap((section) => ["", ...sectionLines(section, paint)]),
    "",
    ...verdictLines(report, sections, words, paint),
  ];
}

function countLines(report: CheckReport, paint: Paint): string[] {
  const { classes, drawn, sides, imbalance, passedBy } = report;
  const hasTest = classes.some(({ test }) => test > 0);
  const heads = drawn ? ["images"] : ["train", "valid"];
  const largest = Math.max(...classes.map(({ train }) => train));
  const smallest = Math.min(...classes.map(({ train }) => train));
  const bySize = [...classes].sort((a, b) => b.train - a.train);
  const listed = classes.length > CLASSES ? [...bySize.slice(0, SHOWN), undefined, ...bySize.slice(-SHOWN)] : classes;
  const rows = listed.map((counts): Row => {
    if (!counts) return [`… ${count(classes.length - 2 * SHOWN)} more`];
    const { class: name, train, valid, test } = counts;
    return [
      printable(name),
      ...(drawn ? [train + valid] : [train, valid]).map(count),
      ...(hasTest ? [count(test)] : []),
      imbalance >= UNEVEN && train === smallest ? "fewest" : imbalance >= UNEVEN && train === largest ? "most" : "",
    ];
  });
  const split = drawn ? "; no folder for validation, so a part of each class will be drawn for it" : "";
  const counts = table(["left", ...heads.map(() => "right" as const), ...(hasTest ? (["right"] as const) : []), "left"], rows, paint, {
    head: ["class", ...heads, ...(hasTest ? ["test"] : []), ""],
  });
  return [
    `${quantity(report.images, "image")} in ${quantity(classes.length, "class", "classes")}${split}`,
    "",
    ...counts,
    ...(imbalance >= UNEVEN
      ? [
          `${paint.yellow("uneven:")} the largest class has ${imbalance.toFixed(1)} times as many training images as the smallest; ` +
            `accuracy says little about small classes, so look at each class separately`,
        ]
      : []),
    ...(sides
      ? [
          "",
          `smaller side: ${count(sides[1])} pixels in the median` +
            (sides[0] === sides[2] ? "" : `, half of the images have ${count(sides[0])} to ${count(sides[2])}`),
        ]
      : []),
    ...passedBy.map((message) => `${paint.yellow("note:")} ${printable(message)}`),
  ];
}

function sectionsOf({ broken, misnamed, copies, alike, odd, drawn }: CheckReport): Section[] {
  const conflicts = copies.filter(({ conflict }) => conflict);
  const leaks = copies.filter(({ conflict, leak }) => leak && !conflict);
  const others = copies.filter(({ conflict, leak }) => !leak && !conflict);
  return [
    {
      problem: true,
      title: `${quantity(broken.length, "file")} cannot be read`,
      findings: broken.map((image) => [[printable(image.name), printable(image.reason)]]),
      cure: "Replace or delete them; thaw leaves them out.",
    },
    {
      problem: true,
      title: `${quantity(conflicts.length, "picture is", "pictures are")} filed under different classes`,
      findings: conflicts.map(copyRows),
      cure: "At most one class is right: keep the picture there, and delete it from the others.",
    },
    {
      problem: true,
      title: `${quantity(leaks.length, "picture is", "pictures are")} in more than one of training, validation and test`,
      findings: leaks.map(copyRows),
      cure: "Results will look better than they are: delete all but one copy of each.",
    },
    {
      problem: drawn,
      title: `${quantity(others.length, "picture is", "pictures are")} there more than once`,
      findings: others.map(copyRows),
      cure: drawn
        ? "The drawn split may train on one copy and validate on another, which flatters: delete all but one of each."
        : "Harmless, but each copy counts: delete all but one of each.",
    },
    {
      problem: false,
      title: `${quantity(alike.length, "group of pictures looks", "groups of pictures look")} much alike`,
      findings: alike.map((images) => groupRows("alike", images)),
      cure: "Look at them: shots of one scene or thing belong into the same folder of training, validation or test.",
    },
    {
      problem: false,
      title: `${quantity(misnamed.length, "file is", "files are")} of another kind than the name says`,
      findings: misnamed.map((image) => [[printable(image.name), `is ${image.format}`]]),
      cure: "thaw reads them by their content; other programs may not.",
    },
    {
      problem: false,
      title: `${quantity(odd.length, "image is", "images are")} of odd size`,
      findings: odd.map((image) => [[printable(image.name), `${count(image.width)} × ${count(image.height)}`, image.odd]]),
      cure: `Look at them: a side below ${TINY} pixels shows little, and beyond ${LONG}:1 the centre crop misses most.`,
    },
  ];
}

function copyRows({ exact, images }: Copies): Row[] {
  return groupRows(exact ? "same file" : "same picture", images);
}

/** A row for each image, what the group is before the first. */
function groupRows(what: string, images: readonly CheckedImage[]): Row[] {
  const named = images.length > NAMED + 1 ? images.slice(0, NAMED) : images;
  const rows = named.map((image, i) => [i > 0 ? "" : what, printable(image.name)]);
  return named.length < images.length ? [...rows, ["", `and ${count(images.length - named.length)} more of them`]] : rows;
}

function sectionLines({ problem, title, findings, cure }: Section, paint: Paint): string[] {
  const shown = findings.slice(0, SHOWN).filter((_, i) => i === 0 || findings.slice(0, i + 1).flat().length <= SHOWN);
  const lines = table(
    findings[0]![0]!.map(() => "left" as const),
    shown.flat(),
    paint,
    { indent: 2 },
  );
  const more = findings.length - shown.length;
  return [
    (problem ? paint.red : paint.yellow)(title),
    ...lines,
    ...(more > 0 ? [paint.dim(`  and ${count(more)} more; --json lists all`)] : []),
    cure,
  ];
}

function verdictLines(report: CheckReport, sections: readonly Section[], words: readonly string[], paint: Paint): string[] {
  if (!report.sound) {
    const problems = sections.filter(({ problem }) => problem).map(({ title }) => title);
    return [`${paint.bold(paint.red("Fix first:"))} ${problems.join("; ")}.`];
  }
  return [
    `${paint.bold(paint.green("Sound:"))} every image can be read, and no copies flatter the results. Next:`,
    "",
    `  ${nextCommand("train", ...words)}`,
  ];
}
