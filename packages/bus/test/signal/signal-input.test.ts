import { describe, expect, it } from "vitest";
import { loadContracts } from "../../src/signal/load-contracts.ts";
import { inputProblems } from "../../src/signal/signal-input.ts";
import { envelopeExample } from "./envelope-example.ts";

const contracts = loadContracts();
const input = { signal: "Q_SCAN_REQUESTED", facts: { scope: "all" } };
const pathsOf = (value: unknown) => inputProblems(value, contracts).map((problem) => problem.path);

describe("a signal object handed in", () => {
  it("needs no more than signal and facts", () => {
    expect(pathsOf(input)).toEqual([]);
  });

  it("may be a whole envelope, copied from a listener", () => {
    expect(pathsOf(envelopeExample())).toEqual([]);
  });

  it.each([
    [null, ""],
    [[], ""],
    ["Q_SCAN_REQUESTED", ""],
    [{ facts: {} }, "/signal"],
    [{ signal: "Q_SCAN_REQUESTED" }, "/facts"],
    [{ ...input, signal: "scan" }, "/signal"],
    [{ ...input, signal: "Q_NO_SUCH_THING" }, "/signal"],
    [{ ...input, facts: [] }, "/facts"],
    [{ ...input, facts: { scope: "moon" } }, "/facts/scope"],
    [{ ...input, facts: { scope: "all", speed: 1 } }, "/facts/speed"],
    [{ ...input, id: "1" }, "/id"],
    [{ ...input, timestamp: "now" }, "/timestamp"],
    [{ ...input, source: "dream_consumer_daemon" }, "/source"],
    [{ ...input, source: 7 }, "/source"],
    [{ ...input, priority: 9 }, "/priority"],
    [{ ...input, "question/id": "x" }, "/question~1id"],
  ])("that is %j is told where it is wrong: %s", (value, path) => {
    expect(pathsOf(value)).toEqual([path]);
  });

  it("is told every field that is wrong, not only the first", () => {
    expect(pathsOf({ signal: 1, facts: 2, id: 3 })).toEqual(["/signal", "/facts", "/id"]);
  });
});
