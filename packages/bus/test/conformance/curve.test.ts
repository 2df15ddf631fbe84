import { curveBackend } from "../mesh/backend.ts";
import { conformance } from "./conformance.ts";

conformance("ZeroMQ tcp with CURVE", curveBackend);
