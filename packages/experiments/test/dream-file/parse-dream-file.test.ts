import { availableParallelism } from "node:os";
import { expect, it } from "vitest";
import { problemLine } from "@kloros/checked-yaml";
import { type DreamFile, parseDreamFile } from "@kloros/experiments";

function parsed(text: string): DreamFile {
  const reading = parseDreamFile(text, "dream.yaml");
  if (reading.kind === "invalid") throw new Error(reading.problems.map(problemLine).join("\n"));
  return reading.value;
}

function problems(text: string): string[] {
  const reading = parseDreamFile(text, "dream.yaml");
  return reading.kind === "ok" ? [] : reading.problems.map(problemLine);
}

const SMALLEST = `experiments: [{name: a, search_space: {x: [1, 2]}, evaluator: {command: [run]}}]`;

it("an experiment needs a name, a search space and a command; everything else has a default", () => {
  expect(parsed(SMALLEST)).toEqual({
    run: {
      seed: 1,
      global_budget: { wallclock_sec: 900, max_candidates: 200, max_generations: 20 },
      scheduling: { max_parallel: 1, backoff_sec: 0 },
    },
    retention: { keep_cycles: 20, keep_versions: 5 },
    mutators: { algorithm: "auto", gaussian_sigma: 0.15, categorical_rate: 0.2, crossover_rate: 0.5 },
    experiments: [
      {
        name: "a",
        description: "",
        enabled: true,
        topics: [],
        search_space: new Map([["x", { type: "choice", values: [1, 2], when: null }]]),
        baseline: null,
        evaluator: {
          command: ["run"],
          timeout_s: 30,
          repeats: 1,
          limits: {
            cpu_s: 30 * availableParallelism(),
            memory_bytes: 1024 ** 3,
            output_bytes: 1024 ** 2,
          },
        },
        budget: { wallclock_sec: 900, max_candidates: 200, max_generations: 20 },
        metrics: { target_direction: "up" },
        selector: { population: 12, tournament_size: 3, survivors: 6, elitism: 1, fresh_inject: 1 },
        convergence: { patience_gens: 5 },
        artifact: { kind: "params", file: "params.json" },
        validate: null,
        probation: null,
        acceptance: { repeats: 5, max_p_value: 0.05, min_improvement: 0 },
      },
    ],
  });
});

it("an empty file has no experiments", () => {
  expect(parsed("").experiments).toEqual([]);
});

it("every field of the field's spelling is read", () => {
  const [experiment] = parsed(`
run: {seed: 7, global_budget: {max_candidates: 40}, scheduling: {max_parallel: 2, backoff_sec: 0.5}}
retention: {keep_cycles: 3, keep_versions: 0}
mutators: {algorithm: evolution, gaussian_sigma: 0.3, categorical_rate: 1, crossover_rate: 0}
experiments:
  - name: squeeze
    description: Smaller
    enabled: false
    topics: [compression, zlib]
    search_space:
      codec: [brotli, deflate]
      level: {type: int, min: 1, max: 9, when: {codec: deflate}}
      rate: {type: real, min: 0.001, max: 1, log: true}
      fast: {type: bool, when: {codec: [brotli, deflate]}}
      mode: {values: [text, font], when: {fast: true}}
    baseline: {codec: brotli, rate: 0.5, fast: false}
    evaluator: {command: ["{node}", "{experiments}/x.js", ""], timeout_s: 2.5, repeats: 7, limits: {memory_bytes: 64MiB}}
    budget: {max_candidates: 99, max_generations: 4}
    metrics: {target_direction: down}
    selector: {population: 20, survivors: 4}
    convergence: {patience_gens: 2}
    artifact: {template: "{workspace}/etc/app.conf.tpl"}
    validate: {command: [check, "{artifact}"]}
    probation: {command: [watch, "{current}"], seconds: 5}
    acceptance: {max_p_value: 0.01}
`).experiments;
  expect(experiment).toMatchObject({
    enabled: false,
    baseline: { codec: "brotli", rate: 0.5, fast: false },
    evaluator: { timeout_s: 2.5, repeats: 7, limits: { memory_bytes: 64 * 1024 ** 2 } },
    budget: { wallclock_sec: 900, max_candidates: 40, max_generations: 4 },
    metrics: { target_direction: "down" },
    selector: { population: 20, tournament_size: 3, survivors: 4, elitism: 1, fresh_inject: 1 },
    artifact: { kind: "template", template: "{workspace}/etc/app.conf.tpl", file: "app.conf" },
    validate: { command: ["check", "{artifact}"], timeout_s: 60 },
    probation: { seconds: 5 },
    acceptance: { repeats: 7, max_p_value: 0.01, min_improvement: 0 },
  });
  expect([...(experiment?.search_space ?? [])].map(([name, { type, when }]) => [name, type, when])).toEqual([
    ["codec", "choice", null],
    ["level", "int", { param: "codec", values: ["deflate"] }],
    ["rate", "real", null],
    ["fast", "bool", { param: "codec", values: ["brotli", "deflate"] }],
    ["mode", "choice", { param: "fast", values: [true] }],
  ]);
});

