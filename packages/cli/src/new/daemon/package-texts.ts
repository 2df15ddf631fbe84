/** What stands around the sources of a new daemon: package, compiler, roster, README. Pure. */
import type { Installation } from "../installation.ts";
import type { NewNames } from "../names.ts";
import { SIGNALS_END, SIGNALS_START } from "../signals-table.ts";
import { WITHIN_SECONDS } from "./contract-texts.ts";

const TYPES =
  "node node_modules/@kloros/cli/bin/chem-bus.mjs contracts types --dir contracts --out src/signals.d.ts";

export function packageText({ package: name }: NewNames, { dependency }: Installation): string {
  const manifest = {
    name,
    version: "0.1.0",
    private: true,
    type: "module",
    engines: { node: ">=20.19" },
    scripts: {
      types: TYPES,
      build: `${TYPES} && node node_modules/typescript/bin/tsc`,
      test: "npm run -s build && node --test dist/test/*.test.js",
      start: "node dist/src/main.js",
    },
    dependencies: {
      "@kloros/bus": dependency("@kloros/bus"),
      "@kloros/daemon": dependency("@kloros/daemon"),
    },
    devDependencies: {
      "@kloros/cli": dependency("@kloros/cli"),
      "@types/node": dependency("@types/node"),
      typescript: dependency("typescript"),
    },
  };
  return json(manifest);
}

/** `noEmitOnError`: what does not compile does not replace what runs. */
export function tsconfigText(): string {
  return json({
    compilerOptions: {
      target: "ES2023",
      lib: ["ES2023"],
      module: "NodeNext",
      moduleResolution: "NodeNext",
      types: ["node"],
      strict: true,
      noUncheckedIndexedAccess: true,
      exactOptionalPropertyTypes: true,
      noImplicitOverride: true,
      verbatimModuleSyntax: true,
      erasableSyntaxOnly: true,
      rewriteRelativeImportExtensions: true,
      skipLibCheck: true,
      noEmitOnError: true,
      incremental: true,
      tsBuildInfoFile: "dist/.tsbuildinfo",
      sourceMap: true,
      rootDir: ".",
      outDir: "dist",
    },
    include: ["src", "test"],
  });
}

export function rosterText(
  { daemon, package: name }: NewNames,
  port: number,
  consumes: readonly string[],
): string {
  return json({
    daemons: [
      {
        name: daemon,
        package: name,
        port,
        description: "Counts the words of texts.",
        main: "../dist/src/main.js",
        writes: [name],
        ...(consumes.length === 0 ? {} : { consumes }),
      },
    ],
  });
}

/**
 * Everything is linked: nothing is to be asked of a registry. And no commands are linked: npm would make the programs of
 * linked packages executable, which it may not where an installation is somebody else's or read-only.
 */
export const NPMRC = "audit=false\nfund=false\nupdate-notifier=false\nbin-links=false\n";
export const GITIGNORE = "node_modules/\ndist/\n";

export function readmeText(names: NewNames, { root }: Installation, table: string): string {
  const { daemon, package: name, requested, done } = names;
  return `# ${name}

A daemon of a KLoROS signal mesh: counts the words of texts, and keeps a total for each subject. Made by \`kloros new daemon\`; the
guide is \`${root}/docs/writing-a-daemon.md\`.

| | |
| --- | --- |
| name on the mesh | \`${daemon}\` |
| unit | \`kloros-${name}.service\`; a copy for reading is in \`systemd/\` |
| writes | \`${name}/<subject>.json\` in the home |
| where it waits | the mesh tells when a request has no answer within ${String(WITHIN_SECONDS)} s |

\`\`\`console
npm install && npm test        # builds, then tests on a real node
kloros daemons add .           # makes it part of the mesh on this home
kloros up                      # runs it with all others; kloros dev restarts it when its sources change
chem-bus emit ${requested} '{"subject": "readme", "text": "one two three"}'
chem-bus listen --signal ${done} --since 1m --count 1
\`\`\`

## Signals

${SIGNALS_START}

${table}

${SIGNALS_END}

\`kloros new signal\` adds one. Contracts are in \`contracts/signals/\`; \`npm run build\` makes the types of their facts.

## Where what is

| | |
| --- | --- |
| \`contracts/daemons.json\` | its entry in the roster: name, port, program, what its unit may write |
| \`src/main.ts\` | starts it |
| \`src/config.ts\` | its settings |
| \`src/decide.ts\` | what is to be done, without doing it |
| \`src/${name}.ts\` | handlers, state, files |
| \`test/\` | its tests |
`;
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
