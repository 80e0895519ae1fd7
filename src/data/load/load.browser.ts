// Loading in a browser: it decodes in threads of its own, so the page's is enough for the rest.

import { type Load, loadHere } from "./load-task.ts";

export const pool: Load = { workers: () => 4, load: loadHere };
