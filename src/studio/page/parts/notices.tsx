// Notices at the edge of the page, read out as they come.

import { useStudio } from "../model/studio.ts";

export function NoticeList() {
  const { notices } = useStudio();
  return (
    <section class="notices" aria-label="Messages" aria-live="polite">
      {notices.shown.value.map(({ id, kind, message, hint, action }) => (
        <div key={id} class={`notice ${kind}`} role={kind === "error" ? "alert" : undefined}>
          <p>
            <strong>{message}</strong>
            {hint && <span>{hint}</span>}
          </p>
          {action && (
            <button
              type="button"
              onClick={() => {
                notices.close(id);
                action.run();
              }}
            >
              {action.label}
            </button>
          )}
          <button type="button" class="plain" aria-label="Close message" onClick={() => notices.close(id)}>
            ×
          </button>
        </div>
      ))}
    </section>
  );
}
