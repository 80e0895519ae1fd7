// Looking and labelling: classes, the grid, and the large view.

import { useEffect, useState } from "preact/hooks";
import { useStudio } from "../model/studio.ts";
import { counted } from "../model/words.ts";
import { AskName } from "../parts/ask-name.tsx";
import { ActionBar } from "./action-bar.tsx";
import { Capture } from "./capture.tsx";
import { ClassList } from "./class-list.tsx";
import { EmptyView } from "./empty-view.tsx";
import { Grid } from "./grid.tsx";
import { LabelActs } from "./label-acts.ts";
import { LabelBox } from "./label-box.tsx";
import { adding } from "./pictures-in.ts";
import { Toolbar } from "./toolbar.tsx";
import { Viewer } from "./viewer.tsx";

const SIZES = [88, 120, 160, 220, 320];
/** On a very large screen, one larger. */
const [FIRST_SIZE, FIRST_ON_LARGE, LARGE] = [160, 220, 2600];

export function PhotosView() {
  const studio = useStudio();
  const { photos, selection } = studio;
  const [acts] = useState(() => new LabelActs(studio));
  const [size, setSize] = useState(innerWidth >= LARGE ? FIRST_ON_LARGE : FIRST_SIZE);
  const [viewing, setViewing] = useState(false);
  const [typing, setTyping] = useState<string>();
  const [starting, setStarting] = useState<"class" | "webcam">();
  const state = studio.state.value;
  const { chosen, found } = photos;
  useEffect(() => {
    // The first photograph's place may be gone after a filter.
    if (selection.focus.value >= photos.ids.value.length) selection.reset();
  }, [photos.ids.value]);
  const step = (by: number): void => setSize(SIZES[Math.max(0, Math.min(SIZES.length - 1, SIZES.indexOf(size) + by))] as number);
  const reading = state?.work?.kind === "reading" || adding.value !== undefined;
  const isEmpty = state !== undefined && state.counts.photographs === 0 && !reading;
  return (
    <>
      {isEmpty && state.classes.length === 0 ? (
        <EmptyView onCapture={() => setStarting("webcam")} onClass={() => setStarting("class")} />
      ) : (
        <div class="photos">
          <h1 class="sr">Photographs</h1>
          <details class="classes-fold" open={matchMedia("(min-width: 721px)").matches}>
            <summary>Classes</summary>
            <ClassList />
          </details>
          <section class="photos-main" aria-label="Photographs">
            <Toolbar sizes={SIZES} size={size} onSize={setSize} onCapture={() => setStarting("webcam")} />
            {chosen.value && (
              <p class="chosen">
                <span>
                  {chosen.value.title} <span class="quiet">{counted(chosen.value.ids.length, "photograph")}</span>
                </span>
                <button type="button" class="plain" onClick={() => void photos.clear().then(() => selection.reset())}>
                  Show all
                </button>
              </p>
            )}
            <div class="grid-place">
              <Grid size={size} acts={acts} onOpen={() => setViewing(true)} onType={setTyping} onSize={step} />
              {photos.ids.value.length === 0 && (
                <p class="grid-note" role="status">
                  {found.value === undefined || reading
                    ? `${adding.value?.task ?? "Reading the photographs"} …`
                    : isEmpty
                      ? "No photographs yet: drop some here, or use Add."
                      : "No photograph fits these filters."}
                </p>
              )}
            </div>
            <ActionBar acts={acts} onType={setTyping} />
          </section>
          {viewing && <Viewer acts={acts} onType={setTyping} onClose={() => setViewing(false)} />}
          {typing !== undefined && (
            <LabelBox
              text={typing}
              onClose={() => setTyping(undefined)}
              onDone={(name) => {
                setTyping(undefined);
                void acts.label(name);
              }}
            />
          )}
        </div>
      )}
      {/* Here, so that the webcam stays open when the first photograph comes. */}
      {starting === "webcam" && <Capture onClose={() => setStarting(undefined)} />}
      {starting === "class" && (
        <AskName
          title="First class"
          label="Name"
          button="Add"
          onClose={() => setStarting(undefined)}
          onDone={(name) => {
            setStarting(undefined);
            void studio.act({ act: "addClass", class: name });
          }}
        />
      )}
    </>
  );
}
