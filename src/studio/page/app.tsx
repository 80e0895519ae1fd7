// The frame of the page: its head, the four views, and the keys that work everywhere.

import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { Help } from "./help.tsx";
import { type Studio, StudioContext, useStudio, VIEWS, type View } from "./model/studio.ts";
import { counted } from "./model/words.ts";
import { NoticeList } from "./parts/notices.tsx";
import { PhotosView } from "./photos/photos-view.tsx";
import { addDropped, addFiles } from "./photos/pictures-in.ts";
import { ResultsView } from "./results/results-view.tsx";
import { TrainView } from "./train/train-view.tsx";
import { TryView } from "./try/try-view.tsx";

/** The view of a key beside the letters: with Alt, macOS types other characters. */
const viewOf = (code: string): View | undefined => VIEWS[Number(/^Digit([1-4])$/.exec(code)?.[1]) - 1];

const NAMES: Readonly<Record<View, string>> = { photos: "Photos", train: "Train", results: "Results", try: "Try" };

export function App({ studio }: { readonly studio: Studio }) {
  return (
    <StudioContext.Provider value={studio}>
      <Frame />
    </StudioContext.Provider>
  );
}

function Frame() {
  const studio = useStudio();
  const [help, setHelp] = useState(false);
  const [dragging, setDragging] = useState(false);
  const view = studio.view.value;
  const state = studio.state.value;
  const main = useRef<HTMLElement>(null);
  useEffect(() => studio.open(), []);
  useLayoutEffect(() => main.current?.scrollTo(0, 0), [view]);
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const inText = event.target instanceof HTMLInputElement && !["range", "radio", "checkbox"].includes(event.target.type);
      const dialog = document.querySelector("dialog[open]:not(.whole)");
      if (event.key === "?" && !inText) setHelp(true);
      else if (event.altKey && viewOf(event.code)) studio.go(viewOf(event.code) as View);
      else if ((event.ctrlKey || event.metaKey) && !inText && !dialog && event.key.toLowerCase() === "z")
        void (event.shiftKey ? studio.redo() : studio.undo());
      else if (event.ctrlKey && !inText && !dialog && event.key.toLowerCase() === "y") void studio.redo();
      else return;
      event.preventDefault();
    };
    const onPaste = (event: ClipboardEvent): void => {
      const files = [...(event.clipboardData?.files ?? [])];
      if (studio.view.value === "photos" && files.length > 0) void addFiles(studio, files);
    };
    const onAddress = (): void => studio.followAddress();
    onAddress();
    addEventListener("keydown", onKey);
    addEventListener("paste", onPaste);
    addEventListener("popstate", onAddress);
    return () => {
      removeEventListener("keydown", onKey);
      removeEventListener("paste", onPaste);
      removeEventListener("popstate", onAddress);
    };
  }, []);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the whole page takes what is dropped; buttons do the same.
    <div
      class={`page${dragging ? " dragging" : ""}`}
      onDragOver={(event) => {
        if (view !== "photos" || !event.dataTransfer?.types.includes("Files")) return;
        event.preventDefault();
        setDragging(true);
      }}
      onDragLeave={(event) => event.relatedTarget === null && setDragging(false)}
      onDrop={(event) => {
        setDragging(false);
        if (view !== "photos" || !event.dataTransfer) return;
        event.preventDefault();
        void studio.try(addDropped(studio, event.dataTransfer));
      }}
    >
      <header class="page-head">
        <span class="mark-of-thaw" aria-hidden="true" />
        <p class="folder" title={state?.folder?.place}>
          <strong>{state?.folder?.name ?? "thaw studio"}</strong>
          <span class="quiet">{state && counted(state.counts.photographs, "photograph")}</span>
        </p>
        <nav class="views" aria-label="Views">
          {VIEWS.map((name) => (
            <a
              key={name}
              href={`#${name}`}
              data-name={NAMES[name]}
              aria-current={view === name ? "page" : undefined}
              onClick={(event) => {
                event.preventDefault();
                studio.go(name);
              }}
            >
              {NAMES[name]}
              {name === "train" && state?.runs.some((run) => run.state === "running") && (
                <span class="running" role="img" aria-label="running" />
              )}
            </a>
          ))}
        </nav>
        <div class="row">
          <button
            type="button"
            class="plain"
            disabled={!state?.undo}
            title={state?.undo ? `Undo: ${state.undo.words}` : "Nothing to undo"}
            onClick={() => void studio.undo()}
          >
            Undo
          </button>
          <button
            type="button"
            class="plain"
            disabled={!state?.redo}
            title={state?.redo ? `Redo: ${state.redo.words}` : "Nothing to redo"}
            onClick={() => void studio.redo()}
          >
            Redo
          </button>
          <button type="button" class="plain" aria-label="Keys" title="Keys (?)" onClick={() => setHelp(true)}>
            ?
          </button>
        </div>
      </header>
      {!studio.connected.value && (
        <p class="lost" role="alert">
          The connection to the studio is lost. If it has ended, start <code>thaw studio</code> again, and open the address that it prints.
        </p>
      )}
      <main ref={main}>
        {view === "photos" && <PhotosView />}
        {view === "train" && <TrainView />}
        {view === "results" && <ResultsView />}
        {view === "try" && <TryView />}
      </main>
      <NoticeList />
      {help && <Help onClose={() => setHelp(false)} />}
    </div>
  );
}
