/**
 * The shell: handlers only write down what was asked and return; the runner carries it out.
 *
 * P3 What was asked, each step of a deployment, and its outcome are state before anything follows from them.
 * P6 Each ask ends as exactly one of: deployed, failed with the truth about what is in place, or nothing to do.
 */
import { killLeftovers } from "@kloros/bounded-process";
import type { DaemonContext, DaemonParts } from "@kloros/daemon";
import { deployedExperiments, readHistory, deployedPaths, readStanding } from "@kloros/experiments";
import type { Config } from "./config.ts";
import { actionOf } from "./decide.ts";
import { JobBook } from "./jobs/job-book.ts";
import { askOfCompletion, askOfRequest } from "./jobs/stored-ask.ts";
import { Reverter } from "./revert/reverter.ts";
import { ROLLBACK_PARAMETERS } from "./revert/wish.ts";
import { Office } from "./runner/office.ts";
import { Runner } from "./runner/runner.ts";
import { Turns } from "./runner/turns.ts";
import { runLabel, type Workplace } from "./workplace.ts";

/** Registers the handlers; deployments go on when the node has started. */
export function winnerDeployer(context: DaemonContext<Config>): DaemonParts {
  const { node, config, home, workspace, log, stopping } = context;
  const place: Workplace = { home, workspace, config, log, stopping, measuring: new Turns() };
  const book = new JobBook(node.state, config.remembered);
  const office = new Office(node, book, place);
  const runner = new Runner(office);
  const reverter = new Reverter(office, runner);

  node.on("Q_DREAM_COMPLETE", (signal, tx) => {
    book.ask(tx, askOfCompletion(signal));
    tx.afterCommit(() => runner.kick());
  });
  node.on("Q_DEPLOYMENT_REQUESTED", (signal, tx) => {
    book.ask(tx, askOfRequest(signal));
    tx.afterCommit(() => runner.kick());
  });

  const jobs = () =>
    book.live().map((job) => ({
      cycle_id: job.cycle_id,
      experiment: job.experiment,
      winner_id: job.winner_id,
      attempt: job.attempt,
      done: job.step,
      doing: actionOf(job),
      measured: job.measured,
    }));

  return {
    start: async () => {
      const ended = await killLeftovers(runLabel(home));
      if (ended > 0) log.warn({ processes: ended }, "Commands of an earlier life ended");
      await reverter.finishBegun();
      runner.start();
    },
    stop: async () => runner.stop(),
    statusLine: () => {
      const [first] = jobs();
      const done = `deployed ${String(runner.counts.deployed)}, failed ${String(runner.counts.failed)}`;
      return first === undefined ? done : `${first.doing} of ${first.experiment} ${first.cycle_id}; ${done}`;
    },
    health: () => ({ ...runner.counts, live: book.live().length }),
    control: {
      "deployments:list": {
        summary: "What is deployed of each experiment, how the last deployment ended, and what is under way.",
        parameters: { properties: {} },
        examples: [{}],
        answer: async () => {
          const experiments = await deployedExperiments(home);
          return Promise.all(
            experiments.map(async (experiment) => ({
              ...(await readStanding(home, experiment)),
              last: (await readHistory(deployedPaths(home, experiment))).at(-1) ?? null,
              running: jobs().find((job) => job.experiment === experiment) ?? null,
            })),
          );
        },
      },
      "deployments:status": {
        summary: "Deployments that are under way.",
        parameters: { properties: {} },
        examples: [{}],
        answer: () => jobs(),
      },
      "deployments:rollback": {
        summary: "Puts an experiment back to an earlier version; answers when it is in place.",
        parameters: ROLLBACK_PARAMETERS,
        examples: [{ experiment: "tune_bus" }, { experiment: "tune_bus", to: "dream_1", reason: "too slow" }],
        answer: async (data) => reverter.rollback(data),
      },
    },
  };
}
