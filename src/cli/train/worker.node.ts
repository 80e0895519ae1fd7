// The thread in which `thaw train` trains: ONNX Runtime computes on the thread that calls it, and here it holds up neither Ctrl-C nor progress.

import { parentPort, workerData } from "node:worker_threads";
import { systemError } from "../../core/system-error.ts";
import { decodeElsewhere } from "../../data/decode/decode.node.ts";
import { sentError } from "../../page/messages.ts";
import type { RecipeEvent } from "../../recipe/events.ts";
import { train } from "../../recipe/train.ts";
import type { FromTraining, TrainingData } from "./messages.ts";
import { startProfile } from "./profile.ts";

const { options, profile: file } = workerData as TrainingData;
const stop = new AbortController();
const say = (message: FromTraining): void => parentPort?.postMessage(message);

parentPort?.once("message", () => stop.abort());
decodeElsewhere();
say(await run());

/** Trains, and says how that ended; a run that failed or was stopped has a profile too. */
async function run(): Promise<FromTraining> {
  const profile = await startProfile(file);
  const onEvent = (event: RecipeEvent): void => {
    profile?.see(event);
    say({ kind: "event", event });
  };
  const ended = await train({ ...options, signal: stop.signal, onEvent }).then((): FromTraining => ({ kind: "done" }), failed);
  if (!profile) return ended;
  return profile.write().then((written) => {
    say({ kind: "profile", file: written });
    return ended;
  }, failed);
}

/** An error of the system becomes a sentence here, because its fields do not reach the command. */
function failed(error: unknown): FromTraining {
  return { kind: "failed", error: sentError(systemError(error) ?? error) };
}
