// What Node's entry exports and the browser's lacks is in the one table of docs/browser.md.

import { readFileSync } from "node:fs";
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

test("every function that a browser lacks is in the table of what it does not have, and no other is", () => {
  const inBrowser = valuesOf("src/index.browser.ts");
  const lacking = valuesOf("src/index.ts").filter((name) => !inBrowser.includes(name));
  expect(lacking).toContain("drawSample");
  const [, section = ""] = /^## What a browser does not have\n(.*?)^## /ms.exec(read("docs/browser.md")) ?? [];
  const named = [...section.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name);
  expect(named.toSorted()).toEqual(lacking.toSorted());
});
