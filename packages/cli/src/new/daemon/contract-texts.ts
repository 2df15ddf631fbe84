/** The contracts of a new daemon: what may be asked of it, how that ends, and by when. Pure. */
import type { NewNames } from "../names.ts";

/** How long the work may take, in seconds; the mesh tells when it takes longer. */
export const WITHIN_SECONDS = 60;

const SUBJECT = {
  type: "string",
  description: "What the text is about; totals are kept for each subject.",
  pattern: "^[a-z0-9][a-z0-9._-]{0,63}$",
};

/** Signal name → text of its file. */
export function contractTexts(names: NewNames): ReadonlyMap<string, string> {
  return new Map([
    [names.requested, requested(names)],
    [names.done, done(names)],
    [names.failed, failed(names)],
    [names.timeout, timeout(names)],
  ]);
}

function requested({
  daemon,
  requested: name,
  done: completion,
  failed: failure,
  timeout: late,
}: NewNames): string {
  return contract(name, {
    title: "Words are to be counted",
    description: "Count the words of a text. Anybody may ask.",
    "x-signal": {
      version: 1,
      kind: "trigger",
      priority: "normal",
      emitters: [daemon],
      consumers: [daemon],
      ordering_key: "/subject",
      expects: {
        any_of: [completion, failure],
        within_seconds: WITHIN_SECONDS,
        on_timeout: late,
        suggested_action: `restart_${daemon}`,
        match: "/subject",
      },
      guard: "A request is answered; no answer leads to another request.",
      retention_days: 7,
      ingress: true,
    },
    properties: { subject: SUBJECT, text: { type: "string", description: "The text.", maxLength: 65_536 } },
    required: ["subject", "text"],
    examples: [{ subject: "readme", text: "one two three" }],
  });
}

function done({ daemon, done: name }: NewNames): string {
  return contract(name, {
    title: "Words counted",
    description: "The words of a text are counted, and its report is written.",
    "x-signal": completion("completion", daemon),
    properties: {
      subject: SUBJECT,
      words: { type: "integer", minimum: 0, description: "Words of this text." },
      total_words: { type: "integer", minimum: 0, description: "Words of all texts of the subject." },
    },
    required: ["subject", "words", "total_words"],
    examples: [{ subject: "readme", words: 3, total_words: 12 }],
  });
}

function failed({ daemon, failed: name }: NewNames): string {
  return contract(name, {
    title: "Words not counted",
    description: "A text could not be dealt with, and why.",
    "x-signal": completion("error", daemon),
    properties: {
      subject: SUBJECT,
      error_type: {
        type: "string",
        enum: ["EmptyText", "TooManySubjects"],
        description: "Kind of failure, one word that a policy can match.",
      },
      error_message: { type: "string", description: "What went wrong, and what may be done about it." },
      retry_possible: { type: "boolean", description: "Whether the same request may succeed later." },
    },
    required: ["subject", "error_type", "error_message", "retry_possible"],
    examples: [
      {
        subject: "readme",
        error_type: "EmptyText",
        error_message: "the text has no words",
        retry_possible: false,
      },
    ],
  });
}

function timeout({ daemon, timeout: name, requested: trigger }: NewNames): string {
  return contract(name, {
    title: "Words not counted in time",
    description: `Nobody said how ${trigger} ended in time. Told by the mesh's watchdog.`,
    "x-signal": { ...completion("error", "orchestrator_monitor"), priority: "high" },
    properties: {
      question_id: { type: "string", description: "What was being waited for." },
      timeout_seconds: { type: "number", description: "How long it was waited for.", "x-unit": "seconds" },
      suggested_action: { type: "string", description: "What an operator or a policy may do about it." },
      trigger_signal: { type: "string", description: "Name of the signal that began the wait." },
      trigger_id: { type: "string", description: "Id of the signal that began the wait." },
      expected: {
        type: "array",
        items: { type: "string" },
        description: "Names of the signals of which one should have come.",
      },
      trigger_facts: { type: "object", description: "Facts of the signal that began the wait." },
    },
    required: ["question_id", "timeout_seconds", "suggested_action"],
    examples: [
      { question_id: "readme", timeout_seconds: WITHIN_SECONDS, suggested_action: `restart_${daemon}` },
    ],
  });
}

/** Who wants to react to how the work ended writes a rule in policies.yaml, or adds a consumer. */
function completion(kind: "completion" | "error", emitter: string): Record<string, unknown> {
  return {
    version: 1,
    kind,
    priority: "normal",
    emitters: [emitter],
    consumers: ["kloros_policy_engine"],
    retention_days: 7,
    ingress: false,
  };
}

/** A whole contract file, closed: facts that it does not know are refused. */
export function contract(
  name: string,
  { properties, required, examples, ...head }: Record<string, unknown>,
): string {
  const file = {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    $id: `urn:kloros:signal:${name}`,
    ...head,
    type: "object",
    properties,
    required,
    additionalProperties: false,
    examples,
  };
  return `${JSON.stringify(file, null, 2)}\n`;
}
