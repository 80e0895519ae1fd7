// How far something is, as a bar with words.

import type { Progress } from "../../../core/progress.ts";
import { count } from "../model/words.ts";

export function ProgressLine({ label, progress }: { readonly label: string; readonly progress: Progress | undefined }) {
  const share = progress && progress.total > 0 ? Math.min(1, progress.done / progress.total) : undefined;
  return (
    <div class="progress-line">
      <span>
        {label}
        {progress && progress.total > 0 ? `: ${count(progress.done)} of ${count(progress.total)}` : " …"}
      </span>
      <progress aria-label={label} max={1} {...(share !== undefined && { value: share })} />
    </div>
  );
}
