// The arrows of docs/architecture.md as rules: signal ← protocol ← journal, transport ← node ← daemon kit ← daemons.
// The comment of a rule is what a person reads when it is broken.

const BUS = "^packages/bus/src/";
/** Packages without a life of their own, which daemons and commands may import. */
const LIBRARIES = "bounded-process/|checked-yaml/|experiments/";
const PROGRAMS = "shipped-experiments/";
const DAEMONS = `^packages/(?!bus/|client/|daemon/|cli/|${LIBRARIES}|${PROGRAMS})([^/]+)/`;
const SOURCES = "^packages/[^/]+/src/";

/** Inside the bus: `layer` may import itself and `below`, and nothing else of the bus. */
function layer(name, below, comment) {
  return {
    name: `bus-${name}-imports-only-what-lies-below`,
    comment,
    severity: "error",
    from: { path: `${BUS}${name}/` },
    to: { path: BUS, pathNot: [`${name}/`, ...below].map((target) => `${BUS}${target}`) },
  };
}

/** A third-party package has one home; elsewhere it is reached through the code that lives there. */
function onlyIn(dependency, home, comment) {
  return {
    name: `${dependency}-has-one-home`,
    comment,
    severity: "error",
    from: { path: SOURCES, pathNot: home },
    to: { path: `(^|/)node_modules/${dependency}/` },
  };
}

const layers = [
  layer("signal", [], "signal/ is the bottom of the bus: envelope, contract, validation."),
  layer("protocol", ["signal/"], "protocol/ is the pure core; it knows signals and nothing else."),
  layer(
    "journal/",
    ["signal/", "protocol/", "files/"],
    "journal/ and transport/ stand side by side; node/ joins them.",
  ),
  layer(
    "transport/",
    ["signal/", "protocol/", "files/"],
    "transport/ and journal/ stand side by side; node/ joins them.",
  ),
  layer("files", ["signal/errors"], "files/ is a leaf: file primitives that know nothing but the errors."),
  {
    name: "bus-node-imports-no-test-kit",
    comment: "testing/ is for tests; production code does not lean on it.",
    severity: "error",
    from: { path: SOURCES, pathNot: "^packages/(bus|daemon)/src/testing/" },
    to: { path: "^packages/(bus|daemon)/src/testing/" },
  },
];

const packages = [
  {
    name: "bus-knows-no-daemon",
    comment: "The bus is below everything: it imports neither the kit, nor daemons, nor commands.",
    severity: "error",
    from: { path: "^packages/bus/src/" },
    to: { path: "^packages/(?!bus/)" },
  },
  {
    name: "client-stands-alone",
    comment:
      "The client is for programs beside the mesh: it loads no journal and no sockets, only the base of all errors.",
    severity: "error",
    from: { path: "^packages/client/src/" },
    to: { path: "^packages/(?!client/|bus/(src|dist)/error\\.)" },
  },
  {
    name: "kit-knows-no-daemon",
    comment: "The daemon kit stands on the bus and knows none of the daemons built on it.",
    severity: "error",
    from: { path: "^packages/daemon/src/" },
    to: { path: "^packages/(?!bus/|client/|daemon/)" },
  },
  {
    name: "daemons-talk-by-signal",
    comment: "Daemons never import each other, nor the commands; they talk by signal.",
    severity: "error",
    from: { path: `${DAEMONS}src/` },
    to: { path: `^packages/(?!bus/|client/|daemon/|${LIBRARIES})`, pathNot: "^packages/$1/" },
  },
  {
    name: "commands-start-daemons-as-processes",
    comment:
      "The CLI runs daemons as processes of their own; it imports only the bus, the kit and the libraries.",
    severity: "error",
    from: { path: "^packages/cli/src/" },
    to: { path: `^packages/(?!bus/|client/|daemon/|cli/|${LIBRARIES})` },
  },
  {
    name: "libraries-know-no-daemon",
    comment: "Libraries stand on the bus and on each other; neither the kit nor a daemon is theirs to know.",
    severity: "error",
    from: { path: `^packages/(${LIBRARIES}|${PROGRAMS})src/` },
    to: { path: `^packages/(?!bus/|${LIBRARIES}|${PROGRAMS})` },
  },
  {
    name: "across-packages-by-name",
    comment:
      "Another package is imported by its name (@kloros/bus), never by a relative path or past its index.ts.",
    severity: "error",
    from: { path: "^packages/([^/]+)/src/" },
    to: {
      path: "^packages/[^/]+/",
      pathNot: ["^packages/$1/", "^packages/[^/]+/(src|dist)/((testing/)?index|error)\\.(ts|js|d\\.ts)$"],
    },
  },
];