it("an external mutator writes the artifact from a source file", () => {
  const text = SMALLEST.replace(
    "}}]",
    "}, artifact: {source: src/x.py, mutator: {command: [mutate, '{artifact}']}}}]",
  );
  expect(parsed(text).experiments[0]?.artifact).toEqual({
    kind: "mutator",
    file: "x.py",
    command: ["mutate", "{artifact}"],
    timeout_s: 30,
    source: "src/x.py",
  });
});

it("a small budget makes a population that nobody asked for smaller", () => {
  const text = SMALLEST.replace("}}]", "}, budget: {max_candidates: 5}}]");
  expect(parsed(text).experiments[0]?.selector).toEqual({
    population: 5,
    tournament_size: 3,
    survivors: 2,
    elitism: 1,
    fresh_inject: 1,
  });
});

it("all mistakes of a file are told at once, each where it stands", () => {
  const text = `run: {sed: 3, global_budget: {max_candidates: -3}}
experiments:
  - name: A b
    search_space:
      x: {type: float, min: 0}
      y: {type: int, min: 5, max: 1.5}
    evaluator: {command: "node a.js", timeout_s: -1}
  - name: ok
    search_space: {x: [1, 2]}
    evaluator: {comand: []}
`;
  expect(problems(text)).toEqual([
    "dream.yaml:1:7: run.sed is not known here; did you mean seed?",
    "dream.yaml:1:47: run.global_budget.max_candidates must be a whole number from 1 to 100000 (got -3)",
    expect.stringMatching(
      /^dream\.yaml:3:11: experiments\[0\]\.name must be a name fit for a folder: .* \(got "A b"\)$/,
    ),
    'dream.yaml:5:17: experiments[0].search_space.x.type must be one of choice, real, int, bool (got "float")',
    "dream.yaml:6:35: experiments[0].search_space.y.max must be a whole number (got 1.5)",
    "dream.yaml:7:26: experiments[0].evaluator.command must be a list of words, such as [node, measure.js]: no shell splits a line",
    "dream.yaml:7:50: experiments[0].evaluator.timeout_s must be a number from 0.1 to 86400 (got -1)",
    "dream.yaml:10:16: experiments[1].evaluator lacks command, which must be given",
    "dream.yaml:10:17: experiments[1].evaluator.comand is not known here; did you mean command?",
  ]);
});

