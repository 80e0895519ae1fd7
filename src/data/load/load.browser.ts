// Loading in a browser: it decodes in threads of its own, so the page's is enough for the rest.

import { inspectHere } from "./inspect.ts";
import { loadHere } from "./load-task.ts";
import type { Pool } from "./pool.ts";
import { scanHere } from "./scan-file.ts";

export const pool: Pool = { workers: () => 4, load: loadHere, scan: scanHere, inspect: inspectHere, close: async () => {} };
