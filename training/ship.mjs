// From a checkpoint of the training to the file that ships: the body's weights and running statistics alone, in half precision.
// node training/ship.mjs --checkpoint <file> --out weights/thaw_small.safetensors

import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { writeFile } from "../dist/core/files.node.js";
import { thawSmall as student } from "../dist/nn/architectures/thaw-small.js";
import { readSafetensors, writeSafetensors } from "../dist/nn/safetensors.js";
import { bodyParameters, matchParameters } from "../dist/nn/weights.js";

const { values: flags } = parseArgs({ options: { checkpoint: { type: "string" }, out: { type: "string" } } });
const tensors = readSafetensors(await readFile(flags.checkpoint), flags.checkpoint);
const specs = bodyParameters(student);
const body = new Map(specs.map(({ name }) => [name, tensors.get(name)]).filter(([, tensor]) => tensor));
const bytes = writeSafetensors(matchParameters(specs, body, flags.checkpoint), { half: true, metadata: { architecture: student.name } });
await writeFile(flags.out, bytes);
process.stdout.write(`${flags.out}: ${(bytes.length / 1e6).toFixed(2)} MB after ${tensors.get("progress").data[0]} steps\n`);
