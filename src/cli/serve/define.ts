// The options of `thaw serve` and its help.

import type { Command } from "commander";
import type { Finish } from "../shared/finish.ts";
import { helpText } from "../shared/help.ts";
import { integer } from "../shared/numbers.ts";
import type { ServeFlags } from "./run.ts";

const DESCRIPTION = 'Answers pictures over HTTP with a classifier that "thaw train" made, until it is stopped.';

const EXAMPLES = `
Examples:
  thaw serve photos-model
  curl --data-binary @dog.jpg http://127.0.0.1:8080/predict
  curl -F a=@dog.jpg -F b=@cat.jpg http://127.0.0.1:8080/predict
  THAW_TOKEN=secret thaw serve photos-model --host 0.0.0.0

POST /predict takes an image file as its body, which ?file=dog.jpg names, or
several as a form, and answers the lines of "thaw predict --json". GET /healthz,
/readyz and /metrics are for orchestrators and Prometheus. With THAW_TOKEN set,
/predict wants the header "Authorization: Bearer <token>".

Pictures that come while others are computed are computed together. What does not
fit the queue is refused with 429. SIGHUP loads the model anew, and SIGTERM or
Ctrl-C ends the server when all that came is answered; neither loses a request.

Exit codes: 0 stopped, 2 a mistake in the command.`;

/** Adds `thaw serve` to the program. */
export function defineServe(program: Command, finish: Finish): void {
  program
    .command("serve")
    .summary("answer pictures over HTTP")
    .description(DESCRIPTION)
    .argument("<model>", "the folder that thaw train wrote, or a zip of it")
    .option("--port <n>", "the port; 0 takes a free one (default: 8080)", integer("--port", 0, 65_535))
    .option("--host <address>", "the address to listen on (default: 127.0.0.1, which only this machine reaches)")
    .option("--threads <n>", "threads to compute with (default: one per core)", integer("--threads", 1))
    .option("--waiting <n>", "pictures that may wait; beyond them requests are refused with 429 (default: 256)", integer("--waiting", 1))
    .option("--megabytes <n>", "the most of a request (default: 32)", integer("--megabytes", 1, 1000))
    .option("--json", "print one JSON object per line")
    .addHelpText("after", helpText(EXAMPLES))
    .action(async (model: string, flags: ServeFlags) => finish(await (await import("./run.ts")).serveCommand(model, flags)));
}
