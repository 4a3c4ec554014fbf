// Numbers in words, as analysis/columns.py writes them.

const PREFIXES = [
  [1e18, "E"],
  [1e15, "P"],
  [1e12, "T"],
  [1e9, "G"],
  [1e6, "M"],
  [1e3, "k"],
  [1, ""],
  [1e-3, "m"],
  [1e-6, "\u00b5"],
  [1e-9, "n"],
];
// From so many seconds on, a time is told in a larger unit.
const TIMES = [
  [1e11, 31557600, "years"],
  [172080, 86400, "d"],
  [7170, 3600, "h"],
  [599.5, 60, "min"],
];

function three(value) {
  const size = Math.abs(value);
  if (size === 0) return "0";
  if (size >= 1e-3 && size < 999.5) return value.toPrecision(3);
  if (size >= 999.5 && size < 1e5) return value.toFixed(0);
  return value.toExponential(2).replace(/e([+-])(\d)$/, "e$10$2");
}

function human(value, unit) {
  if (value === null || value === undefined || !isFinite(value)) return "-";
  const size = Math.abs(value);
  if (!unit) return Number.isInteger(value) && size < 1e7 ? String(value) : three(value);
  if (unit === "s")
    for (const [limit, factor, name] of TIMES) if (size >= limit) return `${three(value / factor)} ${name}`;
  for (const [factor, prefix] of PREFIXES)
    if (size >= 0.9995 * factor && (factor <= 1 || unit !== "s")) return `${three(value / factor)} ${prefix}${unit}`;
  return `${three(value)} ${unit}`;
}
