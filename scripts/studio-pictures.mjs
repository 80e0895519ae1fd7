// Draws the pictures of the studio in docs/images, on drawn cats and dogs: node scripts/studio-pictures.mjs (after npm run build; CHROMIUM names
// the browser). A person with a keyboard would do the same: label a few, accept what is sure, train, look, try.

import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright";
import sharp from "sharp";

const root = fileURLToPath(new URL("..", import.meta.url));
const images = join(root, "docs/images");
const place = mkdtempSync(join(tmpdir(), "thaw-studio-"));
const folder = join(place, "pets");
/** Pictures of each kind that have a label already. */
const LABELLED = 12;
const FRAME = { width: 1280, height: 800 };
const QUALITY = 82;

/** A folder of drawn animals: a few are sorted into folders, the others lie in a heap. */
function drawPets() {
  spawnSync(process.execPath, ["dist/cli/main.js", "sample", join(place, "drawn"), "--count", "240"], { cwd: root, stdio: "inherit" });
  mkdirSync(folder);
  for (const kind of ["cats", "dogs"]) {
    mkdirSync(join(folder, kind));
    const from = join(place, "drawn/train", kind);
    for (const [i, name] of readdirSync(from).entries()) renameSync(join(from, name), join(folder, i < LABELLED ? kind : "", name));
  }
}

/** The address that `thaw studio` prints. */
async function start() {
  const studio = spawn(process.execPath, ["dist/cli/main.js", "studio", folder, "--no-open", "--json", "--offline"], { cwd: root });
  studio.stderr.pipe(process.stderr);
  for await (const line of createInterface(studio.stdout)) {
    const said = JSON.parse(line);
    if (said.event === "listening") return { studio, url: said.url };
  }
  throw new Error("thaw studio has ended");
}

drawPets();
const { studio, url } = await start();
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu"],
});
const page = await browser.newPage({ viewport: FRAME, reducedMotion: "reduce" });
const frames = [];

/** Keeps what is seen as a frame of the animation, for so many milliseconds. */
async function frame(delay) {
  frames.push({ png: await page.screenshot(), delay });
}
const shot = async (name) =>
  sharp(await page.screenshot())
    .webp({ quality: QUALITY })
    .toFile(join(images, `studio-${name}.webp`));
const wait = (milliseconds) => page.waitForTimeout(milliseconds);

await page.goto(url);
await page.getByText("Guesses are right for").waitFor({ timeout: 120_000 });
await page.getByLabel("Order").selectOption("uncertain");
await wait(1500);
await frame(1500);
await page.locator('[data-place="0"]').click();
for (let i = 0; i < 5; i++) {
  const row = page.locator('[role="option"][aria-selected="true"]');
  const name = await row.textContent();
  await page.keyboard.press(/cat-/.test(name) ? "1" : "2");
  await wait(700);
  await frame(700);
}
await page.getByLabel("State").selectOption("unlabelled");
await page.getByLabel("Order").selectOption("sure");
await wait(1500);
await frame(1200);
await page.locator('[data-place="0"]').click();
for (let i = 0; i < 3; i++) {
  await page.keyboard.press("Enter");
  await wait(900);
  await frame(800);
}
await shot("photos");
// All others at once.
await page.keyboard.press("Control+a");
await page.keyboard.press("Enter");
await wait(1500);
await frame(1200);
await page.getByRole("link", { name: "Train" }).click();
await page.getByRole("slider").fill("1");
await frame(1200);
await page.getByRole("button", { name: "Train", exact: true }).click();
const done = page.getByRole("button", { name: "See the results" });
for (let i = 0; !(await done.isVisible()) && i < 150; i++) {
  await wait(2000);
  if (i % 4 === 3) await frame(600);
}
await shot("train");
await done.click();
await page.getByRole("heading", { name: "Largest losses" }).waitFor();
await page.locator(".finding-picture img").first().waitFor();
await wait(8000);
await frame(2000);
await shot("results");
await page.getByRole("link", { name: "Try" }).click();
const tried = join(place, "drawn/valid/dogs");
await page.getByLabel("Picture to try").setInputFiles(join(tried, readdirSync(tried)[0]));
await page.locator(".first-answer").waitFor();
await wait(500);
await frame(2500);
await shot("try");

const small = await Promise.all(frames.map(({ png }) => sharp(png).resize({ width: 960 }).png().toBuffer()));
await sharp(small, { join: { animated: true } })
  .webp({ quality: 70, effort: 6, delay: frames.map(({ delay }) => delay), loop: 0 })
  .toFile(join(images, "studio.webp"));
await browser.close();
studio.kill("SIGINT");
await new Promise((resolve) => studio.once("exit", resolve));
rmSync(place, { recursive: true });
