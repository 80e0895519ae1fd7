// The process in which a worker's shards are computed. It keeps the model and the list of photographs from shard to shard, and ends with its worker.

import type { Classifier } from "../../classifier/classifier.ts";
import type { Regressor } from "../../classifier/regressor.ts";
import { UnavailableError, UsageError } from "../../core/errors.ts";
import { hashJson } from "../../core/hash.ts";
import { storeOf } from "../../core/store/store-of.ts";
import { isFromSystem, systemError } from "../../core/system-error.ts";
import type { ToEngine } from "../../queue/engine.node.ts";
import type { Job } from "../../queue/job.ts";
import type { Outcome } from "../../queue/worker.ts";
import { type Division, divide } from "../../shards/names.ts";
import { writeShard } from "../../shards/write-shard.ts";
import { predictedBy } from "../predict/predicted.ts";
import { predictions, workOf } from "../predict/shard-work.ts";
import { namesIn } from "../shared/photographs/names.ts";
import { count } from "../shared/terminal.ts";
import { placesOf } from "./lines.ts";

let stop = new AbortController();
let model: { readonly place: string; readonly loaded: Classifier | Regressor } | undefined;
let division: { readonly key: string; readonly divided: Division } | undefined;

process.on("message", (message: ToEngine) => {
  if (message.do === "stop") stop.abort();
  else void shard(message);
});
// The worker has gone: whatever is computed now, another will do.
process.on("disconnect", () => process.exit());
// Ctrl-C in a terminal reaches this process too; the worker says when to stop.
process.on("SIGINT", () => {});

async function shard({ job, threads }: Extract<ToEngine, { do: "shard" }>): Promise<void> {
  stop = new AbortController();
  const outcome = await outcomeOf(job, threads);
  process.send?.(outcome, () => {
    // What state it is in cannot be known.
    if (outcome.kind === "crash") process.exit(1);
  });
}

/** That this machine has not what the work needs; another may. */
class Unfit extends UsageError {}

/** What `found` finds; what it says is missing is so on this machine. */
function here<T>(found: Promise<T>): Promise<T> {
  return found.catch((error: unknown) => {
    throw error instanceof UsageError && !(error instanceof UnavailableError)
      ? new Unfit(error.message, error.hint, { cause: error })
      : error;
  });
}

async function outcomeOf(job: Job, threads: number | undefined): Promise<Outcome> {
  try {
    const loaded = await modelFor(job, threads);
    const names = (await divisionFor(job)).of(job.shard);
    const { shard, shards, out, top } = job;
    const work = predictions(loaded, predictedBy(loaded.description, top));
    const done = await writeShard({ store: storeOf(out), shard: { shard, shards }, names, ...work }, { signal: stop.signal });
    return { kind: "done", rows: done.rows, failed: done.failed };
  } catch (error) {
    if (stop.signal.aborted) return { kind: "stopped" };
    const said = error instanceof UsageError ? error : systemError(error);
    if (!said) return { kind: "crash", message: error instanceof Error ? (error.stack ?? error.message) : String(error) };
    const kind = error instanceof Unfit ? "unfit" : isFromSystem(error) ? "system" : "mistake";
    return { kind, message: said.message, ...(said.hint !== undefined && { hint: said.hint }) };
  }
}

/** The model of `job`. Throws Unfit if there is none here, or another. */
async function modelFor(job: Job, threads: number | undefined): Promise<Classifier | Regressor> {
  const fits = ({ description }: Classifier | Regressor): boolean =>
    hashJson(workOf(description, predictedBy(description, job.top))) === job.work;
  if (model?.place === job.model && fits(model.loaded)) return model.loaded;
  // The model may have been replaced meanwhile.
  await model?.loaded.dispose();
  model = undefined;
  const { loadModel } = await import("../../classifier/classifier.ts");
  const loaded = await here(loadModel(job.model, threads === undefined ? {} : { threads }));
  model = { place: job.model, loaded };
  if (fits(loaded)) return loaded;
  throw new Unfit(
    `The model in ${job.model} here is not the one that the photographs were put into the queue with`,
    "Copy that one here; or put the photographs into the queue anew, with another folder for --out.",
  );
}

/** The photographs of `job`. Throws Unfit if this machine sees others than the command did. */
async function divisionFor(job: Job): Promise<Division> {
  const key = hashJson([job.paths, job.list, job.column, job.shards]);
  const same = ({ all }: Division): boolean => all.photographs === job.all.photographs && all.names === job.all.names;
  if (division?.key === key && same(division.divided)) return division.divided;
  division = undefined;
  const divided = await here(divide(namesIn(job.paths, job, { signal: stop.signal }), job.shards));
  if (!same(divided))
    throw new Unfit(
      `This machine sees ${count(divided.all.photographs)} photographs in ${placesOf(job)}, and not the ${count(job.all.photographs)} that were put into the queue`,
      "If the folder has changed, put it into the queue anew, with another folder for --out; otherwise mount it here as it is there.",
    );
  division = { key, divided };
  return divided;
}
