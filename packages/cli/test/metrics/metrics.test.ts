/** The scrape of a whole mesh: what answers, what does not, what must not be believed. */
import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { connect } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { readExposition } from "../../../daemon/test/metrics/exposition.ts";
import { parseListenAddress } from "../../src/metrics/listen-address.ts";
import { parseExposition } from "../../src/metrics/parse-exposition.ts";
import { MeshScraper, renderScrape } from "../../src/metrics/scrape.ts";
import { type MetricsServer, serveMetrics } from "../../src/metrics/serve.ts";
import { fakeDaemon, fakeSupervisor } from "../fake-daemon.ts";
import { temporaryFolder } from "../run-cli.ts";

function lagText(daemon: string, lag: number): string {
  return `# HELP kloros_lag_signals Some words.\n# TYPE kloros_lag_signals gauge\nkloros_lag_signals{daemon="${daemon}"} ${String(lag)}\n`;
}

async function mesh(texts: Readonly<Record<string, string | null>>): Promise<string> {
  const { path: home, remove } = temporaryFolder();
  onTestFinished(remove);
  await fakeSupervisor(home, Object.fromEntries(Object.keys(texts).map((name) => [name, { restarts: 2 }])));
  for (const [name, text] of Object.entries(texts))
    await fakeDaemon(home, name, text === null ? null : { "system:metrics": { text } });
  return home;
}

async function scraped(home: string, deadlineMs = 5_000) {
  return readExposition(renderScrape(await new MeshScraper(home, deadlineMs).scrape()));
}

const valuesOf = (families: Awaited<ReturnType<typeof scraped>>, name: string) =>
  Object.fromEntries(
    (families.get(name)?.series ?? []).map(({ labels, value }) => [labels["daemon"] ?? "", value]),
  );

describe("a scrape", () => {
  test("has every family once with the series of all daemons, and says who did not answer in time", async () => {
    const home = await mesh({ a: lagText("a", 1), b: lagText("b", 2), hangs: null });
    const begun = performance.now();
    const families = await scraped(home, 300);
    expect(performance.now() - begun).toBeLessThan(5_000);
    expect(valuesOf(families, "kloros_up")).toEqual({ a: 1, b: 1, hangs: 0 });
    expect(valuesOf(families, "kloros_lag_signals")).toEqual({ a: 1, b: 2 });
    expect(valuesOf(families, "kloros_supervisor_restarts_total")).toEqual({ a: 2, b: 2, hangs: 2 });
    expect(valuesOf(families, "kloros_scrape_duration_seconds")["hangs"]).toBeGreaterThanOrEqual(0.29);
    expect(valuesOf(families, "kloros_maintenance_mode")).toEqual({ "": 0 });
    expect(valuesOf(families, "kloros_home_disk_free_bytes")[""]).toBeGreaterThan(0);
  });

  test("is not spoilt by a daemon that answers nonsense, says things twice, or speaks for another", async () => {
    const bad = [
      lagText("bad", 3).trim(),
      'kloros_lag_signals{daemon="bad"} 4',
      'kloros_lag_signals{daemon="a"} 5',
      "kloros_lag_signals 6",
      'kloros_lag_signals{daemon="bad",x="1"} seven',
      'never_declared{daemon="bad"} 1',
      "# TYPE kloros_up counter",
      "{}{",
      '# TYPE own_things gauge\nown_things{daemon="bad",what="a \\"b\\" \\\\ \\n c"} 1e3',
    ];
    const home = await mesh({ a: lagText("a", 1), bad: bad.join("\n") });
    const families = await scraped(home);
    expect(valuesOf(families, "kloros_lag_signals")).toEqual({ a: 1, bad: 3 });
    expect(valuesOf(families, "kloros_up")).toEqual({ a: 1, bad: 1 });
    expect(valuesOf(families, "kloros_scrape_left_out_lines")).toEqual({ a: 0, bad: 6 });
    expect(families.get("own_things")?.series).toMatchObject([
      { labels: { daemon: "bad", what: 'a \\"b\\" \\\\ \\n c' }, value: 1_000 },
    ]);
  });

  test("takes a bounded number of series from one daemon", () => {
    const lines = Array.from({ length: 30_000 }, (_, n) => `x{daemon="a",n="${String(n)}"} 1`);
    const { families, leftOut } = parseExposition(`# TYPE x gauge\n${lines.join("\n")}`, "a");
    expect(families.get("x")?.samples).toHaveLength(20_000);
    expect(leftOut).toBe(10_000);
  });

  test("counts dead letters by daemon, reads on where it was, and begins anew with a new file", async () => {
    const home = await mesh({ a: "" });
    const file = join(home, "failed_signals.jsonl");
    const letter = (daemon: string) => `${JSON.stringify({ id: "x", daemon, error: "e" })}\n`;
    const scraper = new MeshScraper(home);
    const counts = async () =>
      valuesOf(readExposition(renderScrape(await scraper.scrape())), "kloros_dead_letters_unresolved");
    expect(await counts()).toEqual({ a: 0, other: 0 });
    writeFileSync(file, letter("a") + letter("gone") + "torn");
    expect(await counts()).toEqual({ a: 1, other: 1 });
    writeFileSync(file, letter("a") + letter("gone") + letter("a"));
    expect(await counts()).toEqual({ a: 2, other: 1 });
    appendFileSync(file, letter("a"));
    expect(await counts()).toEqual({ a: 3, other: 1 });
    writeFileSync(file, letter("a"));
    expect(await counts()).toEqual({ a: 1, other: 0 });
  });

  test("knows the size of a journal although its daemon is down", async () => {
    const home = await mesh({ a: null });
    mkdirSync(join(home, "journal", "a"), { recursive: true });
    writeFileSync(join(home, "journal", "a", "data.mdb"), Buffer.alloc(8_192));
    expect(valuesOf(await scraped(home, 100), "kloros_journal_file_bytes")).toEqual({ a: 8_192 });
  });
});

