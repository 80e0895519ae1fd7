// The contract of stores for the store in memory, in Node and in browsers; src/core/store/disk.node.test.ts runs it on a disk.

import { memoryStore } from "./memory-store.ts";
import { storeContract } from "./store.ts";

storeContract(async () => memoryStore());
