// Where the pictures and weights lie that are too large to be committed: a folder beside the repository. Tests that read it skip where it is absent.

import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL("../../shared", import.meta.url));

/** The absolute path of that folder, without a closing slash; undefined where there is none. */
export const shared: string | undefined = existsSync(folder) ? folder : undefined;
