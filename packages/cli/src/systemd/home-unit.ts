/**
 * The unit that makes what is missing of the home before a daemon starts: sandboxes open folders and files that exist, and
 * somebody may have removed one. It ends at once, and runs again with every start. The home itself is there since the
 * installation; nothing here needs root. Pure.
 */
import { escapePath, type Places, SERVICE_USER } from "./places.ts";
import { networkLines, SANDBOX } from "./sandbox.ts";

export const HOME_UNIT = "kloros-home.service";

export function homeUnitText({ home }: Places): string {
  const path = escapePath(home);
  return `${[
    "# Written by kloros install systemd.",
    "[Unit]",
    "Description=KLoROS folders of the signal mesh's home",
    `RequiresMountsFor=${path}`,
    "",
    "[Service]",
    "Type=oneshot",
    `ExecStart=systemd-tmpfiles --create --prefix=${path} kloros.conf`,
    "Slice=kloros.slice",
    `User=${SERVICE_USER}`,
    `Group=${SERVICE_USER}`,
    "UMask=0077",
    `ReadWritePaths=${path}`,
    `ProtectHome=${/^\/(?:home|root)\//.test(home) ? "read-only" : "yes"}`,
    ...networkLines("none", "none"),
    ...SANDBOX,
  ].join("\n")}\n`;
}
