/**
 * The results of one tournament: a line for each finished candidate, on disk before anyone is told. What is there at the start is done
 * and not done again; a torn last line is nothing. A candidate has one result, whatever happens: the first.
 */
import { rm } from "node:fs/promises";
import { dirname } from "node:path";
import { DurableAppender, readJsonLines, syncDirectory } from "@kloros/bus";
import { type CandidateResult, encodeResult, parseResult } from "@kloros/experiments";

export class ResultsLog {
  readonly results = new Map<string, CandidateResult>();
  readonly #appender: DurableAppender;

  private constructor(path: string) {
    this.#appender = new DurableAppender(path);
  }

  /** Reads what is there of the given candidates. @throws {FileError} the file cannot be read */
  static async open(path: string, candidateIds: ReadonlySet<string>): Promise<ResultsLog> {
    const log = new ResultsLog(path);
    for await (const { value } of readJsonLines(path)) {
      const result = parseResult(JSON.stringify(value));
      if (result && candidateIds.has(result.candidate_id) && !log.results.has(result.candidate_id))
        log.results.set(result.candidate_id, result);
    }
    return log;
  }

  /** Removes the file for good. @throws the error of the file system */
  static async remove(path: string): Promise<void> {
    await rm(path, { force: true });
    await syncDirectory(dirname(path));
  }

  /** Resolves when the result is on disk. @throws {FileError} nothing of it is in the file */
  async append(result: CandidateResult): Promise<void> {
    if (this.results.has(result.candidate_id)) return;
    await this.#appender.append(encodeResult(result));
    this.results.set(result.candidate_id, result);
  }

  async close(): Promise<void> {
    await this.#appender.close();
  }
}
