// CRC-32C in Node, by the processor's own instruction.

import * as native from "@node-rs/crc32";
import type { Crc32c } from "./crc32c.ts";

export const crc32c: Crc32c = (bytes) => native.crc32c(bytes);
