/** The baseline: zeromq.js as its README shows it. One message at a time, awaited; nothing is stored, checked or numbered. */
import { Publisher } from "zeromq";
import { SIGNAL, seedForm, wireForm } from "../bench-signal.ts";
import { cpuMicros, nowNs, optionsOf, serve } from "../processes/protocol.ts";

const { address } = optionsOf<{ address: string }>();
const FORMS = { wire: wireForm, seed: seedForm };

// No high-water mark: nothing is dropped, however far the subscriber is behind.
const publisher = new Publisher({ sendHighWaterMark: 0 });
await publisher.bind(address);

/** `connect` returns before a subscription is there; greetings are sent until one has arrived. Nobody counts them. */
const GREETING_EVERY_MS = 10;
let greetings: NodeJS.Timeout | undefined;

serve({
  greet() {
    greetings = setInterval(() => void publisher.send([SIGNAL, '{"signal":"HELLO"}']), GREETING_EVERY_MS);
  },
  hush: () => clearInterval(greetings),
  usage: cpuMicros,
  async send({ count, form }: { count: number; form: keyof typeof FORMS }) {
    const startNs = nowNs();
    for (let index = 0; index < count; index++) {
      await publisher.send([SIGNAL, JSON.stringify(FORMS[form](index))]);
    }
    return startNs;
  },
});
