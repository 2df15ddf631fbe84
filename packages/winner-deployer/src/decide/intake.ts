/** What an ask for a deployment leads to, given what is known of its cycle. Pure. */
import { FAILURES, type Failure } from "./failures.ts";
import type { Asker, EndedJob, Job } from "./job.ts";

export interface Ask {
  readonly asker: Asker;
  /** A completed cycle announces itself; a request wants an answer, whatever was before. */
  readonly isRequest: boolean;
  /** A request that repeats an earlier one; without it, it is an operator's own wish. */
  readonly isRetry: boolean;
}

export type Intake =
  | { readonly kind: "begin"; readonly attempt: number }
  | { readonly kind: "join"; readonly job: Job }
  /** Asked again for what stands: its outcome, for this asker. */
  | { readonly kind: "answer"; readonly answer: "deployed" | Failure }
  | { readonly kind: "ignore"; readonly reason: string };

/** Askers of one deployment that are remembered; a retry per timeout makes a handful. */
const MAX_ASKERS = 32;

/** `isCurrent`: the cycle's version is the one in place, and has been deployed to the end. */
export function intake(
  ask: Ask,
  live: Job | undefined,
  ended: EndedJob | undefined,
  isCurrent: boolean,
): Intake {
  if (live) return join(live, ask.asker);
  if (!ended) return isCurrent && ask.isRequest ? answerDeployed() : begin(1, isCurrent);
  if (!ask.isRequest) return { kind: "ignore", reason: `the deployment has ended: ${ended.result.kind}` };
  const { result, job } = ended;
  if (isCurrent) return answerDeployed();
  if (!ask.isRetry) return begin(job.attempt + 1, false);
  switch (result.kind) {
    case "failed":
      return FAILURES[result.failure.error_type]
        ? begin(job.attempt + 1, false)
        : { kind: "answer", answer: result.failure };
    case "deployed":
      return gone(
        "Superseded",
        `${job.cycle_id} was deployed, and another version has taken its place since`,
      );
    case "reverted":
      return gone(
        "Reverted",
        `${job.cycle_id} was deployed, and an operator has put another version in place`,
      );
  }
}

function begin(attempt: number, isCurrent: boolean): Intake {
  return isCurrent
    ? { kind: "ignore", reason: "the version is in place already" }
    : { kind: "begin", attempt };
}

function answerDeployed(): Intake {
  return { kind: "answer", answer: "deployed" };
}

function gone(error_type: "Superseded" | "Reverted", what: string): Intake {
  const error_message = `${what}; to deploy it again, ask with Q_DEPLOYMENT_REQUESTED without retry_of`;
  return { kind: "answer", answer: { error_type, error_message } };
}

function join(job: Job, asker: Asker): Intake {
  const isKnown = job.askers.some(({ correlation_id }) => correlation_id === asker.correlation_id);
  if (isKnown) return { kind: "ignore", reason: "the deployment runs already" };
  if (job.askers.length >= MAX_ASKERS)
    return { kind: "ignore", reason: `more than ${String(MAX_ASKERS)} wait for it` };
  return { kind: "join", job: { ...job, askers: [...job.askers, asker] } };
}
