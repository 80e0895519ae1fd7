// `thaw serve`: an HTTP server that answers pictures, until it is stopped.

import { predictJson } from "../predict/lines.ts";
import { predictedBy } from "../predict/predicted.ts";
import { printError } from "../shared/error.ts";
import { printLines, printRows } from "../shared/terminal.ts";
import { type ServerEvent, serveJson, serveLines } from "./lines.ts";

export interface ServeFlags {
  port?: number;
  host?: string;
  threads?: number;
  waiting?: number;
  megabytes?: number;
  json?: boolean;
}

/** A port above those that need rights, which people know from other servers. */
const PORT = 8080;

/** Serves the model in the folder `model` until SIGTERM or Ctrl-C; returns the exit code. */
export async function serveCommand(model: string, { json = false, megabytes, ...flags }: ServeFlags): Promise<number> {
  const { serveModel } = await import("../../serve/server.node.ts");
  const token = process.env.THAW_TOKEN || undefined;
  const say = (event: ServerEvent): void => {
    if (json) printRows(process.stdout, [serveJson(event)]);
    else printLines(process.stdout, serveLines(event));
  };
  const server = await serveModel(model, {
    port: PORT,
    ...flags,
    ...(megabytes !== undefined && { bytes: megabytes * 1e6 }),
    ...(token !== undefined && { token }),
    answer: (result, description) => predictJson(result, predictedBy(description)),
  });
  const reload = (): void => {
    server.reload().then(
      () => say({ event: "reloaded", model, classes: server.description.classes }),
      (error: unknown) => {
        printLines(process.stderr, ["The model was not loaded anew; the old one goes on."]);
        printError(error);
      },
    );
  };
  process.on("SIGHUP", reload);
  const stopped = new Promise<NodeJS.Signals>((resolve) => {
    // Only once: the second ends the process, by the system's default.
    for (const each of ["SIGINT", "SIGTERM"] as const) process.once(each, resolve);
  });
  const { url, open } = server;
  say({ event: "listening", url, model, classes: server.description.classes, token: token !== undefined, open });
  const signal = await stopped;
  process.off("SIGHUP", reload);
  say({ event: "closing", signal });
  await server.close();
  return 0;
}
