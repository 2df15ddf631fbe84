/** The `dream_lab/dream.yaml` of a new home: a real experiment that runs, two more to try, and what every field means. */

export const DREAM_YAML = `# Experiments that improve something by trying: what may be varied, how it is measured, what is deployed.
# A promotion in dream_lab/promotions/ starts one, and so does: kloros dream run <name>
# After an edit: kloros dream check. The file is read at the start of each cycle; a cycle that runs keeps what it began with.
# docs/experiments.md has all fields in a table and shows how to write an experiment of your own.

run:
  seed: 1                   # the same seed gives the same candidates
  global_budget:            # limits of one cycle; no experiment gets more
    wallclock_sec: 900
    max_candidates: 200
    max_generations: 20
  scheduling:
    max_parallel: 1         # candidates measured at once; more is faster, and disturbs what measures speed
    backoff_sec: 0          # rest between two generations

retention:
  keep_cycles: 20           # folders of finished cycles, newest first
  keep_versions: 5          # deployed versions per experiment, besides the one in use and the one before

mutators:
  algorithm: auto           # evolution, cma_es or random; auto chooses by the search space
  gaussian_sigma: 0.15      # step of a number, as a share of its range
  categorical_rate: 0.2     # chance that a choice or a boolean is drawn anew
  crossover_rate: 0.5       # chance that a candidate has two parents

experiments:
  # Makes the text of the workspace small: which compressor, with which settings, within a budget of CPU time?
  - name: compress_corpus
    description: Settings of node:zlib for the text of the workspace, within 0.25 s of CPU time per megabyte
    enabled: true
    topics: [compression]   # a promotion's or trigger's topic, besides the name, that means this experiment
    search_space:           # the order is the order of drawing; a parameter with "when" exists only there
      codec: [deflate, brotli]
      level: {type: int, min: 1, max: 9, when: {codec: deflate}}
      mem_level: {type: int, min: 1, max: 9, when: {codec: deflate}}
      strategy: {values: [default, filtered, huffman_only, rle, fixed], when: {codec: deflate}}
      window_bits: {type: int, min: 9, max: 15, when: {codec: deflate}}
      quality: {type: int, min: 0, max: 11, when: {codec: brotli}}
      lgwin: {type: int, min: 10, max: 24, when: {codec: brotli}}
      mode: {values: [generic, text, font], when: {codec: brotli}}
    baseline:               # in use before anything was deployed: zlib's defaults. Left out: nothing is in use
      {codec: deflate, level: 6, mem_level: 8, strategy: default, window_bits: 15}
    evaluator:              # gets the parameters as JSON on standard input, ends with a line {"fitness": number}
      command: ["{node}", "{experiments}/compress-corpus/evaluate.js", --corpus, "{workspace}"]
      timeout_s: 20
      repeats: 1            # measurements per candidate; more where they scatter
      limits: {memory_bytes: 512MiB}    # also cpu_s and output_bytes
    budget: {wallclock_sec: 120, max_candidates: 40, max_generations: 6}
    metrics: {target_direction: up}     # up: more is better; down: less is
    selector:
      population: 8         # candidates per generation
      tournament_size: 3    # candidates drawn to find one parent
      survivors: 4          # candidates that may be parents
      elitism: 1            # best candidates kept as they are
      fresh_inject: 1       # candidates drawn at random, in each generation
    convergence: {patience_gens: 2}     # generations without a better best that end the search
    # artifact: {template: my.conf.tpl} # what is deployed; left out: params.json
    validate:               # must end with 0 on the artifact, before it is deployed
      command: ["{node}", "{experiments}/compress-corpus/validate.js", --corpus, "{workspace}", "{artifact}"]
      timeout_s: 30
    probation:              # must not fail for so many seconds after it was deployed, or it is rolled back
      command: ["{node}", "{experiments}/compress-corpus/probation.js", --corpus, "{workspace}", "{artifact}"]
      seconds: 5
    acceptance:             # how sure it must be that the winner is better than what is in use
      repeats: 3            # measurements of each, in turns
      max_p_value: 0.05     # chance that the difference is luck
      min_improvement: 0.01 # in units of fitness

  # The mesh tunes its own bus. Wants an idle machine, so it is off; to run it once: kloros dream run tune_bus
  # Its winner is taken up by each daemon at its next start (setting tuned_limits).
  - name: tune_bus
    description: Limits of the signal bus, for the most signals per second on this machine
    enabled: false
    search_space:           # as under "limits" in mesh.yaml
      max_commit_signals: {type: int, min: 64, max: 8192, log: true}
      max_frame_signals: {type: int, min: 16, max: 2048, log: true}
      max_inbox_signals: {type: int, min: 512, max: 65536, log: true}
      max_inbox_bytes: {type: int, min: 1048576, max: 33554432, log: true}
      max_fetch_signals: {type: int, min: 256, max: 16384, log: true}
      max_scan_bytes: {type: int, min: 1048576, max: 67108864, log: true}
      publish_high_water_mark: {type: int, min: 16, max: 2048, log: true}
      max_publish_queue: {type: int, min: 256, max: 16384, log: true}
    baseline:               # the bus's defaults
      max_commit_signals: 2048
      max_frame_signals: 512
      max_inbox_signals: 8192
      max_inbox_bytes: 8388608
      max_fetch_signals: 4096
      max_scan_bytes: 16777216
      publish_high_water_mark: 128
      max_publish_queue: 4096
    evaluator:              # a candidate fails when a signal takes too long or a process takes too much memory
      command: ["{node}", "{experiments}/tune-bus/evaluate.js", --max-latency-ms, "50", --max-memory-mb, "300"]
      timeout_s: 60
    budget: {wallclock_sec: 600, max_candidates: 36, max_generations: 4}
    selector: {population: 9, survivors: 4}
    convergence: {patience_gens: 3}
    validate:
      command: ["{node}", "{experiments}/tune-bus/validate.js", "{artifact}"]
    probation:
      command: ["{node}", "{experiments}/tune-bus/probation.js", "{artifact}"]
      seconds: 20
    acceptance: {repeats: 15} # single runs differ by a tenth, as much as there is to win

  # What failure looks like: every candidate fails in a way of its own, no winner comes of it. kloros dream run meant_to_fail
  - name: meant_to_fail
    description: Shows what happens to candidates that crash, hang, or say nothing sensible
    enabled: false
    search_space:
      way: [exits_with_3, kills_itself, says_nothing, prints_garbage, prints_nan, prints_infinity,
            prints_for_ever, hangs, spins, eats_memory, leaves_a_child]
    evaluator:
      command: ["{node}", "{experiments}/meant-to-fail/evaluate.js"]
      timeout_s: 5
      limits: {cpu_s: 1, memory_bytes: 256MiB, output_bytes: 64KiB}
    budget: {wallclock_sec: 120, max_candidates: 11, max_generations: 1}
`;
