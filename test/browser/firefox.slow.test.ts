// The main path in Firefox: photographs picked in file inputs, training in thaw's worker, answers, and the model in Node. Skipped where there
// is no Firefox (/usr/bin/firefox-esr, or the path in FIREFOX).

import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import sharp from "sharp";
import type { PreviewServer } from "vite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { drawSample, loadClassifier, photosFromBlobs, train } from "../../src/index.ts";
import { type FirefoxPage, openFirefox } from "./bidi.ts";
import { COURSE, ISOLATING, serveFilesPage } from "./files-page.ts";

const path = process.env.FIREFOX ?? "/usr/bin/firefox-esr";
const LONG = { timeout: 600_000 };

describe.skipIf(!existsSync(path))("in Firefox", () => {
  let folder: string;
  let server: PreviewServer;
  let address: string;
  let page: FirefoxPage;
  const pictures: Record<string, string[]> = {};

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "thaw-firefox-test-"));
    await drawSample({ folder: join(folder, "drawn"), count: 16 });
    // As PNG, which every browser reads to the same pixels.
    for (const name of ["cats", "dogs"]) {
      const source = join(folder, "drawn", "train", name);
      pictures[name] = await Promise.all(
        (await readdir(source)).map(async (file, i) => {
          const png = join(folder, `${name}-${i}.png`);
          await sharp(join(source, file)).png().toFile(png);
          return png;
        }),
      );
    }
    ({ server, address } = await serveFilesPage(folder, ISOLATING));
    page = await openFirefox(path);
    await page.goto(address);
    expect(await page.evaluate("document.title")).toBe("ready");
  }, LONG.timeout);
  afterAll(async () => {
    await page?.close();
    await server?.close();
    await rm(folder, { recursive: true });
  });

  test("files are picked and learnt as in Node, and Node answers with the model what the page answers", LONG, async () => {
    expect(await page.evaluate("crossOriginIsolated")).toBe(true);
    for (const name of ["cats", "dogs"]) await page.pick(`#${name}`, pictures[name] as string[]);
    const events = (await page.evaluate(`learn("models/pets", ${JSON.stringify(COURSE)})`)) as { event: string; validLoss: number }[];
    const losses = events.filter(({ event }) => event === "epoch").map(({ validLoss }) => validLoss);
    expect(losses).toBeAllClose(await lossesInNode(), 1e-3);
    const others = [pictures.cats![0]!, pictures.dogs![0]!, pictures.dogs![1]!];
    await page.pick("#others", others);
    const answers = (await page.evaluate('answers("models/pets")')) as number[];
    const zip = join(folder, "pets.zip");
    await writeFile(zip, Buffer.from((await page.evaluate('zipped("models/pets")')) as string, "base64"));
    const model = await loadClassifier(zip);
    expect(model.classes).toEqual(["cats", "dogs"]);
    const expected = await Promise.all(
      others.map(async (file) => (await model.predict(file)).find((row) => row.class === "cats")!.probability),
    );
    await model.dispose();
    expect(answers).toBeAllClose(expected, 1e-4);
    expect(new Set(answers.map((probability) => probability.toFixed(3))).size).toBeGreaterThan(1);
  });

  /** The validation losses of the same run in Node, from the same files. */
  async function lossesInNode(): Promise<number[]> {
    const files = Object.fromEntries(
      await Promise.all(
        Object.entries(pictures).map(async ([name, paths]) => {
          const read = async (path: string): Promise<File> => new File([await readFile(path)], basename(path));
          return [name, await Promise.all(paths.map(read))] as const;
        }),
      ),
    );
    const losses: number[] = [];
    await train({
      ...COURSE,
      folder: photosFromBlobs(files),
      out: join(folder, "node"),
      cache: join(folder, "cache"),
      report: false,
      onEvent: (event) => event.event === "epoch" && losses.push(event.validLoss),
    });
    return losses;
  }

  test("what was stored is there when the page is loaded again", LONG, async () => {
    await page.goto(address);
    await page.pick("#others", [pictures.cats![2]!]);
    expect(await page.evaluate('answers("models/pets")')).toEqual([expect.any(Number)]);
    await expect(page.evaluate(`learn("models/pets", ${JSON.stringify(COURSE)})`)).rejects.toThrow("already holds a model");
  });
});
