// What a studio without photographs shows: the ways to get some.

import { useStudio } from "../model/studio.ts";
import { usePickers } from "./use-pickers.tsx";

export function EmptyView({ onCapture, onClass }: { readonly onCapture: () => void; readonly onClass: () => void }) {
  const studio = useStudio();
  const { pickFolder, pickPictures, inputs } = usePickers();
  return (
    <section class="empty">
      <div class="empty-drop">
        <h1>Drop photographs here</h1>
        <p>A folder with one folder per class, or a heap without labels. You can paste pictures, too.</p>
        <div class="row">
          <button type="button" class="main" onClick={pickFolder}>
            Pick a folder
          </button>
          <button type="button" onClick={pickPictures}>
            Pick pictures
          </button>
          <button type="button" onClick={onCapture}>
            Use the webcam
          </button>
          <button type="button" class="plain" onClick={onClass}>
            Begin with a class
          </button>
        </div>
        <p class="quiet">
          {studio.state.value?.engine === "browser"
            ? "Nothing leaves this page: it trains in your browser."
            : "Nothing leaves this computer. Photographs that you add are copied into the folder; labels are kept beside them."}
        </p>
      </div>
      {inputs}
    </section>
  );
}
