/** What an installation decides, without a system to decide it on. */
import { describe, expect, it } from "vitest";
import { type DaemonInfo, HOME_FOLDERS } from "@kloros/bus";
import { fileAccess } from "../../src/systemd/file-access.ts";
import { problemOf } from "../../src/systemd/install/node-binary.ts";
import type { Observed, UnitState } from "../../src/systemd/install/observe.ts";
import { type InstallChoices, pathsAskedAbout, planInstall } from "../../src/systemd/install/plan-install.ts";
import { planUninstall } from "../../src/systemd/install/plan-uninstall.ts";
import { type InstallationRecord, parseRecord, recordPath } from "../../src/systemd/install/record.ts";
import { restoreActions } from "../../src/systemd/install/snapshot.ts";
import type { Action, Step } from "../../src/systemd/install/step.ts";
import { wanted } from "../../src/systemd/install/wanted.ts";
import { DEFAULT_PLACES, hiddenPlace } from "../../src/systemd/places.ts";
import { isForThisPlatform } from "../../src/systemd/release/release-files.ts";
import { unitText } from "../../src/systemd/unit-text.ts";

const router: DaemonInfo = {
  name: "intent_router",
  package: "intent-router",
  port: 7777,
  description: "Routes.",
};
const engine: DaemonInfo = { ...router, name: "engine", package: "engine", writes: ["."] };
const aim = wanted([router, engine], DEFAULT_PLACES, { id: "1.0.0-aa", from: "/src" }, "catalog");
const choices: InstallChoices = { start: true, keys: null, switchToTcp: false };
const paths = aim.files.map(({ path }) => path);
const active: UnitState = { active: "active", enabled: "enabled", restarts: 0 };

/** A machine on which nothing of it is. */
const bare: Observed = {
  files: new Map([...paths, recordPath("/opt/kloros")].map((path) => [path, null])),
  current: null,
  releases: [],
  userExists: false,
  missing: new Set([...pathsAskedAbout(aim), "/opt/kloros"]),
  units: new Map(),
};

/** The same after the plan was carried out. */
function after(steps: readonly Step[], before: Observed): Observed {
  const actions = steps.flatMap((step) => step.actions);
  const written = actions.flatMap((action) =>
    action.kind === "write" ? [[action.path, action.text] as const] : [],
  );
  return {
    files: new Map([...before.files, ...written]),
    current: "releases/1.0.0-aa",
    releases: ["1.0.0-aa"],
    userExists: true,
    missing: new Set(),
    units: new Map(["kloros.target", ...aim.units].map((name) => [name, active])),
  };
}

const todo = (steps: readonly Step[]): string[] =>
  steps.filter(({ already }) => !already).map(({ what }) => what);
const commands = (steps: readonly Step[]): string[] =>
  steps.flatMap(({ actions }) =>
    actions.flatMap((action) => (action.kind === "run" ? [action.command.join(" ")] : [])),
  );
const installed = after(planInstall(aim, bare, null, choices), bare);
const record = parseRecord(installed.files.get(recordPath("/opt/kloros")) ?? null);

