/** What every transport must make possible. One suite, run over each. */
import { describe } from "vitest";
import type { Backend } from "../mesh/backend.ts";
import { deliveryTests } from "./delivery.ts";
import { handlingTests } from "./handling.ts";
import { healingTests } from "./healing.ts";
import { journalLifeTests } from "./journal-life.ts";
import { retentionTests } from "./retention.ts";

export function conformance(name: string, backend: Backend): void {
  describe(`delivery over ${name}`, () => {
    deliveryTests(backend);
  });
  describe(`healing over ${name}`, () => {
    healingTests(backend);
  });
  describe(`handling over ${name}`, () => {
    handlingTests(backend);
  });
  describe(`the life of a journal over ${name}`, () => {
    journalLifeTests(backend);
  });
  describe(`retention over ${name}`, () => {
    retentionTests(backend);
  });
}
