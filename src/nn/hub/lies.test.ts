// Servers that lie: what is promised and what comes differ in every way that the protocol allows, and in some that it forbids.

import { expect, test } from "vitest";
import { checkLie, quickLies } from "../../../test/fixtures/hub-lies.ts";
import { hubFile } from "./file.node.ts";

test("they are many", () => expect(quickLies.length).toBeGreaterThan(80));

test.each(quickLies)("$name", async (lie) => {
  await checkLie(lie, (file, env) => hubFile(file, { env, patience: 1 }));
});
