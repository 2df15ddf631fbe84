import { defineConfig } from "vitest/config";

// The one tool configuration that vitest only looks for in the root.
export default defineConfig({
  ssr: { resolve: { conditions: ["source", "module", "node", "import", "default"] } },
  test: {
    include: ["packages/*/test/**/*.test.ts", "test/**/*.test.ts"],
    globalSetup: "test/require-built.ts",
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: "forks",
    // Most tests wait for processes and disks, so three at a time are faster even on two cores.
    maxWorkers: 3,
    // The files of a worker share what they import: loading it anew for each costs more than most tests do.
    // So a test puts back what it changes of its process (environment, clock, mocks).
    isolate: false,
    // Real processes on a shared machine: CI tries a failed test once more, and the report marks it as retried.
    retry: process.env["CI"] === undefined ? 0 : 1,
  },
});
