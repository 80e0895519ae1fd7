// Downloads the file of a local hub: node download.mjs <address> <home>. Ends like the command thaw.

import { hubFile } from "../../dist/nn/hub/file.node.js";
import { ending } from "./ending.mjs";

const [address, home] = process.argv.slice(2);
const file = { repository: "owner/name", file: "model.safetensors", revision: "main" };
await ending(() => hubFile(file, { env: { HF_ENDPOINT: address, HF_HOME: home }, patience: 20 }));
