import { defineConfig } from "vitest/config";

// The one tool configuration that vitest only looks for in the root.
export default defineConfig({
  ssr: { resolve: { conditions: ["source", "module", "node", "import", "default"] } },
  test: {
    include: ["packages/*/test/**/*.test.ts", "test/**/*.test.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: "forks",
    // Most tests wait for processes and disks, so two at a time is faster even on one core.
    maxWorkers: 2,
    // Real processes on a shared machine: CI tries a failed test once more, and the report marks it as retried.
    retry: process.env["CI"] === undefined ? 0 : 1,
  },
});
