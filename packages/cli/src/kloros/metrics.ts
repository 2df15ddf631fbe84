/** `kloros metrics`: the figures of all daemons, once or over HTTP for Prometheus. */
import { once } from "node:events";
import { Command, Option } from "commander";
import { type ListenAddress, parseListenAddress, shownAddress } from "../metrics/listen-address.ts";
import { MeshScraper, renderScrape, scrapeJson } from "../metrics/scrape.ts";
import { serveMetrics } from "../metrics/serve.ts";
import { unreachable, usageError } from "../program/errors.ts";
import { existingHome, homeOf, withCommonOptions, type CommonOptions } from "../program/home.ts";
import { parseDuration } from "../program/moments.ts";
import { printJson, remark } from "../program/output.ts";

interface MetricsOptions extends CommonOptions {
  readonly timeout: string;
}

interface ServeOptions extends MetricsOptions {
  readonly listen: string;
  readonly allowRemote?: boolean;
}

export function metricsCommand(): Command {
  const command = new Command("metrics").description(
    "Print the metrics of all daemons in the text format of Prometheus; exit 69 when none answers.",
  );
  return withTimeout(withCommonOptions(command))
    .action(async (options: MetricsOptions) => {
      const scrape = await new MeshScraper(existingHome(options), parseDuration(options.timeout)).scrape();
      if (!scrape.daemons.some(({ up }) => up))
        throw unreachable("no daemon answers; kloros status says more, kloros up starts them");
      if (options.json === true) await printJson(scrapeJson(scrape));
      else process.stdout.write(renderScrape(scrape));
    })
    .addCommand(serveCommand())
    .addHelpText(
      "after",
      `
Examples:
  kloros metrics | grep kloros_lag_signals
  kloros metrics --json | jq '.metrics[] | select(.name == "kloros_up").samples'
  kloros metrics serve                        for a Prometheus on this machine

What each metric means: docs/metrics.md. Example alerts: docs/alerts/kloros.rules.yml.`,
    );
}

function serveCommand(): Command {
  const command = new Command("serve").description(
    "Answer GET /metrics for Prometheus, asking all daemons at each scrape, and GET /-/healthy.",
  );
  return withTimeout(withCommonOptions(command))
    .addOption(
      new Option("--listen <address>", "host:port, or unix:/path/to/socket")
        .default("127.0.0.1:9464")
        .env("KLOROS_METRICS_LISTEN"),
    )
    .option(
      "--allow-remote",
      "listen beyond this machine: nothing is encrypted, nobody is asked who they are",
    )
    .action(async (_own: ServeOptions, serve: Command) => {
      // Options that the parent knows too are taken by it, wherever they stand.
      const options = serve.optsWithGlobals<ServeOptions>();
      const address = allowedAddress(options);
      const server = await serveMetrics(
        address,
        new MeshScraper(homeOf(options), parseDuration(options.timeout)),
      );
      remark(`metrics of ${homeOf(options)} at ${shownAddress(server.address)}`);
      await Promise.race([once(process, "SIGTERM"), once(process, "SIGINT")]);
      await server.close();
    })
    .addHelpText(
      "after",
      `
Examples:
  kloros metrics serve
  kloros metrics serve --listen '[::1]:9464'
  kloros metrics serve --listen unix:/run/user/1000/kloros-metrics.sock
  curl -s http://127.0.0.1:9464/metrics | promtool check metrics`,
    );
}

function withTimeout(command: Command): Command {
  return command.option("--timeout <duration>", "longest wait for one daemon", "3s");
}

function allowedAddress({ listen, allowRemote }: ServeOptions): ListenAddress {
  const address = parseListenAddress(listen);
  if (address.kind === "unix" || address.loopback) return address;
  const danger = "nothing is encrypted, and whoever reaches the port can read all figures";
  if (allowRemote !== true)
    throw usageError(
      `--listen ${listen} is beyond this machine: ${danger}; add --allow-remote if that is meant`,
    );
  remark(`warning: ${listen} is beyond this machine: ${danger}`);
  return address;
}
