// The browser's own ways to pick a folder or pictures, which are then added.

import type { JSX } from "preact";
import { useRef } from "preact/hooks";
import { useStudio } from "../model/studio.ts";
import { addFiles } from "./pictures-in.ts";

interface Pickers {
  readonly pickFolder: () => void;
  readonly pickPictures: () => void;
  /** To be drawn somewhere; nobody sees them. */
  readonly inputs: JSX.Element;
}

export function usePickers(): Pickers {
  const studio = useStudio();
  const [folder, pictures] = [useRef<HTMLInputElement>(null), useRef<HTMLInputElement>(null)];
  const take = (input: HTMLInputElement): void => {
    const picked = [...(input.files ?? [])];
    input.value = "";
    void studio.try(addFiles(studio, picked));
  };
  return {
    pickFolder: () => folder.current?.click(),
    pickPictures: () => pictures.current?.click(),
    inputs: (
      <>
        <input
          ref={(input) => {
            folder.current = input;
            if (input) input.webkitdirectory = true;
          }}
          type="file"
          hidden
          aria-label="Folder of photographs"
          onChange={(event) => take(event.currentTarget)}
        />
        <input
          ref={pictures}
          type="file"
          accept="image/*"
          multiple
          hidden
          aria-label="Pictures"
          onChange={(event) => take(event.currentTarget)}
        />
      </>
    ),
  };
}
