// A button that opens a list of actions: a popover of the browser's own, which closes by Escape and by a click elsewhere.

import type { ComponentChildren } from "preact";
import { useId, useRef } from "preact/hooks";

export interface MenuItem {
  readonly label: string;
  readonly run: () => void;
  readonly disabled?: boolean;
}

interface MenuProps {
  /** What the button is called. */
  readonly label: string;
  /** What it shows, if not its label. */
  readonly children?: ComponentChildren;
  readonly items: readonly MenuItem[];
  readonly plain?: boolean;
}

export function Menu({ label, children, items, plain = false }: MenuProps) {
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const place = (): void => {
    const [at, shown] = [button.current?.getBoundingClientRect(), list.current];
    if (!at || !shown) return;
    shown.style.top = `${Math.min(at.bottom + 4, innerHeight - items.length * 36 - 16)}px`;
    shown.style.left = `${Math.max(8, Math.min(at.left, innerWidth - 232))}px`;
  };
  return (
    <>
      <button
        ref={button}
        type="button"
        class={plain ? "plain" : undefined}
        aria-haspopup="menu"
        aria-label={children === undefined ? undefined : label}
        title={children === undefined ? undefined : label}
        popovertarget={id}
        onClick={place}
      >
        {children ?? label}
      </button>
      <div
        ref={list}
        id={id}
        class="menu"
        popover="auto"
        role="menu"
        aria-label={label}
        onToggle={(event) => {
          if ((event as unknown as ToggleEvent).newState === "open")
            list.current?.querySelector<HTMLElement>("button:not(:disabled)")?.focus();
        }}
        onKeyDown={(event) => {
          if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
          event.preventDefault();
          const buttons = [...(list.current?.querySelectorAll<HTMLElement>("button:not(:disabled)") ?? [])];
          const now = buttons.indexOf(document.activeElement as HTMLElement);
          buttons[(now + (event.key === "ArrowDown" ? 1 : buttons.length - 1)) % buttons.length]?.focus();
        }}
      >
        {items.map(({ label: text, run, disabled = false }) => (
          <button
            key={text}
            type="button"
            role="menuitem"
            disabled={disabled}
            onClick={() => {
              list.current?.hidePopover();
              run();
            }}
          >
            {text}
          </button>
        ))}
      </div>
    </>
  );
}
