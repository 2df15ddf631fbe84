/** `chem-bus keys`, as a person and as a program use it. */
import { chmodSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { runCli, temporaryFolder } from "../run-cli.ts";

interface Row {
  readonly name: string;
  readonly kind: string;
  readonly state: string;
  readonly fingerprint: string;
  readonly public_key: string;
}

interface Added extends Row {
  readonly created: boolean;
  readonly secret_file: string | null;
  readonly emitters: readonly { name: string; live: string; ledger: string; public_key: string }[];
}

test("keys are made once, a client is let in and revoked, and each step says what the other side needs", async () => {
  const folder = temporaryFolder();
  onTestFinished(folder.remove);
  const home = join(folder.path, "home");
  const keys = async (...args: string[]) => runCli("chem-bus", ["keys", ...args, "--home", home]);
  const ask = async <T>(...args: string[]) => JSON.parse((await keys(...args, "--json")).stdout) as T;

  const made = await keys("init");
  expect(made).toMatchObject({ code: 0, stderr: "" });
  expect(made.stdout).toMatch(/made 10 keys: intent_router, .*chem_bus/);
  expect(made.stdout).toContain("transport: tcp");
  expect(statSync(join(home, "keys")).mode & 0o777).toBe(0o700);
  const before = await ask<Row[]>("list");
  expect(before.map(({ kind }) => kind)).toEqual([...Array<string>(9).fill("daemon"), "command"]);
  expect((await keys("init")).stdout).toContain("nothing to make, 10 keys kept");
  expect(await ask<Row[]>("list")).toEqual(before);

  writeFileSync(join(home, "mesh.yaml"), "transport: tcp\ntcp_port_offset: 1000\n");
  const added = await ask<Added>("add", "dashboard");
  expect(added).toMatchObject({ name: "dashboard", kind: "client", created: true });
  expect(added.emitters).toHaveLength(9);
  expect(added.emitters[0]).toEqual({
    name: "intent_router",
    live: "tcp://127.0.0.1:8777",
    ledger: "tcp://127.0.0.1:8877",
    public_key: before[0]?.public_key,
  });
  const secret = JSON.parse(readFileSync(String(added.secret_file), "utf8")) as Row;
  expect(secret.public_key).toBe(added.public_key);
  const again = await keys("add", "dashboard");
  expect(again.stdout).toContain("may connect already");
  expect(again.stdout).not.toContain("secret_key");

  const revoked = await keys("revoke", "dashboard");
  expect(revoked.stdout).toContain(`dashboard (${added.fingerprint}) is refused from now on`);
  expect(await keys("revoke", "dashboard")).toMatchObject({ code: 1 });
  const list = (await keys("list")).stdout;
  expect(list).toMatch(new RegExp(`dashboard +client +${added.fingerprint} +revoked`));
  const elsewhere = await keys("add", "tablet", "--public-key", added.public_key);
  expect(elsewhere).toMatchObject({ code: 1, stderr: expect.stringContaining("was revoked on") as string });

  chmodSync(join(home, "keys", "allowed.json"), 0o644);
  const open = await keys("list");
  expect(open).toMatchObject({ code: 78, stderr: expect.stringContaining("chmod 600") as string });
});
