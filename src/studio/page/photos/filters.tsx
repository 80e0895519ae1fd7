// What the grid shows and in which order.

import { useEffect, useState } from "preact/hooks";
import type { MarkKind, PhotoOrder, PhotoQuery } from "../../protocol/photographs.ts";
import { useStudio } from "../model/studio.ts";
import { MARK_WORDS } from "./tile.tsx";

const STATES: readonly { readonly value: NonNullable<PhotoQuery["state"]> | ""; readonly words: string }[] = [
  { value: "", words: "all states" },
  { value: "unlabelled", words: "to label" },
  { value: "labelled", words: "labelled" },
  { value: "wrong", words: "label ≠ guess" },
  { value: "skipped", words: "skipped" },
  { value: "deleted", words: "deleted" },
];

const ORDERS: readonly { readonly value: PhotoOrder; readonly words: string }[] = [
  { value: "name", words: "by name" },
  { value: "uncertain", words: "uncertain first" },
  { value: "sure", words: "surest first" },
  { value: "guess", words: "by guess" },
  { value: "doubtful", words: "doubtful first" },
];

const MARKS: readonly MarkKind[] = ["broken", "copy", "misnamed", "odd", "suspect", "outlier"];
const TYPING = 200;

export function Filters() {
  const { photos, selection, classes } = useStudio();
  const query = photos.query.value;
  const [name, setName] = useState(query.name ?? "");
  const ask = (change: Parameters<typeof photos.ask>[0]): void => {
    void photos.ask(change).then(() => selection.reset());
  };
  useEffect(() => {
    if (name === (query.name ?? "")) return;
    const timer = setTimeout(() => ask({ name: name === "" ? undefined : name }), TYPING);
    return () => clearTimeout(timer);
  }, [name]);
  useEffect(() => {
    // It is taken away elsewhere, too.
    if (query.name === undefined) setName("");
  }, [query.name]);
  const filtered = query.name !== undefined || query.state || query.labels || query.guesses || query.marks;
  return (
    <search class="filters" aria-label="Photographs">
      <input
        type="search"
        aria-label="Part of the name"
        placeholder="Name"
        value={name}
        onInput={(event) => setName(event.currentTarget.value)}
      />
      <select
        aria-label="State"
        value={query.state ?? ""}
        onChange={(event) => ask({ state: (event.currentTarget.value || undefined) as PhotoQuery["state"] })}
      >
        {STATES.map(({ value, words }) => (
          <option key={value} value={value}>
            {words}
          </option>
        ))}
      </select>
      <select
        aria-label="Guess"
        value={query.guesses?.[0] ?? ""}
        disabled={classes.value.length === 0}
        onChange={(event) => ask({ guesses: event.currentTarget.value === "" ? undefined : [event.currentTarget.value] })}
      >
        <option value="">any guess</option>
        {classes.value.map((one) => (
          <option key={one} value={one}>
            guessed {one}
          </option>
        ))}
      </select>
      <select
        aria-label="Marks"
        value={query.marks?.length === MARKS.length ? "any" : (query.marks?.[0] ?? "")}
        onChange={({ currentTarget: { value } }) =>
          ask({ marks: value === "" ? undefined : value === "any" ? MARKS : [value as MarkKind] })
        }
      >
        <option value="">any marks</option>
        <option value="any">with a mark</option>
        {MARKS.map((mark) => (
          <option key={mark} value={mark}>
            {MARK_WORDS[mark]}
          </option>
        ))}
      </select>
      <select
        aria-label="Order"
        value={query.order ?? "name"}
        onChange={(event) => ask({ order: event.currentTarget.value as PhotoOrder })}
      >
        {ORDERS.map(({ value, words }) => (
          <option key={value} value={value}>
            {words}
          </option>
        ))}
      </select>
      <button
        type="button"
        class="plain"
        disabled={!filtered}
        onClick={() => {
          setName("");
          void photos.clear().then(() => selection.reset());
        }}
      >
        Clear
      </button>
    </search>
  );
}
