import type { RequestOptions } from "../request-options.ts";

/** Asks the daemon behind a convenience for its one result. */
export type AskSingle = (event: string, data: unknown, options?: RequestOptions) => Promise<unknown>;
