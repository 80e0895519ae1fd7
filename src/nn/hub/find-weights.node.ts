// Resolves the user's name for a network's weights: a path, a row of the catalogue, or a file of the hub; without a name, the weights that
// ship with thaw or else the network's first row.

import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { UsageError } from "../../core/errors.ts";
import { defaultWeights, type HubFile, type PublishedWeights, rowCalled, rowNames } from "../published/published.ts";
import type { Architecture } from "../scope.ts";
import { isIndex, readIndex } from "../shards.ts";
import { type HubOptions, hubFile } from "./file.node.ts";
import { parseHub } from "./hub-file.ts";
import type { FoundWeights } from "./weights.ts";

/** How to convert a file that only PyTorch can open: tensors by name, also inside a dictionary such as fastai's `learn.save` writes. */
const CONVERT =
  "A pickle is a program, which thaw does not run. With PyTorch installed, write its tensors as safetensors: " +
  `python -c "import sys, torch; from safetensors.torch import save_file as s; ` +
  "d = torch.load(sys.argv[1], map_location='cpu', weights_only=True); " +
  "d = next((d[k] for k in ('model', 'state_dict', 'model_state_dict') if isinstance(d.get(k), dict)), d); " +
  `s({k: v.clone().contiguous() for k, v in d.items() if torch.is_tensor(v)}, sys.argv[2])" weights.pth weights.safetensors. ` +
  "If PyTorch refuses it, it holds a whole model or learner (torch.save(model), learn.export) and runs code when it is opened: if you trust " +
  "it, open it in Python where it was made (torch.load with weights_only=False, or fastai's load_learner), save only its tensors with " +
  "torch.save(model.state_dict(), 'weights.pth') (learn.model.state_dict() for a learner), and convert that file.";

/**
 * The file with the weights of `architecture` that `named` refers to: the path of a file or of its folder, the name of a row of the
 * catalogue, "hf:owner/repository", "hf:owner/repository/file" or either followed by "@revision"; undefined for the network's default
 * weights. Downloads files of the hub. Throws a UsageError that says what was looked for and what to do.
 */
export async function findWeights(architecture: Architecture, named: string | undefined, options: HubOptions = {}): Promise<FoundWeights> {
  if (named === undefined) return ofRow(architecture, defaultWeights(architecture.name), options);
  if (named.startsWith("hf:")) return { path: await withShards(parseHub(named), options) };
  const found = await stat(named).catch(() => undefined);
  if (found) return { path: found.isDirectory() ? await fileIn(named) : notPickle(named) };
  const row = rowCalled(named, architecture.name);
  if (row) return ofRow(architecture, row, options);
  throw new UsageError(
    `There is no file, folder or published weights called ${named}`,
    `Give the path of a safetensors file, or for ${architecture.name} one of ${rowNames(architecture.name)}.`,
  );
}

async function ofRow(architecture: Architecture, row: PublishedWeights | undefined, options: HubOptions): Promise<FoundWeights> {
  if (row?.hub) return { path: await hubFile({ ...row.hub, sha256: row.sha256 }, options), row };
  if (row && architecture.shipped !== undefined)
    return { path: fileURLToPath(new URL(`../../../weights/${architecture.shipped}`, import.meta.url)), row };
  throw new UsageError(`The weights of ${architecture.name} are not published as safetensors`, `Name a file with --weights. ${CONVERT}`);
}

/** The path of a file of the hub; the files that an index names are downloaded too, into its folder. */
async function withShards(file: HubFile, options: HubOptions): Promise<string> {
  const path = await hubFile(file, options);
  if (!isIndex(file.file)) return path;
  const folder = file.file.slice(0, file.file.lastIndexOf("/") + 1);
  for (const shard of new Set(readIndex(await readFile(path), path).values())) await hubFile({ ...file, file: folder + shard }, options);
  return path;
}

async function fileIn(folder: string): Promise<string> {
  const names = await readdir(folder);
  const files = names.filter((name) => name.endsWith(".safetensors"));
  const [file] = files.includes("model.safetensors") ? ["model.safetensors"] : files;
  const indices = names.filter(isIndex);
  if (files.length > 1 && file !== "model.safetensors" && indices.length === 1) return join(folder, indices[0] as string);
  if (file !== undefined && (files.length === 1 || file === "model.safetensors")) return join(folder, file);
  if (files.length > 1)
    throw new UsageError(`${folder} holds ${files.length} safetensors files (${files.slice(0, 3).join(", ")}, …)`, "Name one of them.");
  const pickle = names.find((name) => PICKLE.test(name));
  if (pickle !== undefined) notPickle(join(folder, pickle));
  throw new UsageError(`${folder} holds no safetensors file`, "Give the folder that holds model.safetensors, or the file itself.");
}

const PICKLE = /\.(bin|pth|pt|pkl|ckpt)$/;

function notPickle(path: string): string {
  if (PICKLE.test(path)) throw new UsageError(`${path} is a PyTorch file (a pickle), not safetensors`, CONVERT);
  return path;
}
