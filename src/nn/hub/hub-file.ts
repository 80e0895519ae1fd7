// The names of files on the hub, as users write them.

import { expected } from "../../core/errors.ts";
import type { HubFile } from "../published/published.ts";

/** What "hf:owner/repository/file@revision" names; without a file model.safetensors, without a revision the newest. */
export function parseHub(text: string): HubFile {
  const [path = "", revision = "main"] = text.slice("hf:".length).split("@");
  const [owner, name, ...file] = path.split("/");
  return { repository: `${owner}/${name ?? ""}`, file: file.length > 0 ? file.join("/") : "model.safetensors", revision };
}

/** Throws a UsageError for names that would lead out of the folder of a cache, or to another address. */
export function checkHubFile({ repository, file, revision }: HubFile): void {
  for (const [name, text] of [
    ["the repository", repository],
    ["the file", file],
    ["the revision", revision],
  ] as const) {
    if (!/^[\w.-]+(\/[\w.-]+)*$/.test(text) || text.split("/").some((part) => /^\.+$/.test(part)))
      throw expected(
        "letters, digits, dots, dashes and single slashes",
        `${name} on the hub`,
        text,
        "Write hf:owner/repository/file@revision.",
      );
  }
}
