import { defineConfig } from "vitest/config";

export default defineConfig({
  resolve: { conditions: ["thaw-source"] },
  ssr: { resolve: { conditions: ["thaw-source"] } },
  test: { include: ["src/**/*.test.ts", "test/**/*.test.ts"], testTimeout: 60_000 },
});
