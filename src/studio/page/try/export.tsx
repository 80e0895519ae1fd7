// The model to take away, in the form that its user needs.

import { useState } from "preact/hooks";
import type { Download, ExportFormat } from "../../protocol/results.ts";
import type { RunRow } from "../../protocol/training.ts";
import { useStudio } from "../model/studio.ts";
import { bytes } from "../model/words.ts";
import { save } from "../parts/download.ts";

const FORMATS: readonly { readonly format: ExportFormat; readonly name: string; readonly what: string }[] = [
  { format: "model", name: "Model folder", what: "for thaw: predict, train further" },
  { format: "onnx", name: "ONNX", what: "for ONNX Runtime, in any language" },
  { format: "transformers", name: "transformers.js", what: 'for pipeline("image-classification")' },
  { format: "page", name: "Web page", what: "a folder for any web host, which predicts in any browser" },
];

export function Export({ run }: { readonly run: RunRow }) {
  const studio = useStudio();
  const [busy, setBusy] = useState<ExportFormat>();
  const [made, setMade] = useState<Partial<Record<ExportFormat, Download>>>({});
  const take = async (format: ExportFormat): Promise<void> => {
    setBusy(format);
    const download = await studio.try(studio.engine.export(run.id, format));
    setBusy(undefined);
    if (!download) return;
    setMade({ ...made, [format]: download });
    save(download);
  };
  return (
    <section class="card" aria-labelledby="export">
      <h2 id="export">Take {run.name} with you</h2>
      <ul class="exports">
        {FORMATS.map(({ format, name, what }) => (
          <li key={format}>
            <button type="button" disabled={busy !== undefined} onClick={() => void take(format)}>
              {busy === format ? "Making …" : name}
            </button>
            <span>
              {what}
              <span class="quiet" role="status">
                {made[format] && ` ${made[format].name}, ${bytes(made[format].bytes)}`}
              </span>
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
