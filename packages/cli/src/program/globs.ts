/** Names against patterns with `*` (any run of characters) and `?` (one character). Whole names, never prefixes. */

/** True when `name` matches one of the patterns, or there are none. */
export function nameMatcher(patterns: readonly string[]): (name: string) => boolean {
  if (patterns.length === 0) return () => true;
  const expressions = patterns.map(toExpression);
  return (name) => expressions.some((expression) => expression.test(name));
}

function toExpression(pattern: string): RegExp {
  const literal = pattern.replace(/[\\^$.+()[\]{}|/]/gu, "\\$&");
  return new RegExp(`^${literal.replaceAll("*", ".*").replaceAll("?", ".")}$`, "u");
}
