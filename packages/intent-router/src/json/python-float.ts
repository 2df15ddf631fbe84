/**
 * A float literal as Python prints it again after reading it: `repr(float(literal))`.
 * Both languages give the shortest digits that read back as the same double; they differ in where the exponent
 * begins (Python: below 1e-4 and from 1e16) and in its form (`1e-05`, `1e+16`, `100.0`).
 */
export function pythonFloat(literal: string): string {
  const value = Number(literal);
  if (value === 0) return Object.is(value, -0) ? "-0.0" : "0.0";
  const [mantissa = "", exponentText = "0"] = Math.abs(value).toExponential().split("e");
  const sign = value < 0 ? "-" : "";
  const digits = mantissa.replace(".", "");
  const exponent = Number(exponentText);
  return (
    sign + (exponent < -4 || exponent >= 16 ? withExponent(digits, exponent) : positional(digits, exponent))
  );
}

function withExponent(digits: string, exponent: number): string {
  const fraction = digits.length > 1 ? `.${digits.slice(1)}` : "";
  const size = String(Math.abs(exponent)).padStart(2, "0");
  return `${digits.slice(0, 1)}${fraction}e${exponent < 0 ? "-" : "+"}${size}`;
}

function positional(digits: string, exponent: number): string {
  if (exponent < 0) return `0.${"0".repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, "0");
  return `${whole}.${digits.slice(exponent + 1) || "0"}`;
}
