// The commands that thaw proposes can be pasted.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { thawCommand } from "./next-command.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "thaw-path-"));
  writeFileSync(join(folder, process.platform === "win32" ? "thaw.cmd" : "thaw"), "");
});
afterAll(() => rmSync(folder, { recursive: true }));

test("thaw is proposed by itself only if a shell would find it", () => {
  expect(thawCommand({ PATH: ["/usr/bin", folder].join(delimiter) })).toBe("thaw");
  expect(thawCommand({ PATH: "/nowhere" })).toBe("npx thaw");
  expect(thawCommand({})).toBe("npx thaw");
});

test("a folder that npx put on the PATH does not count, and pnpm's users are told pnpm", () => {
  const bin = join(folder, "node_modules", ".bin");
  expect(thawCommand({ PATH: bin })).toBe("npx thaw");
  expect(thawCommand({ PATH: bin, npm_config_user_agent: "npm/11.0.0 node/v20" })).toBe("npx thaw");
  expect(thawCommand({ PATH: bin, npm_config_user_agent: "pnpm/12.0.0 npm/? node/v20" })).toBe("pnpm exec thaw");
});
