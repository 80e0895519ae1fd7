// What a key does in the grid, and in the large view of one photograph.

export type GridCommand =
  | {
      readonly do: "move";
      readonly by: "left" | "right" | "up" | "down" | "pageUp" | "pageDown" | "first" | "last";
      readonly range: boolean;
    }
  | { readonly do: "label"; readonly class: string }
  /** Opens the box to type a class in, with what was typed already. */
  | { readonly do: "type"; readonly text: string }
  | { readonly do: "unlabel" | "skip" | "delete" | "accept" | "open" | "toggle" | "all" | "clear" | "larger" | "smaller" | "refresh" };

/** Of a KeyboardEvent, what decides. */
export interface Pressed {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly shiftKey: boolean;
}

const MOVES: Readonly<Record<string, "left" | "right" | "up" | "down" | "pageUp" | "pageDown" | "first" | "last">> = {
  ArrowLeft: "left",
  ArrowRight: "right",
  ArrowUp: "up",
  ArrowDown: "down",
  PageUp: "pageUp",
  PageDown: "pageDown",
  Home: "first",
  End: "last",
};

const COMMANDS: Readonly<Record<string, Exclude<GridCommand["do"], "move" | "label" | "type">>> = {
  Enter: "accept",
  " ": "open",
  "0": "unlabel",
  "-": "skip",
  Delete: "delete",
  Backspace: "delete",
  Escape: "clear",
  "]": "larger",
  "[": "smaller",
  ".": "refresh",
};

/** The command of a key; undefined for none. `keys` has the key of each class. */
export function commandOf(pressed: Pressed, keys: ReadonlyMap<string, string>): GridCommand | undefined {
  const { key, shiftKey } = pressed;
  const move = MOVES[key];
  if (move) return { do: "move", by: move, range: shiftKey };
  if (pressed.ctrlKey || pressed.metaKey) {
    if (key === "a") return { do: "all" };
    return key === " " ? { do: "toggle" } : undefined;
  }
  if (pressed.altKey) return undefined;
  const command = COMMANDS[key];
  if (command) return { do: command };
  for (const [name, own] of keys) if (own === key) return { do: "label", class: name };
  if (key === "/" || key === "+") return { do: "type", text: "" };
  return key.length === 1 && /\p{L}/u.test(key) ? { do: "type", text: key } : undefined;
}

/** The help of keys: keys, and what they do. */
export const KEY_HELP: readonly { readonly title: string; readonly rows: readonly (readonly [keys: string, does: string])[] }[] = [
  {
    title: "Label",
    rows: [
      ["1 … 9", "give the class with that key"],
      ["a … z", "give the class with that letter, or begin to type a name"],
      ["+ or /", "type the name of a class, or a new one"],
      ["Enter", "accept the guesses of the selection, or of the whole row"],
      ["0", "take the label away"],
      ["−", "skip, or no longer"],
      ["Delete", "mark as deleted, or no longer"],
      ["Ctrl Z, Ctrl Y", "undo, redo"],
    ],
  },
  {
    title: "Look",
    rows: [
      ["arrows, Home, End", "move"],
      ["Space", "large view, and back"],
      ["[ and ]", "smaller and larger thumbnails"],
      [".", "find and order anew"],
    ],
  },
  {
    title: "Select",
    rows: [
      ["Shift with arrows", "a range"],
      ["Ctrl Space", "one more, or one less"],
      ["Ctrl A, Esc", "all, none"],
    ],
  },
  {
    title: "Webcam",
    rows: [
      ["Space", "take photographs while it is held"],
      ["a class’s key", "the same, into that class"],
    ],
  },
  {
    title: "Anywhere",
    rows: [
      ["?", "this help"],
      ["Alt 1 … 4", "Photos, Train, Results, Try"],
    ],
  },
];
