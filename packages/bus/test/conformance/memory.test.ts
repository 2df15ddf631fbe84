import { memoryBackend } from "../mesh/backend.ts";
import { conformance } from "./conformance.ts";

conformance("memory", memoryBackend);
