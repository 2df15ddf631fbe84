/** The settings of this daemon; from this table come their names in mesh.yaml, environment and flags, and the README's table. */
import { defineSettings } from "@kloros/daemon";

export const settings = defineSettings({
  max_questions: {
    type: "integer",
    default: 20_000,
    min: 10,
    max: 200_000,
    unit: "questions",
    description:
      "Questions remembered; beyond it the one whose last investigation is longest ago is forgotten.",
  },
  low_confidence: {
    type: "number",
    default: 0.3,
    min: 0,
    max: 1,
    description: "Findings of which the investigation is less sure than this are asked for once more.",
  },
  reinvestigate_delay: {
    type: "duration",
    default: "10s",
    min: "0ms",
    max: "1d",
    description:
      "Wait before a question is asked again for the first time; it doubles each time, up to an hour.",
  },
  write_interval: {
    type: "duration",
    default: "1s",
    min: "10ms",
    max: "1h",
    description: "Least time between two writes of `semantic_evidence.json`.",
  },
  embedder: {
    type: "list",
    default: [],
    description:
      'Program and arguments that turn texts into vectors: a line `{"id": 0, "text": "…"}` on its input for each, a line `{"id": 0, "embedding": [numbers]}` on its output. Empty: words are compared.',
  },
  embedder_threshold: {
    type: "number",
    default: 0.9,
    min: 0,
    max: 1,
    description: "Cosine of two questions' vectors from which on they ask the same.",
  },
  embedder_timeout: {
    type: "duration",
    default: "20s",
    min: "100ms",
    max: "50s",
    description: "Longest run of the embedder.",
  },
});

/** Values of the settings; time spans in milliseconds. */
export type Config = ReturnType<typeof settings.defaults>;
