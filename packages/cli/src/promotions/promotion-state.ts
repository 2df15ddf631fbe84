/** What a promotion's file has come to, and what its owner can do: decisions alone do not tell. */
import {
  canonicalParams,
  type Experiment,
  paramsProblems,
  type Promotion,
  readDreamFile,
} from "@kloros/experiments";
import { liesInAcknowledged, readPromotionFiles } from "./promotion-files.ts";

/** Lines for people; none when no promotion has this name. */
export async function promotionState(home: string, name: string): Promise<string[]> {
  const [file] = await readPromotionFiles(home, name);
  if (file === undefined)
    return (await liesInAcknowledged(home, name))
      ? [`${name} is acknowledged: it was moved to promotions/acknowledged/`]
      : [];
  const { reading } = file;
  if (reading.kind === "refused") return [`${name} is refused: ${reading.reason}`];
  if (file.isAcknowledged) return [`${name} is acknowledged by a file of its own`];
  return [
    `${name} is not acknowledged: no cycle that it fed has run to its end`,
    ...(await prospects(home, reading.promotion)),
  ];
}

async function prospects(home: string, promotion: Promotion): Promise<string[]> {
  const dream = await readDreamFile(home);
  if (dream.kind !== "ok") return ["dream.yaml cannot be used now: kloros dream check tells why"];
  const experiment = meantBy(dream.file.experiments, promotion.topic);
  if (experiment === null)
    return [
      `no enabled experiment of dream.yaml is called ${JSON.stringify(promotion.topic)} or has it among its topics; ` +
        "add it to one, then: kloros dream run <experiment> --promotions",
    ];
  return [
    ...misfits(experiment, promotion),
    "it starts a cycle by itself once; when that cycle broke, change its content, " +
      `or: kloros dream run ${experiment.name} --promotions`,
  ];
}

/** As the dream consumer chooses: by name, else by topic, without a topic the first that is enabled. */
export function meantBy(experiments: readonly Experiment[], topic: string | null): Experiment | null {
  const enabled = experiments.filter((one) => one.enabled);
  if (topic === null) return enabled[0] ?? null;
  return (
    enabled.find(({ name }) => name === topic) ?? enabled.find(({ topics }) => topics.includes(topic)) ?? null
  );
}

function misfits({ name, search_space }: Experiment, { params }: Promotion): string[] {
  if (params === null) return [];
  const problems = paramsProblems(search_space, canonicalParams(search_space, params));
  if (problems.length === 0) return [];
  return [`its parameters do not fit ${name} and are left out: ${problems.join("; ")}`];
}
