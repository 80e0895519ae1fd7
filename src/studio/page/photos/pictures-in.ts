// Pictures that come from outside: dropped, picked or pasted files, added a few at a time.

import { signal } from "@preact/signals";
import type { Progress } from "../../../core/progress.ts";
import { kindOfFile } from "../../../data/decode/file-names.ts";
import { type DroppedItems, photosFromDrop, photosFromFiles } from "../../../data/photographs/picked.ts";
import type { NewPicture } from "../../protocol/photographs.ts";
import type { Studio } from "../model/studio.ts";
import { bytes, counted } from "../model/words.ts";

/** How far adding is; undefined while nothing is added. */
export const adding = signal<Progress | undefined>(undefined);

/** A picture to be read when its turn comes, and where it lay in a folder that was picked. */
interface Incoming {
  readonly name: string;
  readonly read: () => Promise<Uint8Array>;
}

/** Adds files that were picked or pasted. A folder's own name is left out of theirs: what is in it are the classes. */
export async function addFiles(studio: Studio, files: readonly File[], className?: string): Promise<void> {
  await whileShown(`Reading ${counted(files.length, "file")}`, async () => {
    const { can } = await studio.ready;
    if (can.open && files.some((file) => file.webkitRelativePath !== "")) {
      await studio.try(studio.engine.open?.(photosFromFiles(files)) ?? Promise.resolve());
      return;
    }
    await addAll(
      studio,
      files.map((file) => ({
        name: file.webkitRelativePath.split("/").slice(1).join("/") || file.name,
        read: async () => new Uint8Array(await file.arrayBuffer()),
      })),
      className,
    );
  });
}

/** Adds what was dropped: files and whole folders. */
export async function addDropped(studio: Studio, data: DataTransfer): Promise<void> {
  const hasFolder = [...data.items].some((item) => item.webkitGetAsEntry()?.isDirectory);
  if (!hasFolder) return addFiles(studio, [...data.files]);
  // What was dropped can be asked for at once only.
  const tree = photosFromDrop(data.items as unknown as DroppedItems);
  await whileShown("Reading the folder", async () => {
    const { can } = await studio.ready;
    if (can.open) {
      await studio.try(studio.engine.open?.(tree) ?? Promise.resolve());
      return;
    }
    const names: string[] = [];
    const walk = async (folder: string): Promise<void> => {
      for (const { name, kind } of await tree.entries(folder)) {
        const path = folder === "" ? name : `${folder}/${name}`;
        if (kind === "folder") await walk(path);
        else if (kind === "file") names.push(path);
      }
    };
    await studio.try(walk(""));
    await addAll(
      studio,
      names.map((name) => ({ name, read: () => tree.read?.(name) ?? Promise.reject(new Error(`${name} cannot be read`)) })),
    );
  });
}

/** Does `work`, and shows `task` from now until it says better how far it is: the engine's first state may take a while. */
async function whileShown(task: string, work: () => Promise<void>): Promise<void> {
  adding.value = { task, done: 0, total: 0, unit: "files" };
  try {
    await work();
  } finally {
    adding.value = undefined;
  }
}

async function addAll(studio: Studio, incoming: readonly Incoming[], className?: string): Promise<void> {
  const most = studio.state.value?.mostBytes ?? Number.POSITIVE_INFINITY;
  const pictures = incoming.filter(({ name }) => kindOfFile(name.slice(name.lastIndexOf("/") + 1)) === "image");
  let [done, tooLarge] = [0, 0];
  for (const [i, { name, read }] of pictures.entries()) {
    adding.value = { task: "Adding photographs", done: i, total: pictures.length, unit: "photographs" };
    const content = await studio.try(read());
    if (!content) continue;
    if (content.length > most) {
      tooLarge++;
      continue;
    }
    const picture: NewPicture = { name, bytes: content, ...(className !== undefined && { class: className }) };
    if (!(await studio.try(studio.engine.add([picture])))) break;
    done++;
  }
  if (done > 0) studio.notices.add({ kind: "done", message: `Added ${counted(done, "photograph")}` });
  const others = incoming.length - pictures.length;
  if (others > 0)
    studio.notices.add({ kind: "warning", message: `Left out ${counted(others, "file")} that ${others === 1 ? "is" : "are"} no picture` });
  if (tooLarge > 0)
    studio.notices.add({
      kind: "warning",
      message: `Left out ${counted(tooLarge, "picture")} of more than ${bytes(most)}`,
      hint: "Make them smaller first.",
    });
}
