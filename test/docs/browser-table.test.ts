// What Node's entry exports and the browser's lacks is in the one table of docs/browser.md, and absent from the types of the built package.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { expect, test } from "vitest";

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

/** The values that an entry exports beside those of index.common.ts. Throws for an export that it cannot read. */
function valuesOf(entry: string): readonly string[] {
  const statements = read(entry).match(/^export [^;]*;/gm) ?? [];
  const own = statements.filter((statement) => statement !== 'export * from "./index.common.ts";');
  expect(own).toHaveLength(statements.length - 1);
  return own.flatMap((statement) => {
    const [, type, names] = /^export (type )?\{([^}]*)\} from/.exec(statement) ?? [];
    if (names === undefined) throw new Error(`${entry}: ${statement}`);
    if (type !== undefined) return [];
    return names.split(",").flatMap((name) => (/^\s*(type |$)/.test(name) ? [] : [name.trim()]));
  });
}

/** The rows of the table whose first cell matches `cell`, by what it captures. */
function named(cell: RegExp): readonly (string | undefined)[] {
  const [, section = ""] = /^## What a browser does not have\n(.*?)^## /ms.exec(read("docs/browser.md")) ?? [];
  return [...section.matchAll(new RegExp(`^\\| ${cell.source} \\|`, "gm"))].map(([, name]) => name).toSorted();
}

/** The devices that the package's types have under `condition`. */
function devicesUnder(condition: "node" | "browser"): readonly string[] {
  const file = fileURLToPath(new URL("../../probe.ts", import.meta.url));
  const options = {
    strict: true,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    customConditions: [condition],
    types: [],
  };
  const host = ts.createCompilerHost(options);
  const { getSourceFile } = host;
  const code = 'export type Probe = import("thaw/runtime").Device;';
  host.getSourceFile = (name, version, ...rest) =>
    name === file ? ts.createSourceFile(name, code, version) : getSourceFile(name, version, ...rest);
  const program = ts.createProgram([file], options, host);
  const checker = program.getTypeChecker();
  const [probe] = checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(file)!)!);
  const type = checker.getDeclaredTypeOfSymbol(probe!);
  return (type.isUnion() ? type.types : [type]).map((one) => (one.isStringLiteral() ? one.value : checker.typeToString(one))).toSorted();
}

test("every function that a browser lacks is in the table of what it does not have, and no other is", () => {
  const inBrowser = valuesOf("src/index.browser.ts");
  const lacking = valuesOf("src/index.ts").filter((name) => !inBrowser.includes(name));
  expect(lacking).toContain("drawSample");
  expect(named(/`(\w+)`/)).toEqual(lacking.toSorted());
});

test("a device that a browser lacks is in the table, and absent from the browser's types", () => {
  const [inNode, inBrowser] = [devicesUnder("node"), devicesUnder("browser")];
  expect(inNode).toEqual(["cpu", "wasm", "webgpu"]);
  expect(inBrowser).toEqual(inNode.filter((device) => !named(/the device `"(\w+)"`/).includes(device)));
  expect(inBrowser).not.toContain("cpu");
});
