/**
 * `{signal, facts}`: a request for any signal whose contract lets the outside world ask for it (`ingress: true`)
 * and names this daemon as an emitter. The printed form of a signal (timestamp, source, …) is a request too:
 * what an emitter sets itself is set anew, the rest is taken over.
 */
import { isJsonObject, toPlain, typeName, type JsonObject } from "../json/json-value.ts";
import { pathText, quoted, type Problem } from "../problem.ts";
import { Members } from "./members.ts";
import { isPriority, priorityMessage, readPriority } from "./priority.ts";
import type { IntentRules, SignalRequest } from "./rules.ts";

/** Set by the emitter of every signal; accepted in a request so that a printed signal can be used as it stands. */
const SET_BY_EMITTER = [
  "timestamp",
  "source",
  "version",
  "causation_id",
  "traceparent",
  "epoch",
  "seq",
  "prev",
];
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const KNOWN: ReadonlySet<string> = new Set([
  "signal",
  "facts",
  "id",
  "priority",
  "correlation_id",
  "sha256",
  ...SET_BY_EMITTER,
]);

/** The request, as far as it could be read; what was wrong has been added to `problems`. */
export function requestedSignal(
  intent: JsonObject,
  rules: IntentRules,
  problems: Problem[],
): SignalRequest | undefined {
  const top = new Members(intent, [], problems);
  top.refuseOthers(KNOWN, "a signal request");
  const signal = signalName(top, rules);
  const facts = plainFacts(top, problems);
  const correlationId = top.text("correlation_id");
  if (correlationId !== undefined && !UUID.test(correlationId)) {
    top.refuse("correlation_id", `must be a UUID in lower case (got ${quoted(correlationId)})`);
  }
  const priorityValue = top.get("priority");
  const asked = priorityValue === undefined ? undefined : readPriority(priorityValue);
  if (priorityValue !== undefined && asked === undefined)
    top.refuse("priority", priorityMessage(priorityValue));
  if (signal === undefined || facts === undefined) return undefined;
  const fallback = rules.contracts.get(signal)?.priority ?? "normal";
  const priority = asked ?? (isPriority(facts["priority"]) ? facts["priority"] : fallback);
  return {
    signal,
    facts,
    priority,
    ...(correlationId === undefined ? {} : { correlation_id: correlationId }),
  };
}

function signalName(top: Members, rules: IntentRules): `Q_${string}` | undefined {
  const name = top.requiredText("signal", "the name of a signal");
  if (name === undefined) return undefined;
  const open = rules.contracts.names.filter((known) => mayBeAskedFor(known, rules));
  if (open.includes(name)) return name as `Q_${string}`;
  const reason = rules.contracts.get(name) ? "is not open to requests from outside" : "is not a known signal";
  return top.refuse("signal", `${quoted(name)} ${reason}; open to intents are ${open.join(", ") || "none"}`);
}

function mayBeAskedFor(name: string, rules: IntentRules): boolean {
  return rules.contracts.get(name)?.ingress === true && rules.contracts.mayEmit(rules.daemon, name);
}

function plainFacts(top: Members, problems: Problem[]): Record<string, unknown> | undefined {
  const value = top.get("facts");
  if (!isJsonObject(value)) {
    return top.refuse(
      "facts",
      `is required: an object, valid under the signal's contract (got ${typeName(value)})`,
    );
  }
  return toPlain(value, (path) => {
    const message = `is an integer that a double cannot carry exactly; write it as a string`;
    problems.push({ path: pathText(["facts", ...path]), message });
  }) as Record<string, unknown>;
}
