// A picture of the engine in a box of fixed size: nothing moves when it arrives.

import { useEffect, useRef, useState } from "preact/hooks";
import type { PhotoId, PictureSize } from "../../protocol/photographs.ts";
import { useStudio } from "../model/studio.ts";
import type { Turns } from "../model/turns.ts";

interface PictureProps {
  readonly id: PhotoId;
  readonly size: PictureSize;
  /** Empty where a name stands beside it. */
  readonly alt: string;
  /** Wait a moment before the picture is asked for: while scrolling, most are gone by then. */
  readonly patient?: boolean;
}

const PATIENCE = 120;

export function Picture({ id, size, alt, patient = false }: PictureProps) {
  const { engine } = useStudio();
  return <AskedPicture key={`${id} ${size}`} ask={() => engine.picture(id, size)} alt={alt} patient={patient} />;
}

/** A picture whose address is asked for once; give it another key to ask anew. With `turns` it waits until it is its turn to be made. */
export function AskedPicture({
  ask,
  alt,
  patient = false,
  turns,
}: {
  readonly ask: () => Promise<string>;
  readonly alt: string;
  readonly patient?: boolean;
  readonly turns?: Turns;
}) {
  const [address, setAddress] = useState<string>();
  const [failed, setFailed] = useState(false);
  const endTurn = useRef<(() => void) | undefined>(undefined);
  const fail = (): void => {
    endTurn.current?.();
    setFailed(true);
  };
  useEffect(() => {
    let gone = false;
    const load = async (): Promise<void> => {
      endTurn.current = await turns?.take();
      if (gone) return endTurn.current?.();
      ask().then(
        (found) => gone || setAddress(found),
        () => gone || fail(),
      );
    };
    const timer = patient ? setTimeout(load, PATIENCE) : undefined;
    if (!patient) void load();
    return () => {
      gone = true;
      endTurn.current?.();
      clearTimeout(timer);
    };
  }, []);
  if (failed)
    return (
      <span class="no-picture" role="img" aria-label={`${alt || "The picture"} cannot be shown`}>
        cannot be shown
      </span>
    );
  return address === undefined ? (
    <span class="picture-to-come" />
  ) : (
    <img src={address} alt={alt} decoding="async" draggable={false} onLoad={() => endTurn.current?.()} onError={fail} />
  );
}