/** `experiments[0]` with one thing changed, and what is said of it. */
it.each([
  ["search_space: {}", "search_space must not be empty"],
  ["search_space: {x: []}", "search_space.x must not be empty"],
  ["search_space: {x: [1, 1]}", "search_space.x[1] is there twice (1)"],
  ["search_space: {x: 3}", "search_space.x must be a list of values, or a mapping"],
  ["search_space: {x: {min: 1, max: 2}}", "search_space.x lacks type"],
  ["search_space: {x: {type: real, min: 2, max: 2}}", "search_space.x.min must be below max (got 2 and 2)"],
  [
    "search_space: {x: {type: real, min: 0, max: 2, log: true}}",
    "min must be above 0 on a logarithmic scale (got 0)",
  ],
  ["search_space: {x: {type: int, min: 0.5, max: 2}}", "search_space.x.min must be a whole number (got 0.5)"],
  ["search_space: {x: {type: real, min: -1e308, max: 1e308}}", "spans more than a number can hold"],
  ["search_space: {x: {type: real, min: 0}}", "search_space.x lacks max"],
  ["search_space: {x: {type: bool, min: 0}}", "search_space.x.min is not known here"],
  ["search_space: {__proto__: [1]}", "must be a parameter's name"],
  [
    "search_space: {x: {type: bool, when: {y: 1}}, y: [1]}",
    "when.y must name a parameter that is declared before",
  ],
  [
    "search_space: {x: {type: bool, when: {x: true}}}",
    "when.x must name a parameter that is declared before",
  ],
  ["search_space: {colour: [a], x: {type: bool, when: {color: a}}}", "did you mean colour?"],
  ["search_space: {y: [a], x: {type: bool, when: {y: b}}}", 'when.y can never be: y is one of "a" (got "b")'],
  ["search_space: {y: [a], x: {type: bool, when: {y: []}}}", "when.y must not be empty"],
  [
    "search_space: {y: [a], z: [b], x: {type: bool, when: {y: a, z: b}}}",
    "must name exactly one other parameter (got 2)",
  ],
  ["evaluator: {command: []}", "evaluator.command must not be empty"],
  ["evaluator: {command: ['']}", "evaluator.command[0] must be a text that is not empty"],
  ["evaluator: {command: [run, 5]}", "evaluator.command[1] must be a text (got 5); put it in quotes"],
  ["evaluator: {command: [run, '{hom}']}", "has an unknown placeholder: {hom} means nothing here"],
  ["evaluator: {command: [run, '{current}']}", "has an unknown placeholder: {current} means nothing here"],
  [
    "evaluator: {command: [run], repeats: 0}",
    "evaluator.repeats must be a whole number from 1 to 1000 (got 0)",
  ],
  [
    "evaluator: {command: [run], limits: {memory_bytes: 5}}",
    "memory_bytes must be an amount of bytes from 1MiB",
  ],
  ["baseline: {x: 3}", "baseline is no point of the search space: x must be one of 1, 2 (got 3)"],
  ["baseline: {}", "baseline is no point of the search space: x is missing"],
  ["baseline: 3", "baseline must be a mapping of names to values (got 3)"],
  ["topics: [t, t]", "topics[1] is t, which this experiment is called already"],
  ["metrics: {target_direction: upp}", 'target_direction must be one of up, down (got "upp")'],
  ["selector: {population: 1}", "selector.population must be a whole number from 2 to 10000"],
  [
    "selector: {population: 4, survivors: 5}",
    "selector.survivors must not be above population, which is 4 (got 5)",
  ],
  ["selector: {population: 4, tournament_size: 5}", "selector.tournament_size must not be above population"],
  ["selector: {population: 4, elitism: 4}", "selector.elitism must be below population"],
  [
    "selector: {population: 4, elitism: 2, fresh_inject: 3}",
    "fresh_inject and elitism together must not be above",
  ],
  [
    "{budget: {max_candidates: 5}, selector: {population: 6}}",
    "population must not be above budget.max_candidates, which is 5",
  ],
  [
    "{budget: {max_candidates: -3}, selector: {population: 6}}",
    "budget.max_candidates must be a whole number from 1",
  ],
  ["budget: {wallclock_sec: 0}", "budget.wallclock_sec must be a whole number from 1"],
  ["artifact: {template: ../x}", "artifact.template must stay inside its folder"],
  ["artifact: {template: a/../../x}", "artifact.template must stay inside its folder"],
  ["artifact: {template: /etc/passwd}", "artifact.template must stay inside its folder"],
  ["artifact: {template: '{workspace}/../x'}", "artifact.template must stay inside its folder"],
  ["artifact: {template: sub/}", "artifact.template must name a file, not a folder"],
  ["artifact: {template: a, file: ../b}", "artifact.file must be a plain relative path"],
  ["artifact: {template: version.json}", "has a name that is kept for the mesh's own files"],
  ["artifact: {template: a, source: b, mutator: {command: [m]}}", "has both template and mutator"],
  ["artifact: {file: a.json}", "artifact needs template or mutator"],
  ["artifact: {mutator: {command: [m]}}", "artifact lacks source"],
  ["validate: {timeout_s: 5}", "validate lacks command"],
  ["probation: {command: [p, '{seed}']}", "has an unknown placeholder: {seed}"],
  ["acceptance: {max_p_value: 2}", "acceptance.max_p_value must be a number from 0 to 1 (got 2)"],
])("%s is told", (change, wanted) => {
  const fields = new Map([
    ["search_space", "search_space: {x: [1, 2]}"],
    ["evaluator", "evaluator: {command: [run]}"],
  ]);
  const lines = change.startsWith("{") ? change.slice(1, -1).split(/, (?=selector)/) : [change];
  for (const line of lines) fields.set(line.slice(0, line.indexOf(":")), line);
  const text = `experiments:\n  - name: a\n    ${[...fields.values()].join("\n    ")}\n`;
  const told = problems(text);
  expect(told.join("\n")).toContain(wanted);
  expect(told, "one mistake is told once").toHaveLength(1);
});

it("a topic must mean one experiment", () => {
  const text = `experiments:
  - {name: a, topics: [t], search_space: {x: [1]}, evaluator: {command: [r]}}
  - {name: a, topics: [t, b], search_space: {x: [1]}, evaluator: {command: [r]}}
  - {name: b, search_space: {x: [1]}, evaluator: {command: [r]}}
`;
  expect(problems(text)).toEqual([
    "dream.yaml:3:12: experiments[1].name is a, which experiments[0] is called already; remove it or choose another",
    "dream.yaml:3:24: experiments[1].topics[0] is t, which experiments[0] is called already; remove it or choose another",
    "dream.yaml:4:12: experiments[2].name is b, which experiments[1] is called already; remove it or choose another",
  ]);
});
