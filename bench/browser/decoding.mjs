// How far Chromium's pixels are from Node's: node bench/browser/decoding.mjs <folder> ... [--count 50] (after npm run build; CHROMIUM names the
// browser). Of each folder as many photographs as asked for, evenly spread; writes bench/results/browser-decoding.md.

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { chromium } from "playwright";
import { createServer } from "vite";
import { decoder } from "../../dist/data/decode/decode.node.js";
import { loadImage, tfmsFromModel } from "../../dist/data/index.js";

const { values, positionals } = parseArgs({ options: { count: { type: "string", default: "50" } }, allowPositionals: true });
const count = Number(values.count);
const { valid: spec } = tfmsFromModel({ mean: [0, 0, 0], std: [1, 1, 1] }, 224);
const root = fileURLToPath(new URL("../..", import.meta.url));
const server = await createServer({ root, configFile: false, logLevel: "error", appType: "mpa", server: { port: 0 } });
await server.listen();
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu"],
});
const page = await browser.newPage();
await page.goto(`${server.resolvedUrls.local[0]}examples/browser/index.html`, { waitUntil: "domcontentloaded" });

/** The picture's own pixels and those at 224, as Chromium gives them. */
async function inChromium(bytes) {
  const found = await page.evaluate(
    async ({ bytes, spec }) => {
      const { decoder } = await import("/dist/data/decode/decode.browser.js");
      const { loadImage } = await import("/dist/data/load/load-image.js");
      const file = Uint8Array.fromBase64(bytes);
      const { width, height, data } = await decoder.decode(file);
      return { width, height, data: data.toBase64(), small: (await loadImage(file, spec)).toBase64() };
    },
    { bytes: bytes.toString("base64"), spec },
  );
  return { ...found, data: Buffer.from(found.data, "base64"), small: Buffer.from(found.small, "base64") };
}

/** Mean and largest difference, and the part of the values that differ. */
function difference(a, b) {
  let [sum, most, differing] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    const by = Math.abs(a[i] - b[i]);
    sum += by;
    most = Math.max(most, by);
    if (by > 0) differing++;
  }
  return { mean: sum / a.length, most, differing: differing / a.length };
}

const summary = (all) => {
  const mean = all.reduce((sum, each) => sum + each.mean, 0) / all.length;
  const differing = all.reduce((sum, each) => sum + each.differing, 0) / all.length;
  return [mean.toFixed(3), Math.max(...all.map(({ most }) => most)), `${(100 * differing).toFixed(1)} %`];
};

const rows = [];
for (const folder of positionals) {
  const files = readdirSync(folder, { recursive: true })
    .filter((name) => /\.(jpe?g|png|webp|gif|avif)$/i.test(name))
    .sort();
  const chosen = Array.from({ length: Math.min(count, files.length) }, (_, i) => files[Math.floor((i * files.length) / count)]);
  const [own, small] = [[], []];
  for (const name of chosen) {
    const bytes = readFileSync(join(folder, name));
    const [node, web] = [await decoder.decode(bytes), await inChromium(bytes)];
    if (node.width !== web.width || node.height !== web.height) throw new Error(`${name} has another size in Chromium`);
    own.push(difference(node.data, web.data));
    small.push(difference(await loadImage(bytes, spec), web.small));
  }
  rows.push([basename(resolve(folder)), chosen.length, ...summary(own), ...summary(small)]);
  console.error(rows.at(-1).join(" "));
}
const version = browser.version();
await browser.close();
await server.close();
writeFileSync(
  new URL("../results/browser-decoding.md", import.meta.url),
  `# Pixels in Chromium and in Node

Chromium ${version} on Linux, node ${process.version}. Command: \`node bench/browser/decoding.mjs <folder> ... --count ${count}\`.

Photographs spread evenly over each data set, decoded by the browser and by Node; differences of 8-bit values (0 to 255), first of
all the picture's pixels, then at 224 pixels (shorter side scaled, centre cropped), which is what a network sees.

| data set | photographs | mean | largest | values that differ | at 224: mean | largest | values that differ |
| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
${rows.map((row) => `| ${row.join(" | ")} |`).join("\n")}
`,
);
