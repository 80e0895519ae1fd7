// Moving or copying files into the folders of their classes: first what would be done, then, if asked, the deed.

import { useEffect, useState } from "preact/hooks";
import type { ApplyPlan } from "../../protocol/labels.ts";
import { useStudio } from "../model/studio.ts";
import { count, counted } from "../model/words.ts";
import { Dialog } from "../parts/dialog.tsx";

export function ApplyDialog({ onClose }: { readonly onClose: () => void }) {
  const studio = useStudio();
  const [how, setHow] = useState<"move" | "copy">("copy");
  const [plan, setPlan] = useState<ApplyPlan>();
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    setPlan(undefined);
    void studio.try(studio.engine.planApply(how)).then(setPlan);
  }, [how]);
  const apply = async (token: string): Promise<void> => {
    setBusy(true);
    const applied = await studio.try(studio.engine.apply(token));
    setBusy(false);
    if (!applied) return;
    const { done, problems } = applied;
    studio.notices.add({ kind: "done", message: `${how === "move" ? "Moved" : "Copied"} ${counted(done, "file")}` });
    if (problems.length > 0)
      studio.notices.add({
        kind: "warning",
        message: `${counted(problems.length, "file")} stayed: ${problems[0]?.from}, ${problems[0]?.problem}`,
      });
    onClose();
  };
  const verb = how === "move" ? "Move" : "Copy";
  return (
    <Dialog title="Sort files into folders of classes" size="wide" onClose={onClose}>
      <fieldset class="segments">
        <legend>What to do with the files</legend>
        {(["copy", "move"] as const).map((value) => (
          <label key={value}>
            <input type="radio" name="how" value={value} checked={how === value} onChange={() => setHow(value)} />
            <span>{value === "copy" ? "Copy them" : "Move them"}</span>
          </label>
        ))}
      </fieldset>
      <div class="plan" aria-live="polite" aria-busy={!plan}>
        {plan ? (
          <>
            <p>
              {plan.total === 0
                ? "Nothing to do: all files are where their labels say."
                : `${counted(plan.total, "file")} into ${plan.to}. Nothing is done yet.`}
            </p>
            {plan.steps.length > 0 && (
              // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, which the keyboard must be able to do.
              <ul class="paths" tabIndex={0} aria-label="First files">
                {plan.steps.map(({ id, from, to }) => (
                  <li key={id}>
                    {from} <span class="quiet">→</span> {to}
                  </li>
                ))}
                {plan.total > plan.steps.length && <li class="quiet">and {count(plan.total - plan.steps.length)} more</li>}
              </ul>
            )}
            {plan.problems.length > 0 && (
              <ul class="problem">
                {plan.problems.map(({ id, from, problem }) => (
                  <li key={id}>
                    {from}: {problem}
                  </li>
                ))}
              </ul>
            )}
          </>
        ) : (
          <p class="quiet">Looking …</p>
        )}
      </div>
      <footer>
        <button type="button" onClick={onClose}>
          Cancel
        </button>
        <button type="button" class="main" disabled={!plan || plan.total === 0 || busy} onClick={() => plan && void apply(plan.token)}>
          {plan && plan.total > 0 ? `${verb} ${counted(plan.total, "file")}` : verb}
        </button>
      </footer>
    </Dialog>
  );
}