const purity = [
  {
    name: "protocol-is-pure",
    comment:
      "protocol/ takes (event, now) and returns actions: no Node, no npm, so that the simulator can own time.",
    severity: "error",
    from: { path: `${BUS}protocol/` },
    to: { dependencyTypes: ["core", "npm", "npm-dev", "npm-peer", "npm-optional"] },
  },
  {
    name: "decide-is-pure",
    comment: "decide.ts takes facts and returns decisions; effects belong to the shell next to it.",
    severity: "error",
    from: { path: ["^packages/[^/]+/src/decide\\.ts$", "^packages/[^/]+/src/decide/"] },
    to: { dependencyTypes: ["core"] },
  },
];

const homes = [
  onlyIn("zeromq", `${BUS}transport/`, "Sockets are packages/bus/src/transport's business."),
  onlyIn("lmdb", `${BUS}journal/`, "LMDB is packages/bus/src/journal's business."),
  onlyIn("ajv", `${BUS}signal/`, "Validation is packages/bus/src/signal's business."),
  onlyIn("fs-native-extensions", `${BUS}files/`, "File locks are packages/bus/src/files's business."),
  onlyIn("pino", "^packages/daemon/src/", "Loggers come from the daemon kit (ctx.log)."),
  onlyIn("node-unix-socket", "^packages/daemon/src/", "Datagram sockets are the daemon kit's business."),
  onlyIn(
    "web-tree-sitter",
    "^packages/investigation-consumer/src/",
    "Parsing belongs to the investigation consumer.",
  ),
  onlyIn("commander", "^packages/cli/src/", "Command lines are parsed in the CLI."),
];

const hygiene = [
  {
    name: "no-cycles",
    comment: "Two files that import each other are one file; find the noun they share.",
    severity: "error",
    from: {},
    to: { circular: true },
  },
  {
    name: "resolvable",
    comment: "This import leads nowhere: misspelt, not installed, or not exported by its package.",
    severity: "error",
    from: {},
    to: { couldNotResolve: true },
  },
  {
    name: "production-needs-no-dev-dependency",
    comment: "What packages/*/src imports stands in the dependencies of that package's own package.json.",
    severity: "error",
    from: { path: SOURCES, pathNot: `${BUS}testing/` },
    to: {
      dependencyTypes: ["npm-dev", "npm-no-pkg", "npm-unknown"],
      dependencyTypesNot: ["type-only", "local", "aliased-workspace"],
      pathNot: "node_modules/@types/",
    },
  },
  {
    name: "production-imports-no-tests",
    comment: "Tests import sources, never the other way round.",
    severity: "error",
    from: { path: SOURCES },
    to: { path: "^(test/|packages/[^/]+/test/)" },
  },
  {
    name: "nothing-imports-main",
    comment: "main.ts runs a daemon as soon as it is imported; what others need belongs in a file beside it.",
    severity: "error",
    from: {},
    to: { path: "^packages/[^/]+/src/main\\.ts$" },
  },
];

/** @type {import("dependency-cruiser").IConfiguration} */
export default {
  forbidden: [...layers, ...packages, ...purity, ...homes, ...hygiene],
  options: {
    doNotFollow: { path: ["node_modules", "^packages/[^/]+/dist"] },
    exclude: { path: ["^packages/[^/]+/dist/", "\\.tsbuildinfo$"] },
    tsPreCompilationDeps: true,
    combinedDependencies: false,
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["source", "import", "node", "require", "default", "types"],
      extensions: [".ts", ".mjs", ".js", ".json", ".d.ts"],
    },
    skipAnalysisNotInRules: true,
  },
};
