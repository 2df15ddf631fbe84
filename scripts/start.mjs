// `npm start`: from a bare checkout to a running mesh. Installs and builds what is missing or stale, checks that the
// native parts load, then becomes `kloros up` on ./.kloros; further arguments go to it (`npm start -- --workspace DIR`).
import { requireSupportedNode } from "./launch/node-version.mjs";

requireSupportedNode();
import("./launch/start-mesh.mjs")
  .then(function (launch) {
    return launch.startMesh(process.argv.slice(2));
  })
  .catch(function (error) {
    console.error(error.code === "E_LAUNCH" ? error.message : error);
    process.exit(error.code === "E_LAUNCH" ? 69 : 70);
  });
