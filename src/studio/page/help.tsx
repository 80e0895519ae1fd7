// The help of keys.

import { Dialog } from "./parts/dialog.tsx";
import { KEY_HELP } from "./photos/grid-keys.ts";

export function Help({ onClose }: { readonly onClose: () => void }) {
  return (
    <Dialog title="Keys" size="wide" onClose={onClose}>
      <div class="keys">
        {KEY_HELP.map(({ title, rows }) => (
          <section key={title}>
            <h3>{title}</h3>
            <dl>
              {rows.map(([keys, does]) => (
                <div key={keys}>
                  <dt>
                    <kbd>{keys}</kbd>
                  </dt>
                  <dd>{does}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
