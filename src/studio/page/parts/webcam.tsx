// The webcam: its picture, and frames of it as JPEG files.

import type { Ref } from "preact";
import { useEffect, useState } from "preact/hooks";

/** What frames are compressed to, in [0, 1]. */
const QUALITY = 0.92;

export function Webcam({ video }: { readonly video: Ref<HTMLVideoElement> & { current: HTMLVideoElement | null } }) {
  const [problem, setProblem] = useState<string>();
  useEffect(() => {
    let gone = false;
    let stream: MediaStream | undefined;
    const open = async (): Promise<void> => {
      try {
        stream = await navigator.mediaDevices.getUserMedia({ video: { width: { ideal: 640 }, height: { ideal: 480 } } });
      } catch (error) {
        setProblem(reasonOf(error));
        return;
      }
      if (gone) for (const track of stream.getTracks()) track.stop();
      else if (video.current) video.current.srcObject = stream;
    };
    void open();
    return () => {
      gone = true;
      for (const track of stream?.getTracks() ?? []) track.stop();
    };
  }, []);
  return (
    <div class="webcam">
      {problem ? (
        <p class="problem" role="alert">
          {problem}
        </p>
      ) : (
        <video ref={video} autoPlay playsInline muted aria-label="Webcam" />
      )}
    </div>
  );
}

/** The picture that the webcam shows now; undefined before there is one. */
export async function frameOf(video: HTMLVideoElement | null): Promise<Uint8Array | undefined> {
  if (!video || video.videoWidth === 0) return undefined;
  const canvas = new OffscreenCanvas(video.videoWidth, video.videoHeight);
  canvas.getContext("2d")?.drawImage(video, 0, 0);
  const blob = await canvas.convertToBlob({ type: "image/jpeg", quality: QUALITY });
  return new Uint8Array(await blob.arrayBuffer());
}

function reasonOf(error: unknown): string {
  const name = error instanceof Error ? error.name : "";
  if (name === "NotAllowedError") return "The browser may not use the webcam. Allow it beside the address, then open this again.";
  if (name === "NotFoundError") return "There is no webcam. Connect one, then open this again.";
  if (name === "NotReadableError") return "Another program uses the webcam. Close it there, then open this again.";
  return "The webcam cannot be opened here. Pages need https or this computer's own address for it.";
}
