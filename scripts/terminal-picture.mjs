// Draws the README's picture of a terminal: node scripts/terminal-picture.mjs <photographs> <MobileNetV2's weights>
// (after npm run build; CHROMIUM names the browser). It shows what the command has printed when the second stage is under way. Needs Linux's script.

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright";

const [photographs, weights] = process.argv.slice(2);
if (!photographs || !weights) {
  console.error("Name a folder of photographs and MobileNetV2's weights.");
  process.exit(2);
}
const root = fileURLToPath(new URL("..", import.meta.url));
const [COLUMNS, ROWS] = [100, 60];
const place = mkdtempSync(join(tmpdir(), "thaw-terminal-"));
const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;
const command = ["node", join(root, "dist/cli/main.js"), "train", photographs, "--arch", "mobilenet_v2", "--weights", weights];
const flags = ["--out", join(place, "model"), "--cache", join(place, "cache")];

/** What the command prints on a terminal, until its second stage has gone on for some seconds. */
async function printed() {
  const line = `stty cols ${COLUMNS} rows ${ROWS}; exec ${[...command, ...flags].map(quoted).join(" ")}`;
  const child = spawn("script", ["-qfec", line, "/dev/null"], { cwd: place, env: { ...process.env, TERM: "xterm-256color" } });
  let text = "";
  await new Promise((resolve) => {
    let seen = false;
    child.stdout.on("data", (chunk) => {
      text += chunk;
      if (seen || !/augment.*: .*learning rate.*Training, epoch/s.test(text)) return;
      seen = true;
      setTimeout(resolve, 4000);
    });
    child.on("close", resolve);
  });
  child.kill("SIGKILL");
  return text;
}

/** A window with what a terminal shows of `text`. */
async function draw(text, file) {
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
  const page = await browser.newPage({ viewport: { width: 1200, height: 1400 }, deviceScaleFactor: 2 });
  await page.setContent(`<style>body { margin: 0; background: transparent } main { display: inline-block; padding: 14px 20px 18px;
    background: #0d1117; border-radius: 12px } header { display: flex; gap: 8px; margin: 2px 0 16px }
    i { width: 12px; height: 12px; border-radius: 50% } .xterm-viewport { overflow: hidden !important }</style>
    <main><header><i style="background:#ff5f57"></i><i style="background:#febc2e"></i><i style="background:#28c840"></i></header>
    <div id="terminal"></div></main>`);
  const xterm = fileURLToPath(new URL("../node_modules/@xterm/xterm", import.meta.url));
  await page.addStyleTag({ path: join(xterm, "css/xterm.css") });
  await page.addScriptTag({ path: join(xterm, "lib/xterm.js") });
  await page.evaluate(
    async ([columns, rows, text]) => {
      const terminal = new Terminal({
        cols: columns,
        rows,
        fontSize: 14,
        lineHeight: 1.25,
        fontFamily: "DejaVu Sans Mono, monospace",
        cursorStyle: "bar",
        cursorInactiveStyle: "none",
        theme: { background: "#0d1117", foreground: "#e6edf3", cyan: "#76e3ea", green: "#7ee787", brightBlack: "#8b949e" },
      });
      terminal.open(document.querySelector("#terminal"));
      await new Promise((resolve) => terminal.write(text, resolve));
      const { baseY, cursorY } = terminal.buffer.active;
      terminal.resize(columns, baseY + cursorY + 1);
      await new Promise((resolve) => setTimeout(resolve, 500));
    },
    [COLUMNS, ROWS, text],
  );
  await page.locator("main").screenshot({ path: file, omitBackground: true });
  await browser.close();
}

try {
  const prompt = "\x1b[32m$\x1b[0m \x1b[1mnpx thaw train dogscats --arch mobilenet_v2 --weights mobilenet_v2.safetensors\x1b[0m\r\n";
  await draw(prompt + (await printed()), join(root, "docs/images/terminal.png"));
} finally {
  rmSync(place, { recursive: true, force: true });
}
