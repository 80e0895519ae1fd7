// Opens an address in the user's browser, by what the system has for that.

import { spawn } from "node:child_process";

const COMMANDS: Partial<Record<NodeJS.Platform, readonly [string, ...string[]]>> = {
  darwin: ["open"],
  win32: ["rundll32", "url.dll,FileProtocolHandler"],
};

/** Opens `url`; where there is no browser, nothing happens, and the user has the address. */
export function openBrowser(url: string): void {
  const [command, ...before] = COMMANDS[process.platform] ?? ["xdg-open"];
  const child = spawn(command, [...before, url], { stdio: "ignore", detached: true });
  child.on("error", () => {});
  child.unref();
}
