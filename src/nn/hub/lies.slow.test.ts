// Servers that keep a connection open and bring nothing, or a byte now and then.

import { test } from "vitest";
import { checkLie, slowLies } from "../../../test/fixtures/hub-lies.ts";
import { hubFile } from "./file.node.ts";

test.each(slowLies)("$name", async (lie) => {
  await checkLie(lie, (file, env) => hubFile(file, { env, patience: 1, stall: 250 }));
});
