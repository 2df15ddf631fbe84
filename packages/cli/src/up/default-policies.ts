/** The shipped `policies.yaml`, which lives once, with the policy engine. */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { FileError } from "@kloros/bus";

/** Three levels above `packages/cli/{src,dist}/up/`. */
const SHIPPED = fileURLToPath(new URL("../../../policy-engine/policies.yaml", import.meta.url));

/** @throws {FileError} */
export async function defaultPolicies(): Promise<string> {
  try {
    return await readFile(SHIPPED, "utf8");
  } catch (cause) {
    throw new FileError("read", SHIPPED, cause);
  }
}
