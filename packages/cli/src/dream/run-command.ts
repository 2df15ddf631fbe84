/** `kloros dream run`: asks for a cycle, as a promotion would. */
import { didYouMean, problemLine } from "@kloros/checked-yaml";
import { type DreamFile, readDreamFile } from "@kloros/experiments";
import { Command } from "commander";
import { requestEmit } from "../emit/request-emit.ts";
import { answerNo } from "../program/errors.ts";
import { existingHome, withCommonOptions, type CommonOptions } from "../program/home.ts";
import { printJson, printLine } from "../program/output.ts";
import { readPromotionFiles } from "../promotions/promotion-files.ts";
import { meantBy } from "../promotions/promotion-state.ts";

interface RunOptions extends CommonOptions {
  readonly topic?: string;
  readonly promotions?: boolean;
}

/** Promotions of one cycle; as many as a trigger can name. */
const MAX_PROMOTIONS = 1_000;

export function runCommand(): Command {
  const command = new Command("run")
    .description("Ask for a cycle; prints the receipt when the request is on disk.")
    .argument(
      "[experiment]",
      "its name, also of one that is disabled (default: what the topic means, or the first enabled one)",
    )
    .option("--topic <topic>", "the topic of the cycle")
    .option("--promotions", "feed it the promotions that wait for it, also those whose cycle broke");
  return withCommonOptions(command)
    .action(async (experiment: string | undefined, options: RunOptions) => {
      const home = existingHome(options);
      const { topic = null } = options;
      const meant = experimentMeant(await dreamFile(home), experiment ?? null, topic);
      const promotions = options.promotions === true ? await waitingFor(home, meant) : [];
      const receipt = await requestEmit(home, {
        signal: "Q_DREAM_TRIGGER",
        facts: {
          reason: "requested_by_operator",
          topic,
          promotion_count: promotions.length,
          promotions,
          ...(experiment === undefined ? {} : { experiment }),
        },
      });
      if (options.json === true) await printJson(receipt);
      else
        await printLine(
          `${meant.name} is asked for${fed(promotions)} (${receipt.id}); follow it with: kloros dream status --watch`,
        );
    })
    .addHelpText(
      "after",
      `
Examples:
  kloros dream run
  kloros dream run tune_bus
  kloros dream run --topic compression
  kloros dream run compress_corpus --promotions   again, after its cycle broke`,
    );
}

/** @throws {CommandError} 1: the file cannot be used; the dream consumer would say the same */
async function dreamFile(home: string): Promise<DreamFile> {
  const reading = await readDreamFile(home);
  if (reading.kind === "ok") return reading.file;
  if (reading.kind === "missing")
    throw answerNo(`${home} has no dream_lab/dream.yaml; kloros init writes one`);
  throw answerNo(
    `dream.yaml cannot be used\n${reading.problems.map((problem) => `  ${problemLine(problem)}`).join("\n")}`,
  );
}

/** As the dream consumer chooses. @throws {CommandError} 1: it would refuse */
function experimentMeant(
  { experiments }: DreamFile,
  wanted: string | null,
  topic: string | null,
): DreamFile["experiments"][number] {
  const names = experiments.map(({ name }) => name);
  if (wanted === null) {
    const meant = meantBy(experiments, topic);
    if (meant) return meant;
    const known = experiments.filter(({ enabled }) => enabled).map(({ name }) => name);
    const list = `enabled are ${known.join(", ") || "none"}`;
    throw answerNo(
      topic === null
        ? "dream.yaml has no enabled experiment; name one to run it all the same"
        : `dream.yaml has no enabled experiment for topic ${topic}; ${list}`,
    );
  }
  const named = experiments.find(({ name }) => name === wanted);
  if (named) return named;
  const near = didYouMean(wanted, names);
  const known = near === undefined ? `it has ${names.join(", ") || "none"}` : `did you mean ${near}?`;
  throw answerNo(`dream.yaml has no experiment ${wanted}; ${known}`);
}

/** Names of the promotions that are not acknowledged and mean it. @throws {CommandError} 1: there is none */
async function waitingFor(home: string, experiment: DreamFile["experiments"][number]): Promise<string[]> {
  const dream = await dreamFile(home);
  const names = (await readPromotionFiles(home)).flatMap(({ name, reading, isAcknowledged }) => {
    if (isAcknowledged || reading.kind === "refused") return [];
    const { topic } = reading.promotion;
    const isMeant = topic === experiment.name || meantBy(dream.experiments, topic)?.name === experiment.name;
    return isMeant || (topic !== null && experiment.topics.includes(topic)) ? [name] : [];
  });
  if (names.length === 0) throw answerNo(`no promotion waits for ${experiment.name}`);
  return names.slice(0, MAX_PROMOTIONS);
}

function fed(promotions: readonly string[]): string {
  if (promotions.length === 0) return "";
  return promotions.length === 1 ? `, fed by ${promotions[0]!}` : `, fed by ${promotions.length} promotions`;
}