describe("an installation", () => {
  it("does every step on a bare machine, the start last, and none on one where all is so", () => {
    const first = planInstall(aim, bare, null, choices);
    expect(first.filter(({ already }) => already)).toEqual([]);
    expect(first.at(-1)?.what).toBe("start kloros.target");
    expect(todo(planInstall(aim, installed, record, choices))).toEqual([]);
  });

  it("writes its record before it starts anything", () => {
    const kinds = planInstall(aim, bare, null, choices).map(({ what }) => what.split(" ")[0]);
    expect(kinds.indexOf("note")).toBeLessThan(kinds.indexOf("start"));
  });

  it("leaves alone what an operator stopped or disabled", () => {
    const stopped: UnitState = { active: "inactive", enabled: "disabled", restarts: 0 };
    const seen = { ...installed, units: new Map([...installed.units, ["kloros-engine.service", stopped]]) };
    expect(todo(planInstall(aim, seen, record, choices))).toEqual([]);
  });

  it("restarts those units that changed and run, and no others", () => {
    const path = "/etc/systemd/system/kloros-engine.service";
    const seen = { ...installed, files: new Map([...installed.files, [path, "old"]]) };
    expect(commands(planInstall(aim, seen, record, choices))).toEqual([
      "systemctl daemon-reload",
      "systemctl restart kloros-engine.service",
    ]);
    expect(commands(planInstall(aim, seen, record, { ...choices, start: false }))).toEqual([
      "systemctl daemon-reload",
    ]);
  });

  it("starts what had failed, however often, so that it can be repeated after a start that failed", () => {
    const failed: UnitState = { active: "failed", enabled: "enabled", restarts: 5 };
    const seen = { ...installed, units: new Map([...installed.units, ["kloros-engine.service", failed]]) };
    expect(commands(planInstall(aim, seen, record, choices))).toEqual([
      "systemctl reset-failed kloros-engine.service",
      "systemctl start kloros-engine.service",
    ]);
  });

  it("says that the state of before stays where it is when the home is another one", () => {
    const moved = wanted([router], { ...DEFAULT_PLACES, home: "/srv/new" }, { id: "1", from: "/src" }, null);
    expect(todo(planInstall(moved, installed, record, choices))).toContain(
      "begin anew in /srv/new; the state of before stays in /var/lib/kloros",
    );
  });

  it("refuses places that no unit can see", () => {
    expect(hiddenPlace(DEFAULT_PLACES)).toBeNull();
    expect(hiddenPlace({ ...DEFAULT_PLACES, workspace: "/tmpfiles" })).toBeNull();
    expect(hiddenPlace({ ...DEFAULT_PLACES, home: "/tmp/home" })).toMatch(/^--home \/tmp\/home: .*\/srv/u);
    expect(hiddenPlace({ ...DEFAULT_PLACES, workspace: "/var/tmp/w" })).toMatch(/^--workspace /u);
  });

  it("removes what an earlier one wrote and this one does not want", () => {
    const without = wanted([router], DEFAULT_PLACES, { id: "1.0.0-aa", from: "/src" }, "catalog");
    const steps = planInstall(without, installed, record, choices);
    expect(commands(steps)).toContain("systemctl disable --now kloros-engine.service");
    expect(steps.flatMap(({ actions }) => actions)).toContainEqual({
      kind: "remove",
      path: "/etc/systemd/system/kloros-engine.service",
    });
  });

  it("goes over to TCP by saying so in mesh.yaml and making the keys as the service user", () => {
    const steps = planInstall(aim, installed, record, { ...choices, keys: ["keys"], switchToTcp: true });
    expect(todo(steps)).toEqual([
      "set transport: tcp in /var/lib/kloros/mesh.yaml",
      "create the keys of /var/lib/kloros",
    ]);
    expect(commands(steps)[0]).toMatch(/^setpriv --reuid kloros .* keys$/);
  });
});

describe("an uninstallation", () => {
  const removed = (steps: readonly Step[], kind: Action["kind"] = "remove"): string[] =>
    steps.flatMap(({ actions }) =>
      actions.flatMap((action) => (action.kind === kind && "path" in action ? [action.path] : [])),
    );

  it("removes each file of the record, and the home and the user only when that is asked for", () => {
    const kept = planUninstall("/opt/kloros", record!, false, true);
    expect(removed(kept)).toEqual(expect.arrayContaining(paths));
    expect(removed(kept)).not.toContain("/var/lib/kloros");
    expect(commands(kept).join()).not.toContain("userdel");
    const purged = planUninstall("/opt/kloros", record!, true, true);
    expect(removed(purged)).toContain("/var/lib/kloros");
    expect(commands(purged)).toContain("userdel kloros");
  });

  it("removes folders only when they are empty, deepest first", () => {
    const folders = removed(planUninstall("/opt/kloros", record!, true, true), "remove-empty");
    expect(folders).toContain("/srv/kloros/workspace");
    expect(folders.indexOf("/srv/kloros/workspace")).toBeLessThan(folders.indexOf("/srv/kloros"));
  });
});

