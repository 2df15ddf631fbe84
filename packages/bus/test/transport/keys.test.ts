/** The files in `keys/`: made once, never overwritten, refused when others could have read them. */
import { chmodSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { curveKeyPair } from "zeromq";
import { readKeys, readSecret, secretPath } from "../../src/transport/keys/key-files.ts";
import { KeyRing, type KeyChange } from "../../src/transport/keys/key-ring.ts";
import { addKey, initKeys, revokeKey, rotateKey } from "../../src/transport/keys/key-store.ts";
import { decodeKey, encodeKey, fingerprintOf } from "../../src/transport/keys/z85.ts";
import { eventually } from "../mesh/eventually.ts";

const HELLO = Buffer.from("864FD26FB559F75B864FD26FB559F75B864FD26FB559F75B864FD26FB559F75B", "hex");

function newHome(): string {
  const home = mkdtempSync(join(tmpdir(), "kloros-keys-"));
  onTestFinished(() => {
    rmSync(home, { recursive: true, force: true });
  });
  return home;
}

const keyOf = (home: string, name: string) => readKeys(home).allowed.find((key) => key.name === name);

test("keys are written in Z85 as the specification writes them", () => {
  expect(encodeKey(HELLO)).toBe("HelloWorld".repeat(4));
  expect(decodeKey("HelloWorld".repeat(4))).toEqual(HELLO);
  const { publicKey } = curveKeyPair();
  expect(encodeKey(decodeKey(publicKey) ?? Buffer.alloc(0))).toBe(publicKey);
  for (const wrong of ["", "HelloWorld", `${"HelloWorld".repeat(3)}Hello orld`, "%".repeat(40)])
    expect(decodeKey(wrong)).toBeNull();
  expect(fingerprintOf(publicKey)).toMatch(/^[0-9a-f]{4}(-[0-9a-f]{4}){3}$/);
});

test("keys are made for every daemon and for the commands, private, and kept when they are made again", async () => {
  const home = newHome();
  expect((await initKeys(home, ["left", "right"])).created).toEqual(["left", "right", "chem_bus"]);
  const before = readKeys(home);
  expect(before.allowed.map(({ name, kind }) => [name, kind])).toEqual([
    ["left", "daemon"],
    ["right", "daemon"],
    ["chem_bus", "command"],
  ]);
  for (const file of ["allowed.json", "left.secret.json"])
    expect(statSync(join(home, "keys", file)).mode & 0o777).toBe(0o600);
  const [again] = await Promise.all([initKeys(home, ["left", "far"]), initKeys(home, ["left", "far"])]);
  expect(again.kept).toContain("left");
  expect(readKeys(home).allowed.slice(0, 3)).toEqual(before.allowed);
  expect(readKeys(home).allowed.filter(({ name }) => name === "far")).toHaveLength(1);
});

test("an init that was interrupted after the secret goes on with that secret", async () => {
  const home = newHome();
  await initKeys(home, ["left"]);
  const secret = readSecret(home, "left");
  rmSync(join(home, "keys", "allowed.json"));
  await initKeys(home, ["left"]);
  expect(readSecret(home, "left")).toEqual(secret);
  expect(keyOf(home, "left")?.public_key).toBe(secret?.public_key);
});

test("a revoked key stays revoked: init gives its daemon none, adding it again is refused, a new one is another", async () => {
  const home = newHome();
  await initKeys(home, ["left"]);
  const old = await revokeKey(home, "left");
  expect(readSecret(home, "left")).toBeNull();
  expect(await initKeys(home, ["left"])).toMatchObject({ created: [], revoked: ["left"] });
  const { public_key: publicKey } = old;
  await expect(addKey(home, "left", { kind: "daemon", publicKey })).rejects.toMatchObject({
    code: "E_KEY_REFUSED",
  });
  await expect(revokeKey(home, "left")).rejects.toThrow(/was revoked on/);
  const { key, secretFile } = await addKey(home, "left", { kind: "daemon" });
  expect(key.public_key).not.toBe(old.public_key);
  expect(secretFile).toBe(secretPath(home, "left"));
});

test("one name has one key: the same again changes nothing, another is refused, a rotation replaces it", async () => {
  const home = newHome();
  const { publicKey } = curveKeyPair();
  expect(await addKey(home, "dashboard", { kind: "client", publicKey })).toMatchObject({ created: true });
  expect(await addKey(home, "dashboard", { kind: "client", publicKey })).toMatchObject({ created: false });
  const other = curveKeyPair().publicKey;
  await expect(addKey(home, "dashboard", { kind: "client", publicKey: other })).rejects.toThrow(
    /another key/,
  );
  await expect(addKey(home, "copy", { kind: "client", publicKey })).rejects.toThrow(/key of dashboard/);
  await expect(rotateKey(home, "dashboard")).rejects.toThrow(/is not in this home/);
  await addKey(home, "tablet", { kind: "client" });
  const before = keyOf(home, "tablet")?.public_key ?? "";
  await rotateKey(home, "tablet");
  expect(keyOf(home, "tablet")?.public_key).not.toBe(before);
  expect(readKeys(home).revoked.map(({ public_key }) => public_key)).toEqual([before]);
});

test.each(["../left", "a/b", "", ".hidden", "x".repeat(65), "a\nb"])(
  "%j is no name for a key",
  async (name) => {
    const home = newHome();
    await expect(addKey(home, name, { kind: "client" })).rejects.toMatchObject({ code: "E_KEY_REFUSED" });
  },
);

test("a key file that others may read, that is a link or that is damaged is refused with what to do", async () => {
  const home = newHome();
  await initKeys(home, ["left"]);
  const secret = secretPath(home, "left");
  chmodSync(secret, 0o640);
  expect(() => readSecret(home, "left")).toThrow(/mode 640.*chmod 600/);
  chmodSync(secret, 0o600);
  const text = readFileSync(secret, "utf8");
  writeFileSync(secret, text.replace("left", "right"));
  expect(() => readSecret(home, "left")).toThrow(/holds the key of right/);
  writeFileSync(secret, text.slice(0, 40));
  expect(() => readSecret(home, "left")).toThrow(/is not JSON/);
  rmSync(secret);
  symlinkSync("/etc/hostname", secret);
  expect(() => readSecret(home, "left")).toThrow(/symbolic link/);
  const allowed = join(home, "keys", "allowed.json");
  writeFileSync(
    allowed,
    JSON.stringify({ keys: [{ name: "left", kind: "daemon", public_key: "x", since: "" }] }),
  );
  expect(() => readKeys(home)).toThrow(/keys\[0\]/);
});

test("who has no key, or a revoked one, is told so and what to do", async () => {
  const home = newHome();
  const ringOf = (identity: string) => () => new KeyRing({ home, identity, onTrouble: () => undefined });
  expect(ringOf("left")).toThrow(/has none; make them with: chem-bus keys init --home/);
  await initKeys(home, ["left", "right"]);
  expect(ringOf("far")).toThrow(/chem-bus keys add far/);
  await revokeKey(home, "left");
  expect(ringOf("left")).toThrow(/was revoked on .* chem-bus keys add left/);
  rmSync(secretPath(home, "right"));
  expect(ringOf("right")).toThrow(/is missing/);
});

test("a running process sees what is added and revoked, and keeps what it knew when the list is damaged", async () => {
  const home = newHome();
  await initKeys(home, ["left"]);
  const troubles: Error[] = [];
  const changes: KeyChange[] = [];
  const ring = new KeyRing({ home, identity: "left", onTrouble: (error) => void troubles.push(error) });
  onTestFinished(ring.watch((change) => void changes.push(change)));
  const { publicKey } = curveKeyPair();
  const bytes = decodeKey(publicKey) ?? Buffer.alloc(0);
  expect(ring.judge(bytes)).toEqual({ kind: "unknown" });
  await addKey(home, "dashboard", { kind: "client", publicKey });
  await eventually(() => ring.judge(bytes).kind === "allowed");
  expect(changes.at(-1)).toEqual({ outdated: false });
  await revokeKey(home, "dashboard");
  await eventually(() => ring.judge(bytes).kind === "revoked" && changes.at(-1)?.outdated === true);
  const own = ring.own.public_key;
  writeFileSync(join(home, "keys", "allowed.json"), "{");
  await eventually(() => troubles.length > 0);
  expect(ring.publicKeyOf("left")).toBe(own);
  expect(troubles[0]).toMatchObject({ code: "E_KEY_FILE" });
});
