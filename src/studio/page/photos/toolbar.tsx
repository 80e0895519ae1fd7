// Above the grid: filters, the size of thumbnails, and what can be done with all photographs.

import { useRef, useState } from "preact/hooks";
import { useStudio } from "../model/studio.ts";
import { counted } from "../model/words.ts";
import { save } from "../parts/download.ts";
import { Menu } from "../parts/menu.tsx";
import { ApplyDialog } from "./apply-dialog.tsx";
import { Filters } from "./filters.tsx";
import { usePickers } from "./use-pickers.tsx";

interface ToolbarProps {
  readonly sizes: readonly number[];
  readonly size: number;
  readonly onSize: (size: number) => void;
  readonly onCapture: () => void;
}

export function Toolbar({ sizes, size, onSize, onCapture }: ToolbarProps) {
  const studio = useStudio();
  const [applying, setApplying] = useState(false);
  const { pickFolder, pickPictures, inputs } = usePickers();
  const table = useRef<HTMLInputElement>(null);
  const importTable = async (input: HTMLInputElement): Promise<void> => {
    const [file] = input.files ?? [];
    input.value = "";
    const imported = file && (await studio.try(file.text().then((text) => studio.engine.importLabels(text))));
    if (!imported) return;
    studio.notices.add({ kind: "done", message: `Labelled ${counted(imported.labelled, "photograph")} from the table` });
    if (imported.unknownTotal > 0)
      studio.notices.add({
        kind: "warning",
        message: `${counted(imported.unknownTotal, "name")} in the table ${imported.unknownTotal === 1 ? "is" : "are"} no photograph's: ${imported.unknown.slice(0, 3).join(", ")}${imported.unknownTotal > 3 ? ", …" : ""}`,
        hint: "The first column has paths within the folder, the second classes.",
      });
  };
  const exportTable = async (): Promise<void> => {
    const download = await studio.try(studio.engine.exportLabels());
    if (download) save(download);
  };
  const can = studio.state.value?.can;
  return (
    <div class="toolbar">
      <Filters />
      <div class="tools">
        <label class="size">
          <span class="sr">Size of thumbnails</span>
          <input
            type="range"
            min={0}
            max={sizes.length - 1}
            step={1}
            value={sizes.indexOf(size)}
            onInput={(event) => onSize(sizes[Number(event.currentTarget.value)] as number)}
          />
        </label>
        <Menu
          label="Add"
          items={[
            { label: "A folder …", run: pickFolder },
            { label: "Pictures …", run: pickPictures },
            { label: "From the webcam …", run: onCapture },
          ]}
        />
        <Menu
          label="More"
          items={[
            { label: "Check the files", run: () => void studio.try(studio.engine.examine("check")) },
            { label: "Audit the labels", run: () => void studio.try(studio.engine.examine("audit")) },
            { label: "Sort files into folders …", run: () => setApplying(true), disabled: !can?.apply },
            { label: "Labels to a table", run: () => void exportTable() },
            { label: "Labels from a table …", run: () => table.current?.click() },
          ]}
        />
      </div>
      {inputs}
      <input
        ref={table}
        type="file"
        accept=".csv,text/csv"
        hidden
        aria-label="Table of labels"
        onChange={(event) => void importTable(event.currentTarget)}
      />
      {applying && <ApplyDialog onClose={() => setApplying(false)} />}
    </div>
  );
}
