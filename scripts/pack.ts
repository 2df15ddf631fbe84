/**
 * `npm run pack`: one tarball with all that the mesh needs to run, which installs without a registry. Builds first; reads
 * the installed node_modules, so no network is needed either. `--json` prints what was made; `--output DIR`: not in `dist/`.
 * `--no-build`: what is built is what is packed.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { identifyRelease, stageRelease } from "../packages/cli/src/systemd/release/stage-release.ts";
import { ensureBuilt } from "./launch/build.mjs";
import { ROOT as CHECKOUT } from "./generate/root.ts";

const ROOT = resolve(CHECKOUT);
const beganAt = performance.now();
if (!process.argv.includes("--no-build")) ensureBuilt();
const info = await identifyRelease(ROOT);
const outputAt = process.argv.indexOf("--output");
const output = outputAt < 0 ? join(ROOT, "dist") : resolve(process.argv[outputAt + 1] ?? "dist");
mkdirSync(output, { recursive: true });
const stage = mkdtempSync(join(output, ".pack-"));
const folder = `kloros-mesh-${info.version}`;
const tarball = join(output, `${folder}-${info.platform}-${info.arch}.tar.gz`);
try {
  await stageRelease(ROOT, join(stage, folder), info);
  // The same release gives the same bytes, whoever packs it.
  const same = ["--sort=name", "--owner=0", "--group=0", "--numeric-owner", "--mtime=@0"];
  const { status } = spawnSync("tar", [...same, "-C", stage, "-czf", tarball, folder], { stdio: "inherit" });
  if (status !== 0) throw new Error(`tar ended with ${String(status)}`);
} finally {
  rmSync(stage, { recursive: true, force: true });
}
const { size } = statSync(tarball);
const tookS = Math.round((performance.now() - beganAt) / 100) / 10;
if (process.argv.includes("--json"))
  console.log(JSON.stringify({ tarball, id: info.id, bytes: size, took_s: tookS }));
else
  console.log(
    `${tarball}\n${(size / 2 ** 20).toFixed(1)} MiB, release ${info.id}, packed in ${tookS} s\n` +
      `Install it: tar xf … && sudo ./${folder}/bin/kloros install systemd`,
  );
