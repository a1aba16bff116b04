// Numbers as Python prints them, in which SCALE-Sim's reports are written. The digits are JavaScript's (both print the
// shortest that reads back as the same double); where the exponent begins and how it looks differ.

/** `str(x)` of a Python float: "33.0", "0.001", "1e-05", "1e+16", "nan", "inf", "-0.0". */
export function pythonFloat(value: number): string {
  if (Number.isNaN(value)) return "nan";
  const sign = value < 0 || Object.is(value, -0) ? "-" : "";
  const size = Math.abs(value);
  if (size === Infinity) return `${sign}inf`;
  if (size === 0) return `${sign}0.0`;
  const [mantissa = "", power = ""] = size.toExponential().split("e");
  const exponent = Number(power);
  if (exponent < -4 || exponent >= 16) {
    const digits = String(Math.abs(exponent)).padStart(2, "0");
    return `${sign}${mantissa}e${exponent < 0 ? "-" : "+"}${digits}`;
  }
  const figures = mantissa.replace(".", "");
  if (exponent < 0) return `${sign}0.${"0".repeat(-exponent - 1)}${figures}`;
  const whole = figures.slice(0, exponent + 1).padEnd(exponent + 1, "0");
  return `${sign}${whole}.${figures.slice(exponent + 1) || "0"}`;
}