it("going back writes every file as it was, removes what came besides, and points to the release before", () => {
  const old = new Map<string, string | null>([
    ["/etc/a", "text"],
    ["/etc/b", null],
  ]);
  const now = { files: ["/etc/a", "/etc/b", "/etc/c"] } as unknown as InstallationRecord;
  const snapshot = { prefix: "/opt/kloros", current: "releases/1", releases: ["1"], files: old, active: [] };
  expect(restoreActions(snapshot, now)).toEqual([
    { kind: "remove", path: "/etc/c" },
    { kind: "write", path: "/etc/a", text: "text", mode: 0o644 },
    { kind: "remove", path: "/etc/b" },
    { kind: "link", path: "/opt/kloros/current", target: "releases/1" },
  ]);
});

it.each([
  null,
  "no json",
  "[]",
  '{"home": 1}',
  '{"home":"/h","workspace":"/w","node":"/n","files":[1],"units":[],"folders":[]}',
])("a record that is none is none: %s", (text) => expect(parseRecord(text)).toBeNull());

describe("a unit", () => {
  it("may write the home's own files without the folders of others", () => {
    const { readWrite, readOnly } = fileAccess(engine, DEFAULT_PLACES);
    expect(readWrite).toContain("/var/lib/kloros");
    expect(readWrite).toContain("/var/lib/kloros/journal/engine");
    const tops = HOME_FOLDERS.filter((folder) => folder !== "." && !folder.includes("/"));
    const shared = ["run", "archive"];
    expect(readOnly).toEqual(
      expect.arrayContaining(tops.filter((t) => !shared.includes(t)).map((t) => `/var/lib/kloros/${t}`)),
    );
  });

  it("of a user's daemon runs their program, and escapes what systemd would expand", () => {
    const text = unitText(
      { ...router, main: "/srv/my 100%/main.js", description: "50% off." },
      DEFAULT_PLACES,
    );
    expect(text).toContain('ExecStart=/usr/bin/node "/srv/my 100%%/main.js"\n');
    expect(text).toContain("Description=KLoROS intent_router: 50%% off\n");
    expect(text).toContain("ProtectHome=yes");
    expect(unitText({ ...router, main: "/home/me/d/main.js" }, DEFAULT_PLACES)).toContain(
      "ProtectHome=read-only",
    );
  });

  it("reaches as far as its daemon or its bus needs, whichever is further", () => {
    const tcp = { ...DEFAULT_PLACES, network: "loopback" } as const;
    expect(unitText(router, DEFAULT_PLACES)).toContain("PrivateNetwork=yes");
    expect(unitText(router, tcp)).toContain("IPAddressAllow=localhost");
    expect(unitText({ ...router, network: "any" }, tcp)).not.toContain("IPAddressDeny");
  });
});

it("a Node that lies in somebody's home, or behind a closed folder, is refused with the reason", () => {
  const open = (): number => 0o755;
  expect(problemOf("/usr/bin/node", open)).toBeNull();
  expect(problemOf("/home/me/.nvm/bin/node", open)).toContain("somebody's home");
  expect(problemOf("/opt/x/bin/node", (path) => (path === "/opt/x" ? 0o700 : 0o755))).toBe(
    "/opt/x is not open to the service user",
  );
});

it.each([
  ["prebuilds/linux-x64/a.node", true],
  ["prebuilds/darwin-x64/a.node", false],
  ["prebuilds/linux-arm64/a.node", false],
  ["build/linux/x64/node/glibc-115-Release/addon.node", true],
  ["build/linux/x64/node/musl-127-Release/addon.node", false],
  ["build/win32/x64/node/115/addon.node", false],
  ["node.napi.musl.node", false],
  ["lib/index.js", true],
  ["lib/index.d.ts", false],
  ["build/Release/a.node", true],
])("of a third-party package, %s is shipped for Linux on x64: %s", (path, isShipped) => {
  expect(isForThisPlatform(path, "x64")).toBe(isShipped);
});
