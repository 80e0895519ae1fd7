// The engine of `thaw studio` against the contract of the studio's engines.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { studioContract } from "../../../test/contract/studio.ts";
import type { StudioEngine } from "../protocol/engine.ts";
import { NodeStudio } from "./studio.node.ts";

studioContract(async () => {
  const root = mkdtempSync(join(tmpdir(), "thaw-engine-"));
  const studio = await NodeStudio.open({ folder: join(root, "photographs"), cache: join(root, "cache"), cores: 2, now: Date.now });
  onTestFinished(async () => {
    await studio.close();
    rmSync(root, { recursive: true });
  });
  // The server turns these bytes into answers to addresses.
  const made = new Map<string, Uint8Array>();
  const addressOf = (bytes: Uint8Array): string => {
    made.set(`made/${made.size}`, bytes);
    return `made/${made.size - 1}`;
  };
  const engine: StudioEngine = Object.assign(Object.create(studio), {
    picture: async (id, size) => addressOf((await studio.pictureBytes(id, size, new AbortController().signal)).bytes),
    heatMap: async (run, id, className) => addressOf((await studio.heatBytes(run, id, className)).bytes),
  } satisfies Partial<StudioEngine>);
  // Methods of a class with private fields need the object itself.
  const bound = new Proxy(engine, {
    get(target, name) {
      const own = Object.hasOwn(target, name) ? target[name as keyof StudioEngine] : studio[name as keyof NodeStudio];
      return typeof own === "function" ? (own as () => unknown).bind(studio) : own;
    },
  });
  const start = async (address: string) => [
    ...(made.get(address) ?? studio.download(address.split("/")[2] as string)?.bytes ?? []).slice(0, 4),
  ];
  return { engine: bound, start };
});
