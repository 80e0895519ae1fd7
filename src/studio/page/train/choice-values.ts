// What was typed for a choice of the recipe, as its value.

import { expected } from "../../../core/errors.ts";
import type { ValueKind } from "../../../recipe/choices/values.ts";

/** The value that `text` names; throws a UsageError for one that the choice cannot have. `name` is what the message calls it. */
export function valueOf(text: string, kind: ValueKind, name: string): unknown {
  switch (kind.kind) {
    case "boolean":
      return text === "yes";
    case "word":
      return text;
    case "text":
      if (kind.ending !== undefined && !text.endsWith(kind.ending)) throw expected(`a name that ends in "${kind.ending}"`, name, text);
      return text;
    case "integer":
    case "number":
      return numberOf(text, kind, name);
    case "list":
      return text
        .split(",")
        .map((part) => part.trim())
        .filter((part) => part !== "")
        .map((part) => valueOf(part, kind.of, name));
  }
}

function numberOf(text: string, kind: Extract<ValueKind, { readonly kind: "integer" | "number" }>, name: string): number {
  const value = Number(text);
  const { least, most = Number.POSITIVE_INFINITY } = kind;
  const whole = kind.kind === "integer";
  const fits = Number.isFinite(value) && value >= least && value <= most && (!whole || Number.isInteger(value));
  const belowEnd = kind.kind === "integer" || kind.below === undefined || value < kind.below;
  if (!fits || !belowEnd) throw expected(`${whole ? "a whole number" : "a number"} ${rangeInWords(kind)}`, name, text);
  return value;
}

function rangeInWords(kind: Extract<ValueKind, { readonly kind: "integer" | "number" }>): string {
  if (kind.most !== undefined) return `from ${kind.least} to ${kind.most}`;
  return kind.kind === "number" && kind.below !== undefined ? `from ${kind.least} to less than ${kind.below}` : `of at least ${kind.least}`;
}
