// The page that `thaw studio` serves.

import { remoteEngine } from "../remote/remote-engine.browser.ts";
import { mount } from "./mount.tsx";

mount(remoteEngine(), document.getElementById("app") as HTMLElement);
