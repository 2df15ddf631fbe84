/** The unit of `kloros metrics serve`. Installed, not enabled: it opens a port, and that is for the operator to decide. Pure. */
import { currentRelease, escapePath, type Places, SERVICE_USER } from "./places.ts";
import { networkLines, SANDBOX } from "./sandbox.ts";
import { RESTART_S, START_LIMIT_BURST, START_LIMIT_INTERVAL_S } from "./timeouts.ts";

export const METRICS_UNIT = "kloros-metrics.service";

/** Writes nothing at all; asks the daemons over their control sockets. */
export function metricsUnitText(places: Places): string {
  const program = `${currentRelease(places)}/packages/cli/bin/kloros.mjs`;
  return `${[
    `# Written by kloros install systemd; another address: systemctl edit ${METRICS_UNIT}`,
    "[Unit]",
    "Description=KLoROS metrics of the signal mesh, for Prometheus",
    "PartOf=kloros.target",
    `RequiresMountsFor=${[places.home, places.prefix].map(escapePath).join(" ")}`,
    `StartLimitIntervalSec=${START_LIMIT_INTERVAL_S}`,
    `StartLimitBurst=${START_LIMIT_BURST}`,
    "",
    "[Service]",
    "Type=exec",
    `ExecStart=${escapePath(places.node)} ${escapePath(program)} metrics serve`,
    `Environment=${escapePath(`KLOROS_HOME=${places.home}`)}`,
    "Environment=KLOROS_METRICS_LISTEN=127.0.0.1:9464",
    "SyslogIdentifier=kloros-metrics",
    "Slice=kloros.slice",
    "Restart=always",
    `RestartSec=${RESTART_S}s`,
    "# The command line or its address is wrong",
    "RestartPreventExitStatus=64",
    "LimitCORE=0",
    `User=${SERVICE_USER}`,
    `Group=${SERVICE_USER}`,
    "UMask=0077",
    `ProtectHome=${/^\/(?:home|root)\//.test(places.home) ? "read-only" : "yes"}`,
    ...networkLines("loopback", places.network),
    ...SANDBOX,
    "",
    "[Install]",
    "WantedBy=kloros.target",
  ].join("\n")}\n`;
}
