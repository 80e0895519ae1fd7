// The folder beside the repository with pictures and weights that are too large to commit. Tests that read it are skipped if it is absent.

import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL("../../shared", import.meta.url));

/** The absolute path of that folder, without a trailing slash; undefined if there is none. */
export const shared: string | undefined = existsSync(folder) ? folder : undefined;