describe("the endpoint", () => {
  async function served(): Promise<MetricsServer & { get(path: string, options?: object): Promise<Got> }> {
    const home = await mesh({ a: lagText("a", 1) });
    const server = await serveMetrics(parseListenAddress("127.0.0.1:0"), new MeshScraper(home));
    onTestFinished(() => server.close());
    const { port } = server.address as { port: number };
    return { ...server, get: (path, options = {}) => got({ host: "127.0.0.1", port, path, ...options }) };
  }
  interface Got {
    readonly status: number;
    readonly type: string;
    readonly text: string;
  }
  function got({ body, ...options }: Record<string, unknown>): Promise<Got> {
    return new Promise((resolve, reject) => {
      const asked = request({ agent: false, ...options }, (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
        response.on("end", () =>
          resolve({ status: response.statusCode!, type: response.headers["content-type"]!, text }),
        );
      });
      asked.on("error", reject).end(body);
    });
  }

  test("answers scrapes and health checks, and nothing else", async () => {
    const { get } = await served();
    const metrics = await get("/metrics?x=1");
    expect(metrics).toMatchObject({ status: 200, type: "text/plain; version=0.0.4; charset=utf-8" });
    expect(valuesOf(readExposition(metrics.text), "kloros_lag_signals")).toEqual({ a: 1 });
    expect(await get("/-/healthy")).toMatchObject({ status: 200, text: "ok\n" });
    expect(await get("/")).toMatchObject({ status: 404 });
    expect(await get("/metrics", { method: "POST" })).toMatchObject({ status: 405 });
    expect(await get("/metrics", { method: "POST", body: "x".repeat(100_000) })).toMatchObject({
      status: 413,
    });
    expect(await get("/metrics", { headers: { "X-Long": "x".repeat(20_000) } })).toMatchObject({
      status: 431,
    });
  });

  test("shares one scrape among all who ask at once, and is not held up by a half request", async () => {
    const { get, address } = await served();
    const half = connect((address as { port: number }).port, "127.0.0.1");
    onTestFinished(() => void half.destroy());
    half.write("GET /metr");
    const answers = await Promise.all(Array.from({ length: 20 }, () => get("/metrics")));
    expect(answers.every(({ status }) => status === 200)).toBe(true);
  });

  test("may be a socket in a folder, for nobody else; one left over from a killed process is replaced", async () => {
    const home = await mesh({ a: lagText("a", 1) });
    const path = join(home, "metrics.sock");
    const address = parseListenAddress(`unix:${path}`);
    const server = await serveMetrics(address, new MeshScraper(home));
    const { statSync } = await import("node:fs");
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(await got({ socketPath: path, path: "/-/healthy" })).toMatchObject({ status: 200 });
    await expect(serveMetrics(address, new MeshScraper(home))).rejects.toThrow(/EADDRINUSE/u);
    await server.close();
    expect(() => statSync(path)).toThrow(/ENOENT/u);
  });

  test("knows which addresses stay on this machine", () => {
    const loopback = (text: string) => parseListenAddress(text) as { loopback?: boolean };
    for (const text of ["127.0.0.1:9464", "127.8.8.8:1", "[::1]:9464", "localhost:9464"])
      expect(loopback(text).loopback, text).toBe(true);
    for (const text of ["0.0.0.0:9464", "[::]:9464", "192.168.1.2:9464", "example.org:80", "127.0.0.1.x:1"])
      expect(loopback(text).loopback, text).toBe(false);
    for (const text of ["9464", "::1:9464", "127.0.0.1", "127.0.0.1:99999", "unix:here", "[localhost]:1", ""])
      expect(() => parseListenAddress(text), text).toThrow(/--listen/u);
  });
});
