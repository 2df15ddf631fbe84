/** Reads `policies.yaml` as a whole: every problem at once, each with its path and line. Pure. */
import type { Contracts } from "@kloros/bus";
import { type CheckedYaml, type Cursor, readCheckedYaml } from "@kloros/checked-yaml";
import { isTimezone, parseWindow, type QuietHours } from "../gates/quiet-hours.ts";
import type { PresenceProbe } from "../surroundings/presence.ts";
import { type Knowledge, knowledgeOf } from "./knowledge.ts";
import { readGates, TRIGGER_GATES } from "./read-gates.ts";
import { readRule } from "./read-rule.ts";
import type { Gates, Policies, Rule } from "./rule.ts";

/** More rules than this belong into several programs. */
const MAX_RULES = 200;
const MAX_WINDOWS = 20;
const SECOND_MS = 1_000;
const DAY_MS = 86_400_000;

/** `file` is how problems name it. */
export function readPolicies(text: string, file: string, contracts: Contracts): CheckedYaml<Policies> {
  const knowledge = knowledgeOf(contracts);
  return readCheckedYaml(text, file, (root) => readRoot(root, knowledge));
}

function readRoot(root: Cursor, knowledge: Knowledge): Policies {
  return root.map((fields) => {
    fields.required("version").oneOf([1]);
    const presenceAt = fields.optional("presence");
    const quietAt = fields.optional("quiet_hours");
    const triggerGates =
      fields
        .optional("defaults")
        ?.map((defaults) => readGates(defaults.optional("gates"), TRIGGER_GATES, knowledge)) ?? TRIGGER_GATES;
    const rulesAt = fields.required("policies");
    const rules = rulesAt.list((item) => withPlace(item, knowledge, triggerGates), { max: MAX_RULES });
    const policies: Policies = {
      rules: rules.map(({ rule }) => rule),
      presence: presenceAt === undefined ? null : readPresence(presenceAt),
      quietHours: quietAt === undefined ? null : readQuietHours(quietAt),
    };
    checkTogether(rules, policies);
    return policies;
  });
}

interface Placed {
  readonly rule: Rule;
  readonly at: Cursor;
}

function withPlace(at: Cursor, knowledge: Knowledge, triggerGates: Gates): Placed {
  return { rule: readRule(at, knowledge, triggerGates), at };
}

/** What only the whole file can show. */
function checkTogether(rules: readonly Placed[], { presence, quietHours }: Policies): void {
  const lines = new Map<string, number>();
  for (const { rule, at } of rules) {
    const earlier = lines.get(rule.name);
    if (earlier !== undefined && rule.name !== "")
      at.problem(`has the name ${rule.name}, which the rule in line ${earlier} has already; give it another`);
    lines.set(rule.name, rule.line);
    if (rule.gates.presence !== null && presence === null)
      at.problem(
        "has the gate presence, which needs `presence` at the top of the file to say how it is told",
      );
    if (rule.gates.quietHours && quietHours === null)
      at.problem(
        "has the gate quiet_hours, which needs `quiet_hours` at the top of the file to say when they are",
      );
  }
}

function readPresence(at: Cursor): PresenceProbe {
  return at.map((fields) => {
    const command = fields.optional("command");
    const file = fields.optional("file");
    fields.allow("timeout", "present_exit", "interval", "max_age");
    if ((command === undefined) === (file === undefined)) fields.problem("must say either command or file");
    if (file !== undefined) {
      return {
        kind: "file",
        path: file.string({ max: 4_096 }),
        maxAgeMs: fields.optional("max_age")?.duration({ min: SECOND_MS, max: DAY_MS }) ?? 300_000,
      };
    }
    return {
      kind: "command",
      command: command?.list((item) => String(item.scalar()), { min: 1, max: 100 }) ?? [],
      timeoutMs: fields.optional("timeout")?.duration({ min: 10, max: 60_000 }) ?? 2_000,
      presentExit: fields.optional("present_exit")?.integer({ min: 0, max: 255 }) ?? 0,
      intervalMs: fields.optional("interval")?.duration({ min: 100, max: DAY_MS }) ?? 15_000,
    };
  });
}

function readQuietHours(at: Cursor): QuietHours {
  return at.map((fields) => {
    const timezoneAt = fields.optional("timezone");
    const timezone = timezoneAt?.string({ max: 64 }) ?? "UTC";
    if (timezoneAt !== undefined && timezone !== "" && !isTimezone(timezone))
      timezoneAt.problem(`must be a timezone such as UTC or Europe/Berlin (got "${timezone}")`);
    const windows = fields.required("windows").list(
      (item) => {
        const text = item.string({ max: 20 });
        const window = parseWindow(text);
        if (window === null && text !== "")
          item.problem(`must be a window such as "22:00-06:00", in quotes (got "${text}")`);
        return window ?? { from: 0, to: 1 };
      },
      { min: 1, max: MAX_WINDOWS },
    );
    return { windows, timezone: isTimezone(timezone === "" ? "UTC" : timezone) ? timezone : "UTC" };
  });
}
