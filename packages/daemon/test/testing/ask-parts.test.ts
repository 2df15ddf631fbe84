import { askParts, NoStreamsError } from "@kloros/daemon/testing";
import { expect, test } from "vitest";

const parts = {
  control: {
    "hello:plain": (data: unknown) => data,
    "hello:greet": {
      summary: "Greets.",
      parameters: {
        properties: {
          name: { type: "string", description: "Who." },
          loud: { type: "boolean", default: false },
        },
        required: ["name"],
      },
      answer: (data: Readonly<Record<string, unknown>>) => data,
    },
    "hello:follow": {
      summary: "Streams.",
      answer: (_data: unknown, connection: { openStream(): unknown }) => connection.openStream(),
    },
  },
} as const;

test("an event is asked as its control socket would: checked, with defaults, refused where it is unknown", () => {
  expect(askParts(parts, "hello:plain", [1])).toEqual([1]);
  expect(askParts(parts, "hello:greet", { name: "Ada" })).toEqual({ name: "Ada", loud: false });
  expect(() => askParts(parts, "hello:greet")).toThrow("name is required");
  expect(() => askParts(parts, "hello:gret")).toThrow("did you mean hello:greet?");
  expect(() => askParts({}, "hello:plain")).toThrow("hello:plain is unknown here");
});

test("an event that streams is told that nobody is there to read", () => {
  expect(() => askParts(parts, "hello:follow")).toThrow(NoStreamsError);
});
