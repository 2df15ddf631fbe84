/** The baseline's other end: parses each message and counts it. */
import { Subscriber } from "zeromq";
import { SIGNAL } from "../bench-signal.ts";
import { Threshold } from "../processes/threshold.ts";
import { cpuMicros, optionsOf, serve } from "../processes/protocol.ts";

const { address } = optionsOf<{ address: string }>();

const subscriber = new Subscriber({ receiveHighWaterMark: 0 });
subscriber.connect(address);
subscriber.subscribe(SIGNAL);

const greeted = new Threshold();
const received = new Threshold();
serve({
  greeted: () => greeted.reaches(1),
  usage: cpuMicros,
  received: ({ count }: { count: number }) => received.reaches(count),
});

for await (const [, body] of subscriber) {
  const { signal } = JSON.parse((body as Buffer).toString()) as { signal: string };
  (signal === SIGNAL ? received : greeted).add();
}
