import { tcpBackend } from "../mesh/backend.ts";
import { conformance } from "./conformance.ts";

conformance("ZeroMQ tcp", tcpBackend);
