// Type-checks what users read: the ```ts blocks of the pages, against the types of the built package. Blocks under a heading that names
// the browser get a browser's types and entry, all others Node's. The declarations of the package and of all that they name are
// checked with them, as in a project without `skipLibCheck`.

import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const root = fileURLToPath(new URL("..", import.meta.url));
const pages = ["", "docs", "weights"].flatMap((folder) =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith(".md"))
    .map((name) => join(folder, name)),
);

/** Names that the pages use without saying where they come from; what a block declares itself precedes them. */
const GIVEN = {
  node: `
import type * as thaw from "thaw";
declare global {
  const learn: thaw.ConvLearner;
  const learner: thaw.ConvLearner;
  const data: thaw.ImageClassifierData;
  const arch: typeof thaw.resnet34;
  const uploads: Blob[];
  const files: string[];
  const pixels: thaw.ImageArray;
  const labels: number[];
  const val: [images: thaw.ImageArray, labels: number[]];
}`,
  browser: `
declare global {
  const input: HTMLInputElement;
  const file: File;
  const blob: Blob;
}
export {};`,
};

/** Declarations that take long to check and are not thaw's doing: TypeScript's own and Node's. */
const FOREIGN = /node_modules\/(typescript|@types\/node|undici-types)\//;

const common = {
  strict: true,
  noEmit: true,
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  moduleDetection: ts.ModuleDetectionKind.Force,
  skipLibCheck: false,
};
const OPTIONS = {
  node: { ...common, customConditions: ["node"], lib: ["lib.es2023.d.ts"], types: ["node"] },
  browser: { ...common, customConditions: ["browser"], lib: ["lib.es2023.d.ts", "lib.dom.d.ts", "lib.dom.iterable.d.ts"], types: [] },
};

/** The ```ts blocks of a page, each with the line it begins at and where it would run. */
function blocksOf(page) {
  const lines = readFileSync(join(root, page), "utf8").split("\n");
  const blocks = [];
  let [heading, block] = ["", undefined];
  for (const [i, line] of lines.entries()) {
    if (block === undefined && line.startsWith("#")) heading = line;
    if (block !== undefined && line === "```") {
      blocks.push(block);
      block = undefined;
    } else if (block !== undefined) block.code += `${line}\n`;
    else if (line === "```ts") block = { page, line: i + 2, code: "", where: /browser/i.test(heading) ? "browser" : "node" };
  }
  return blocks;
}

/** The names of thaw's that `code` uses, imports nowhere and does not declare. */
function unimported(code, exported) {
  const words = new Set(code.replace(/\/\/.*$/gm, "").match(/(?<![.\w"])[A-Za-z]\w*/g));
  const imported = [...code.matchAll(/import \{([^}]*)\}/g)].flatMap(([, names]) => names.match(/\w+/g));
  return exported.filter((name) => words.has(name) && !imported.includes(name) && !new RegExp(`(const|let) ${name}\\b`).test(code));
}

function check(where, blocks) {
  const files = new Map([[join(root, `docs/given-${where}.ts`), GIVEN[where]]]);
  const lineOf = new Map();
  // The first program finds out which names the entry exports; the second knows the blocks.
  const probe = join(root, "docs/probe.ts");
  const host = ts.createCompilerHost(OPTIONS[where]);
  const { fileExists, getSourceFile } = host;
  const cache = new Map();
  host.fileExists = (file) => files.has(file) || file === probe || fileExists(file);
  host.getSourceFile = (file, ...rest) => {
    const text = file === probe ? 'export * from "thaw";' : files.get(file);
    if (text !== undefined) return ts.createSourceFile(file, text, ...rest);
    if (!cache.has(file)) cache.set(file, getSourceFile(file, ...rest));
    return cache.get(file);
  };
  const first = ts.createProgram([probe], OPTIONS[where], host);
  const checker = first.getTypeChecker();
  const exported = checker.getExportsOfModule(checker.getSymbolAtLocation(first.getSourceFile(probe))).map(({ name }) => name);
  for (const { page, line, code } of blocks) {
    const file = join(root, dirname(page), `${page.replaceAll(/\W/g, "-")}-${line}.ts`);
    const names = unimported(code, exported);
    files.set(file, `${names.length > 0 ? `import { ${names.join(", ")} } from "thaw"; ` : ""}\n${code}`);
    lineOf.set(file, { page, line: line - 2 });
  }
  const program = ts.createProgram([...files.keys()], OPTIONS[where], host, first);
  const checked = program.getSourceFiles().filter(({ fileName }) => !FOREIGN.test(fileName));
  const found = checked.flatMap((file) => [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)]);
  return [...program.getGlobalDiagnostics(), ...found].map(({ file, start, code, messageText }) => {
    const message = `TS${code}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`;
    if (!file) return message;
    const { page, line } = lineOf.get(file.fileName) ?? { page: relative(root, file.fileName), line: 0 };
    return `${page}:${line + ts.getLineAndCharacterOfPosition(file, start).line + 1}: ${message}`;
  });
}

const blocks = pages.flatMap(blocksOf);
const problems = Object.keys(OPTIONS).flatMap((where) =>
  check(
    where,
    blocks.filter((block) => block.where === where),
  ),
);
for (const problem of problems) console.error(problem);
console.log(`${blocks.length} blocks of code on ${new Set(blocks.map(({ page }) => page)).size} pages checked`);
if (blocks.length === 0 || problems.length > 0) process.exitCode = 1;
