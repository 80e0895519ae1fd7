// Photographs from the webcam into a class, as long as the button, Space, or the key of a class is held.

import { useEffect, useRef, useState } from "preact/hooks";
import { useStudio } from "../model/studio.ts";
import { counted } from "../model/words.ts";
import { Dialog } from "../parts/dialog.tsx";
import { frameOf, Webcam } from "../parts/webcam.tsx";

/** Milliseconds between two frames. */
const PERIOD = 150;

export function Capture({ onClose }: { readonly onClose: () => void }) {
  const studio = useStudio();
  const video = useRef<HTMLVideoElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const [className, setClassName] = useState(studio.classes.value[0] ?? "");
  const [held, setHeld] = useState(false);
  const [taken, setTaken] = useState(0);
  const started = useRef(new Date());
  const name = className.trim();

  useEffect(() => {
    if (!held || name === "") return;
    let on = true;
    const loop = async (): Promise<void> => {
      while (on) {
        const begun = performance.now();
        const bytes = await frameOf(video.current);
        const stamp = `${started.current.toISOString().slice(0, 19).replaceAll(/[-:]/g, "")}-${Math.round(begun)}`;
        if (bytes && on) {
          if (!(await studio.try(studio.engine.add([{ name: `webcam-${stamp}.jpg`, bytes, class: name }])))) return setHeld(false);
          setTaken((before) => before + 1);
        }
        await new Promise((resolve) => setTimeout(resolve, Math.max(0, PERIOD - (performance.now() - begun))));
      }
    };
    void loop();
    return () => {
      on = false;
    };
  }, [held, name]);

  useEffect(() => {
    // Keys are for the whole dialog, but for its text.
    const onKey = (event: KeyboardEvent): void => {
      if (event.target instanceof HTMLInputElement || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.target instanceof HTMLButtonElement && event.target !== button.current && event.key === " ") return;
      const keyed = studio.classes.value.find((one) => studio.classKeys.value.get(one) === event.key);
      if (keyed === undefined && (event.key !== " " || name === "")) return;
      event.preventDefault();
      if (event.repeat) return;
      if (keyed !== undefined) setClassName(keyed);
      setHeld(true);
    };
    const release = (): void => setHeld(false);
    addEventListener("keydown", onKey);
    addEventListener("keyup", release);
    addEventListener("blur", release);
    return () => {
      removeEventListener("keydown", onKey);
      removeEventListener("keyup", release);
      removeEventListener("blur", release);
    };
  }, [name]);
  useEffect(() => {
    if (name !== "") button.current?.focus();
  }, []);

  return (
    <Dialog title="Webcam" size="wide" onClose={onClose}>
      <Webcam video={video} />
      <div class="capture">
        <label class="field">
          <span>Class</span>
          <input
            type="text"
            list="capture-classes"
            value={className}
            maxLength={100}
            onInput={(event) => setClassName(event.currentTarget.value)}
          />
        </label>
        <datalist id="capture-classes">
          {studio.classes.value.map((one) => (
            <option key={one} value={one} />
          ))}
        </datalist>
        <button
          ref={button}
          type="button"
          class="main hold"
          disabled={name === ""}
          aria-pressed={held}
          onPointerDown={(event) => {
            event.currentTarget.setPointerCapture(event.pointerId);
            setHeld(true);
          }}
          onPointerUp={() => setHeld(false)}
          onPointerCancel={() => setHeld(false)}
        >
          {held ? "Capturing …" : "Hold to capture"}
        </button>
        <p role="status">
          {name === ""
            ? "Name a class first."
            : taken > 0
              ? `${counted(taken, "photograph")} taken`
              : studio.classKeys.value.size > 0
                ? "Hold the button or Space, or the key of a class."
                : "Hold the button or Space."}
        </p>
      </div>
    </Dialog>
  );
}
