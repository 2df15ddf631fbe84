/** A thread that does one piece of a generation's work and ends. @see generation-desk.ts */
import { parentPort, workerData } from "node:worker_threads";
import { searchEngine } from "../search/search.ts";
import { judge, type JudgementWork, type ProposalWork, propose } from "./generation-work.ts";

const work = workerData as ProposalWork | JudgementWork;
parentPort?.postMessage(
  work.kind === "propose" ? propose(searchEngine, work) : await judge(searchEngine, work),
);
