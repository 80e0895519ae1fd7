import { expect, test } from "vitest";
import type { FileTree } from "../../../data/files/file-tree.ts";
import type { StudioEngine, StudioEvent, StudioState } from "../../protocol/engine.ts";
import { Studio } from "../model/studio.ts";
import { addFiles, adding } from "./pictures-in.ts";

test("a folder that is picked before the engine has said what it can is opened where it can be, and not copied", async () => {
  let say: (event: StudioEvent) => void = () => {};
  const opened: string[] = [];
  const engine = {
    listen: (listener: typeof say) => {
      say = listener;
      return () => {};
    },
    list: async () => ({ ids: [], revision: 1 }),
    open: async (tree: FileTree) => {
      opened.push(tree.path);
    },
  } as unknown as StudioEngine;
  const studio = new Studio(engine);
  studio.open();
  const file = Object.assign(new File(["picture"], "1.jpg"), { webkitRelativePath: "pets/cats/1.jpg" });
  const added = addFiles(studio, [file]);
  // Said at once: the engine may have much to read before its first state.
  expect(adding.value).toMatchObject({ task: "Reading 1 file", total: 0 });
  say({ event: "state", state: { can: { apply: false, open: true }, counts: { photographs: 0 } } as unknown as StudioState });
  await added;
  expect(adding.value).toBeUndefined();
  expect(opened).toEqual(["pets"]);
  expect(studio.notices.shown.value).toEqual([]);
});
