import { expect, it } from "vitest";
import { toCloudEvent } from "../../src/signal/cloud-event.ts";
import { envelopeExample } from "./envelope-example.ts";

it("an envelope becomes a CloudEvent without losing a field", () => {
  const envelope = envelopeExample({ causation_id: "0199d2a4-7a00-7000-8000-000000000001" });
  expect(toCloudEvent(envelope)).toEqual({
    specversion: "1.0",
    type: envelope.signal,
    id: envelope.id,
    time: envelope.timestamp,
    source: envelope.source,
    datacontenttype: "application/json",
    data: envelope.facts,
    correlationid: envelope.correlation_id,
    causationid: envelope.causation_id,
    traceparent: envelope.traceparent,
    sequence: "0000000000000012",
    previoussequence: "0000000000000009",
    epoch: envelope.epoch,
    priority: "normal",
    contractversion: 1,
  });
});

it("a signal that nothing caused has no causationid", () => {
  expect(toCloudEvent(envelopeExample())).not.toHaveProperty("causationid");
});

it("attribute names are what CloudEvents allows", () => {
  const names = Object.keys(toCloudEvent(envelopeExample()));
  expect(names.filter((name) => !/^[a-z0-9]{1,20}$/.test(name))).toEqual([]);
});
