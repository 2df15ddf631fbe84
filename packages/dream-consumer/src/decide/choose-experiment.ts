/** Which experiment a trigger means. Pure. */
import type { DreamFile, Experiment } from "@kloros/experiments";
import { type Failed, failed } from "./outcome.ts";
import type { Trigger } from "./trigger.ts";

export type Choice =
  | { readonly kind: "chosen"; readonly experiment: Experiment }
  | { readonly kind: "refused"; readonly failure: Failed };

/** Names of experiments that a message lists. */
const MAX_LISTED = 20;

/**
 * By name, else by topic; without either the first that is enabled. Who names an experiment gets it also when it is switched
 * off: only people name one, and an experiment that wants an idle machine waits for them. A topic never means one that is off.
 */
export function chooseExperiment(
  { experiments }: Pick<DreamFile, "experiments">,
  { experiment, topic }: Pick<Trigger, "experiment" | "topic">,
): Choice {
  const wanted = experiment ?? topic;
  const enabled = experiments.filter((candidate) => candidate.enabled);
  const found =
    wanted === null
      ? enabled[0]
      : experiment === null
        ? (enabled.find(({ name }) => name === wanted) ??
          enabled.find(({ topics }) => topics.includes(wanted)))
        : experiments.find(({ name }) => name === experiment);
  if (found !== undefined) return { kind: "chosen", experiment: found };
  return { kind: "refused", failure: failed("NoExperiment", notFound(experiments, experiment, topic)) };
}

function notFound(experiments: readonly Experiment[], name: string | null, topic: string | null): string {
  const disabled = experiments.find((one) => one.name === (name ?? topic) && !one.enabled);
  if (disabled !== undefined)
    return `experiment ${disabled.name} is switched off: set enabled: true in dream_lab/dream.yaml`;
  const known = experiments.filter(({ enabled }) => enabled).map((one) => one.name);
  const list =
    known.length === 0
      ? "none is enabled"
      : `enabled are ${known.slice(0, MAX_LISTED).join(", ")}${known.length > MAX_LISTED ? ", …" : ""}`;
  if (name === null && topic === null) return `dream_lab/dream.yaml has no experiment to run: ${list}`;
  const what = name === null ? `means topic ${JSON.stringify(topic)}` : `is called ${JSON.stringify(name)}`;
  return `no experiment in dream_lab/dream.yaml ${what}; ${list}`;
}
