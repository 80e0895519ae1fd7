// A dialog that asks for a name, or for a yes.

import { useState } from "preact/hooks";
import { Dialog } from "./dialog.tsx";

interface AskNameProps {
  readonly title: string;
  readonly label: string;
  readonly value?: string;
  readonly button: string;
  readonly onDone: (name: string) => void;
  readonly onClose: () => void;
}

export function AskName({ title, label, value = "", button, onDone, onClose }: AskNameProps) {
  const [name, setName] = useState(value);
  return (
    <Dialog title={title} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (name.trim() !== "") onDone(name.trim());
        }}
      >
        <label class="field">
          <span>{label}</span>
          <input type="text" value={name} maxLength={100} autoFocus onInput={(event) => setName(event.currentTarget.value)} />
        </label>
        <footer>
          <button type="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" class="main" disabled={name.trim() === ""}>
            {button}
          </button>
        </footer>
      </form>
    </Dialog>
  );
}

interface ConfirmProps {
  readonly title: string;
  readonly text: string;
  readonly button: string;
  readonly onDone: () => void;
  readonly onClose: () => void;
}

export function Confirm({ title, text, button, onDone, onClose }: ConfirmProps) {
  return (
    <Dialog title={title} onClose={onClose}>
      <p>{text}</p>
      <footer>
        <button type="button" autoFocus onClick={onClose}>
          Cancel
        </button>
        <button type="button" class="main" onClick={onDone}>
          {button}
        </button>
      </footer>
    </Dialog>
  );
}
