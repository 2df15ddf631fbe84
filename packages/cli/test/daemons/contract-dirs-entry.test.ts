import { expect, it } from "vitest";
import { withContractDir, withoutContractDir } from "../../src/daemons/contract-dirs-entry.ts";

const NEW_HOME = "# Configuration of this mesh.\n\n# log_level: info\n";
const FILE = `# Mine, do not touch.
log_level: debug # while we look

contract_dirs:
  - ../alpha/contracts # the first
  # and the second:
  - /srv/beta/contracts

daemons:
  intent_router: {log_level: info}
`;

function edited(result: ReturnType<typeof withContractDir>): string {
  return result.kind === "edited" ? result.text : result.kind;
}

it("a folder is added behind the others; comments, order and everything else stay", () => {
  expect(edited(withContractDir(FILE, "/srv/gamma/contracts"))).toBe(
    FILE.replace("/srv/beta/contracts\n", "/srv/beta/contracts\n  - /srv/gamma/contracts\n").replace(
      "{log_level: info}",
      "{ log_level: info }",
    ),
  );
});

it("a file without the entry gets one at its end, one that holds only comments or nothing as well", () => {
  expect(edited(withContractDir("log_level: info\n", "/a b"))).toBe(
    "log_level: info\ncontract_dirs:\n  - /a b\n",
  );
  expect(edited(withContractDir(NEW_HOME, "/a"))).toBe(`${NEW_HOME}\ncontract_dirs:\n  - /a\n`);
  expect(edited(withContractDir("", "/a"))).toBe("contract_dirs:\n  - /a\n");
  expect(edited(withContractDir("contract_dirs:\n", "/a"))).toBe("contract_dirs:\n  - /a\n");
  expect(edited(withContractDir("contract_dirs: []\n", "/a"))).toContain("/a");
});

it("what is added can be taken away again, and nothing remains of it", () => {
  for (const before of [NEW_HOME, "log_level: info\n"]) {
    const text = edited(withContractDir(before, "/a"));
    expect(edited(withoutContractDir(text, "/a")).trim()).toBe(before.trim());
  }
  const one = edited(withoutContractDir(FILE, "/srv/beta/contracts"));
  expect(one).toContain("- ../alpha/contracts # the first");
  expect(one).toContain("# Mine, do not touch.");
  expect(one).not.toContain("beta");
});

it("what is there already, or not there, changes nothing", () => {
  expect(withContractDir(FILE, "/srv/beta/contracts").kind).toBe("unchanged");
  expect(withoutContractDir(FILE, "/srv/gamma/contracts").kind).toBe("unchanged");
  expect(withoutContractDir(NEW_HOME, "/a").kind).toBe("unchanged");
});

it("a file that is no YAML, or says something else there, is left alone", () => {
  expect(withContractDir("a: [", "/a")).toMatchObject({
    kind: "refused",
    problem: expect.stringContaining("YAML") as string,
  });
  expect(withContractDir("contract_dirs: here\n", "/a")).toEqual({
    kind: "refused",
    problem: "contract_dirs is not a list",
  });
});
