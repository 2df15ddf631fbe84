// What ESLint holds the house to. Formatting is Prettier's, layers are dependency-cruiser's, dead code is knip's.
import eslint from "@eslint/js";
import tseslint from "typescript-eslint";

/** Longest file, in lines: what one can read in a sitting. */
const MAX_FILE_LINES = 300;
/** Longest function, in lines: a straight sequence may be long, a tangle may not. */
const MAX_FUNCTION_LINES = 70;

const noDefaultExport = {
  selector: "ExportDefaultDeclaration",
  message: "Export it by name: a default export has another name in each file that imports it.",
};
const noEnvironment = {
  selector: "MemberExpression[object.name='process'][property.name='env']",
  message: "Only config.ts reads the environment; take the value from the daemon's settings.",
};

export default tseslint.config(
  {
    name: "house/ignored",
    ignores: [
      "**/dist/**",
      "**/node_modules/**",
      "**/generated/**",
      "examples/**",
      ".kloros/**",
      "vitest.config.ts",
    ],
  },
  { linterOptions: { reportUnusedDisableDirectives: "error" } },
  eslint.configs.recommended,
  {
    name: "house/typescript",
    files: ["**/*.ts"],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: { project: "./scripts/config/tsconfig.all.json", tsconfigRootDir: process.cwd() },
    },
    rules: {
      "@typescript-eslint/consistent-type-imports": ["error", { disallowTypeAnnotations: false }],
      "@typescript-eslint/consistent-type-exports": "error",
      "@typescript-eslint/switch-exhaustiveness-check": [
        "error",
        { considerDefaultExhaustiveForUnions: true, allowDefaultCaseForExhaustiveSwitch: true },
      ],
      "@typescript-eslint/prefer-readonly": "error",
      "@typescript-eslint/return-await": ["error", "error-handling-correctness-only"],
      "@typescript-eslint/no-unused-vars": [
        "error",
        { argsIgnorePattern: "^_", varsIgnorePattern: "^_", caughtErrors: "all", ignoreRestSiblings: true },
      ],
      "@typescript-eslint/restrict-template-expressions": [
        "error",
        { allowNumber: true, allowBoolean: true },
      ],
      // It does not see what a callback or another turn has changed meanwhile.
      "@typescript-eslint/no-unnecessary-condition": "off",
      // A string is spread to walk its code points.
      "@typescript-eslint/no-misused-spread": [
        "error",
        { allow: [{ from: "lib", name: "string" }, "string"] },
      ],
      "@typescript-eslint/no-dynamic-delete": "off",
      // `return problem(…)` leaves a function of nothing early; there is nothing confusing about it.
      "@typescript-eslint/no-confusing-void-expression": "off",
      // noUncheckedIndexedAccess doubts every index; where one is known to be inside, `!` is how to say so.
      "@typescript-eslint/no-non-null-assertion": "off",
      // An interface may ask for a promise where one implementation of it has nothing to wait for.
      "@typescript-eslint/require-await": "off",
      // The generic of `get<T>(key)` is how the typed reader of a JSON store is asked for.
      "@typescript-eslint/no-unnecessary-type-parameters": "off",
    },
  },
  {
    name: "house/shape",
    files: ["**/*.{ts,mjs}"],
    rules: {
      eqeqeq: "error",
      "prefer-const": "error",
      "object-shorthand": "error",
      "no-param-reassign": "error",
      "max-lines": ["error", { max: MAX_FILE_LINES }],
      "max-lines-per-function": [
        "error",
        { max: MAX_FUNCTION_LINES, skipComments: true, skipBlankLines: true },
      ],
      "no-restricted-syntax": ["error", noDefaultExport],
    },
  },
  {
    name: "house/production",
    files: ["packages/*/src/**/*.ts"],
    rules: { "no-console": "error" },
  },
  {
    name: "house/environment",
    files: ["packages/*/src/**/*.ts"],
    // The kit and the commands are where processes begin; everywhere else the environment is config.ts's business.
    ignores: ["**/config.ts", "**/config/**", "packages/daemon/src/**", "packages/cli/src/**"],
    rules: { "no-restricted-syntax": ["error", noDefaultExport, noEnvironment] },
  },
  {
    name: "house/tests",
    files: ["**/test/**/*.ts", "scripts/**/*.ts"],
    rules: {
      // One `describe` is one function to ESLint, and answers of processes and files come as `any`.
      "max-lines-per-function": "off",
      "@typescript-eslint/no-unsafe-argument": "off",
      "@typescript-eslint/no-unsafe-assignment": "off",
      "@typescript-eslint/no-unsafe-call": "off",
      "@typescript-eslint/no-unsafe-member-access": "off",
      "@typescript-eslint/no-unsafe-return": "off",
      "@typescript-eslint/no-empty-function": "off",
      "@typescript-eslint/unbound-method": "off",
    },
  },
  {
    name: "house/plain-node",
    files: ["**/*.mjs"],
    languageOptions: {
      globals: Object.fromEntries(
        ["process", "console", "URL", "Buffer", "performance", "setTimeout", "setImmediate"].map((name) => [
          name,
          "readonly",
        ]),
      ),
    },
  },
  {
    name: "house/tool-configuration",
    files: ["scripts/config/**"],
    // ESLint takes its configuration as the default export.
    rules: { "no-restricted-syntax": "off" },
  },
);
