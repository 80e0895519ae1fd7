// Pictures for a model: dropped, pasted, picked, or from the webcam with live answers; and what it says about them.

import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { frameOf, Webcam } from "../parts/webcam.tsx";

export interface TryPicturesProps<Found> {
  /** What the model says about the file of a picture; undefined if it says nothing, for a reason that the user has seen. */
  readonly ask: (picture: Uint8Array) => Promise<Found | undefined>;
  /** Draws an answer, or the place where it will be. Live ones change many times a second. */
  readonly show: (found: Found | undefined, waiting: boolean, live: boolean) => JSX.Element;
}

/** A picture that was tried. */
interface Tried<Found> {
  readonly address: string;
  readonly name: string;
  readonly found: Found | undefined;
}

/** Give it another key for another model. */
export function TryPictures<Found>({ ask, show }: TryPicturesProps<Found>) {
  const input = useRef<HTMLInputElement>(null);
  const [tried, setTried] = useState<Tried<Found>>();
  const [live, setLive] = useState(false);
  const [dragging, setDragging] = useState(false);

  const take = async (file: File | undefined): Promise<void> => {
    if (!file) return;
    setLive(false);
    const shown = { address: URL.createObjectURL(file), name: file.name };
    setTried({ ...shown, found: undefined });
    const found = await ask(new Uint8Array(await file.arrayBuffer()));
    setTried((now) => (now?.address === shown.address ? found && { ...shown, found } : now));
  };
  useEffect(() => {
    const address = tried?.address;
    return () => {
      if (address) URL.revokeObjectURL(address);
    };
  }, [tried?.address]);
  useEffect(() => {
    const onPaste = (event: ClipboardEvent): void => void take(event.clipboardData?.files[0]);
    addEventListener("paste", onPaste);
    return () => removeEventListener("paste", onPaste);
  });

  return (
    <>
      <div class="try-parts">
        {live ? (
          <LiveWebcam ask={ask} show={show} />
        ) : (
          // biome-ignore lint/a11y/noStaticElementInteractions: the button beneath does the same.
          <div
            class={`drop-place${dragging ? " over" : ""}${tried ? " filled" : ""}`}
            onDragOver={(event) => {
              event.preventDefault();
              setDragging(true);
            }}
            onDragLeave={() => setDragging(false)}
            onDrop={(event) => {
              event.preventDefault();
              setDragging(false);
              void take(event.dataTransfer?.files[0]);
            }}
          >
            {tried ? <img src={tried.address} alt={tried.name} /> : <p class="quiet">Drop or paste a picture</p>}
          </div>
        )}
        {!live && show(tried?.found, tried !== undefined && tried.found === undefined, false)}
      </div>
      <div class="row">
        <button type="button" onClick={() => input.current?.click()}>
          Pick a picture
        </button>
        <button type="button" aria-pressed={live} onClick={() => setLive(!live)}>
          {live ? "Close the webcam" : "Webcam"}
        </button>
      </div>
      <input
        ref={input}
        type="file"
        accept="image/*"
        hidden
        aria-label="Picture to try"
        onChange={({ currentTarget }) => {
          const [file] = currentTarget.files ?? [];
          currentTarget.value = "";
          void take(file);
        }}
      />
    </>
  );
}

function LiveWebcam<Found>({ ask, show }: TryPicturesProps<Found>) {
  const video = useRef<HTMLVideoElement>(null);
  const [found, setFound] = useState<Found>();
  useEffect(() => {
    let on = true;
    const loop = async (): Promise<void> => {
      while (on) {
        // One question at a time: answers come as fast as the model is.
        const bytes = await frameOf(video.current);
        const answer = bytes && on ? await ask(bytes) : undefined;
        if (bytes && !answer) return;
        if (answer && on) setFound(() => answer);
        await new Promise((resolve) => setTimeout(resolve, answer ? 0 : 100));
      }
    };
    void loop();
    return () => {
      on = false;
    };
  }, []);
  return (
    <>
      <Webcam video={video} />
      {show(found, found === undefined, true)}
    </>
  );
}
