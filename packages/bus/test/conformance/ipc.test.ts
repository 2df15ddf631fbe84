import { ipcBackend } from "../mesh/backend.ts";
import { conformance } from "./conformance.ts";

conformance("ZeroMQ ipc", ipcBackend);
