// How far the pixels of Chromium and Firefox are from Node's: node bench/browser/decoding.mjs <folder> ... [--count 50] (after npm run build;
// CHROMIUM and FIREFOX name the browsers). Of each folder as many photographs as asked for, evenly spread; writes
// bench/results/browser-decoding.md.

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
const chromiumBrowser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu"],
});
const { openFirefox } = await server.ssrLoadModule("/test/browser/bidi.ts");
/** A page of each browser: both evaluate an expression. */
const pages = {
  Chromium: await chromiumBrowser.newPage(),
  Firefox: await openFirefox(process.env.FIREFOX ?? "/usr/bin/firefox-esr"),
};
const address = `${server.resolvedUrls.local[0]}bench/browser/page/blank.html`;
for (const page of Object.values(pages)) await page.goto(address);

/** The picture's own pixels and those at 224, as a browser gives them. */
async function inPage(page, bytes) {
  const work = async (base64, spec) => {
    const { decoder } = await import("/dist/data/decode/decode.browser.js");
    const { loadImage } = await import("/dist/data/load/load-image.js");
    const file = Uint8Array.fromBase64(base64);
    const { width, height, data } = await decoder.decode(file);
    return { width, height, data: data.toBase64(), small: (await loadImage(file, spec)).toBase64() };
  };
  const found = await page.evaluate(`(${work})(${JSON.stringify(bytes.toString("base64"))}, ${JSON.stringify(spec)})`);
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
  for (const [browser, page] of Object.entries(pages)) {
    const [own, small] = [[], []];
    for (const name of chosen) {
      const bytes = readFileSync(join(folder, name));
      const [node, web] = [await decoder.decode(bytes), await inPage(page, bytes)];
      if (node.width !== web.width || node.height !== web.height) throw new Error(`${name} has another size in ${browser}`);
      own.push(difference(node.data, web.data));
      small.push(difference(await loadImage(bytes, spec), web.small));
    }
    rows.push([basename(resolve(folder)), chosen.length, browser, ...summary(own), ...summary(small)]);
    console.error(rows.at(-1).join(" "));
  }
}
const versions = `Chromium ${chromiumBrowser.version()} and Firefox ${await pages.Firefox.evaluate("navigator.userAgent.split('/').at(-1)")}`;
await pages.Firefox.close();
await chromiumBrowser.close();
await server.close();
writeFileSync(
  new URL("../results/browser-decoding.md", import.meta.url),
  `# Pixels in browsers and in Node

${versions} on Linux, node ${process.version}. Command: \`node bench/browser/decoding.mjs <folder> ... --count ${count}\`.

Photographs spread evenly over each data set, decoded by a browser and by Node; differences of 8-bit values (0 to 255), first of
all the picture's pixels, then at 224 pixels (shorter side scaled, centre cropped), which is what a network sees.

| data set | photographs | browser | mean | largest | values that differ | at 224: mean | largest | values that differ |
| --- | ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: |
${rows.map((row) => `| ${row.join(" | ")} |`).join("\n")}
`,
);
