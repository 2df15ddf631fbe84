// `npm test`: installs and builds what is missing or stale, then `npm run check`, then every test this machine can run.
// Arguments go to vitest, and then only the tests run (`npm test -- packages/bus -t "a torn block"`).
import { requireSupportedNode } from "./launch/node-version.mjs";

requireSupportedNode();
import("./launch/run-tests.mjs")
  .then(function (launch) {
    process.exitCode = launch.runTests(process.argv.slice(2));
  })
  .catch(function (error) {
    console.error(error.code === "E_LAUNCH" ? error.message : error);
    process.exit(error.code === "E_LAUNCH" ? 69 : 70);
  });
