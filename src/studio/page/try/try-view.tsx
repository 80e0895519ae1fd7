// Trying a model: a picture that is dropped, picked or pasted, or the webcam with live answers; and the model to take away.

import { useEffect, useRef, useState } from "preact/hooks";
import type { Answer } from "../../protocol/results.ts";
import type { RunId } from "../../protocol/training.ts";
import { useStudio } from "../model/studio.ts";
import { percent } from "../model/words.ts";
import { frameOf, Webcam } from "../parts/webcam.tsx";
import { Answers } from "./answers.tsx";
import { Export } from "./export.tsx";

/** A picture that was tried. */
interface Tried {
  readonly address: string;
  readonly name: string;
  readonly answer: Answer | undefined;
}

export function TryView() {
  const studio = useStudio();
  const input = useRef<HTMLInputElement>(null);
  const [tried, setTried] = useState<Tried>();
  const [live, setLive] = useState(false);
  const [dragging, setDragging] = useState(false);
  const state = studio.state.value;
  const done = state?.runs.filter((run) => run.state === "done") ?? [];
  const run = done.find(({ id }) => id === studio.run.value) ?? done[0];
  const ready = run !== undefined || state?.head !== undefined;

  const take = async (file: Blob & { readonly name?: string }): Promise<void> => {
    setLive(false);
    const shown = { address: URL.createObjectURL(file), name: file.name ?? "pasted picture" };
    setTried({ ...shown, answer: undefined });
    const most = state?.mostBytes ?? Number.POSITIVE_INFINITY;
    if (file.size > most) return setTried(undefined);
    const answer = await studio.try(file.arrayBuffer().then((bytes) => studio.engine.tryPicture(new Uint8Array(bytes), run?.id)));
    setTried((now) => (now?.address === shown.address ? (answer ? { ...shown, answer } : undefined) : now));
  };
  useEffect(() => {
    const address = tried?.address;
    return () => {
      if (address) URL.revokeObjectURL(address);
    };
  }, [tried?.address]);
  useEffect(() => {
    const onPaste = (event: ClipboardEvent): void => {
      const [file] = event.clipboardData?.files ?? [];
      if (file && ready) void take(file);
    };
    addEventListener("paste", onPaste);
    return () => removeEventListener("paste", onPaste);
  });

  if (!state) return null;
  if (!ready)
    return (
      <section class="empty">
        <div>
          <h1>Nothing to try yet</h1>
          <p>Label photographs of two classes, or train a classifier.</p>
          <button type="button" class="main" onClick={() => studio.go("photos")}>
            Go to Photos
          </button>
        </div>
      </section>
    );
  return (
    <div class="sheet try">
      <section class="card try-main" aria-labelledby="try-title">
        <div class="card-head">
          <h1 id="try-title">Try it</h1>
          {done.length > 0 && (
            <label class="field inline">
              <span>Run</span>
              <select
                value={run?.id}
                onChange={(event) => {
                  studio.run.value = event.currentTarget.value;
                  setTried(undefined);
                }}
              >
                {done.map(({ id, name, accuracy }) => (
                  <option key={id} value={id}>
                    {name} ({percent(accuracy)})
                  </option>
                ))}
              </select>
            </label>
          )}
        </div>
        {!run && <p class="quiet">The head of your labels answers. Train for a better one.</p>}
        <div class="try-parts">
          {live ? (
            <LiveWebcam run={run?.id} />
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
                const [file] = event.dataTransfer?.files ?? [];
                if (file) void take(file);
              }}
            >
              {tried ? <img src={tried.address} alt={tried.name} /> : <p class="quiet">Drop or paste a picture</p>}
            </div>
          )}
          {!live && <Answers answer={tried?.answer} waiting={tried !== undefined && tried.answer === undefined} />}
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
            if (file) void take(file);
          }}
        />
      </section>
      {run && <Export key={run.id} run={run} />}
    </div>
  );
}

function LiveWebcam({ run }: { readonly run: RunId | undefined }) {
  const studio = useStudio();
  const video = useRef<HTMLVideoElement>(null);
  const [answer, setAnswer] = useState<Answer>();
  useEffect(() => {
    let on = true;
    const loop = async (): Promise<void> => {
      while (on) {
        // One question at a time: answers come as fast as the model is.
        const bytes = await frameOf(video.current);
        const found = bytes && on ? await studio.try(studio.engine.tryPicture(bytes, run)) : undefined;
        if (bytes && !found) return;
        if (found && on) setAnswer(found);
        await new Promise((resolve) => setTimeout(resolve, found ? 0 : 100));
      }
    };
    void loop();
    return () => {
      on = false;
    };
  }, [run]);
  return (
    <>
      <Webcam video={video} />
      <Answers answer={answer} waiting={!answer} quiet />
    </>
  );
}
