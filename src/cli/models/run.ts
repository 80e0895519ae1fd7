// `thaw models`: the catalogue as a table or JSON lines, and what its networks cost on this machine. Each network is measured in a process
// of its own, because the memory is that of a process.

import { spawn } from "node:child_process";
import { UsageError } from "../../core/errors.ts";
import { jsonLine } from "../shared/printable.ts";
import { paintFor, printLines, printRows } from "../shared/terminal.ts";
import { runWork } from "../shared/work.ts";
import type { SORTS } from "./columns.ts";
import { byRightAnswers, type MeasuredRow, type ModelRow, measuredLines, modelLines } from "./lines.ts";

export interface ModelsFlags {
  sort?: (typeof SORTS)[number];
  here?: boolean;
  measure?: boolean;
  size?: number;
  bs: number;
  threads?: number;
  json?: boolean;
}

/** Lists or measures; returns 0, or 130 after Ctrl-C. */
export async function modelsCommand(words: readonly string[], flags: ModelsFlags): Promise<number> {
  if (flags.measure) return measureCommand(words, flags);
  const rows = sorted(await rowsWith(words, flags.here ?? false), flags.sort);
  if (flags.json)
    printRows(
      process.stdout,
      rows.map((row) => jsonLine(row)),
    );
  else printLines(process.stdout, modelLines(rows, paintFor(process.stdout, process.env)));
  return 0;
}

/** Rows that hold all `words`. Throws a UsageError if there are none. */
async function rowsWith(words: readonly string[], here: boolean): Promise<readonly ModelRow[]> {
  const { catalogueRows } = await import("./rows.ts");
  const wanted = words.map((word) => word.toLowerCase());
  const rows = (await catalogueRows()).filter(({ name, network, licence, trainedOn }) => {
    const text = [name, network, licence, trainedOn].join(" ").toLowerCase();
    return wanted.every((word) => text.includes(word));
  });
  const found = here ? rows.filter((row) => row.here) : rows;
  if (found.length > 0) return found;
  const what = [...(words.length > 0 ? [`with ${words.join(" and ")}`] : []), ...(here ? ["on this machine"] : [])];
  throw new UsageError(`There are no weights ${what.join(" ")}`, '"thaw models" lists all.');
}

const FALLING: ReadonlySet<string> = new Set(["top1", "parameters", "features", "size"]);

function sorted(rows: readonly ModelRow[], column: ModelsFlags["sort"]): readonly ModelRow[] {
  if (column === undefined) return rows;
  if (FALLING.has(column)) return rows.toSorted((a, b) => Number(b[column] ?? 0) - Number(a[column] ?? 0));
  return rows.toSorted((a, b) => (`${a[column]}` < `${b[column]}` ? -1 : 1));
}

async function measureCommand(words: readonly string[], { here = false, size, bs, threads, json = false }: ModelsFlags): Promise<number> {
  const networks = await networksOf(words, here);
  return runWork(["Stopping after this network."], async ({ signal, onProgress }) => {
    const rows: MeasuredRow[] = [];
    for (const [i, network] of networks.entries()) {
      onProgress?.({ task: `Measuring ${network}`, done: i, total: networks.length, unit: "networks" });
      const options = { size, bs, threads, signal };
      const row = networks.length === 1 ? await measured(network, options) : await measuredApart(network, options);
      rows.push(row);
      signal?.throwIfAborted();
    }
    const ordered = byRightAnswers(rows);
    return json ? { json: ordered, exitCode: 0 } : { lines: measuredLines(ordered, paintFor(process.stdout, process.env)), exitCode: 0 };
  });
}

/** The networks that any of `words` name, or all; with `here` those whose weights are on this machine. */
async function networksOf(words: readonly string[], here: boolean): Promise<readonly string[]> {
  const rows = words.length === 0 ? await rowsWith([], here) : (await Promise.all(words.map((word) => rowsWith([word], here)))).flat();
  const names = new Set(words);
  const exact = rows.filter(({ network, name }) => names.has(network) || names.has(name));
  // A network's own name means that network, and not those whose names begin with it.
  const meant = words.every((word) => exact.some(({ network, name }) => network === word || name === word)) ? exact : rows;
  return [...new Set((words.length > 0 ? meant : rows).map(({ network }) => network))];
}

interface MeasureOptions {
  readonly size: number | undefined;
  readonly bs: number;
  readonly threads: number | undefined;
  readonly signal: AbortSignal | undefined;
}

async function measured(network: string, { threads, ...options }: MeasureOptions): Promise<MeasuredRow> {
  const { architectureOf } = await import("../../nn/catalogue.ts");
  const { measureSpeed } = await import("../../learner/network-speed.node.ts");
  const { defaultWeights } = await import("../../nn/published/published.ts");
  const top1 = defaultWeights(network)?.top1;
  const speed = await measureSpeed(architectureOf(network), { ...options, ...(threads && { threads }) });
  return { network, ...(top1 !== undefined && { top1 }), ...speed };
}

/** Measures in another process of this command. */
async function measuredApart(network: string, { size, bs, threads, signal }: MeasureOptions): Promise<MeasuredRow> {
  const args = ["models", network, "--measure", "--json", "--bs", `${bs}`];
  if (size !== undefined) args.push("--size", `${size}`);
  if (threads !== undefined) args.push("--threads", `${threads}`);
  const child = spawn(process.execPath, [process.argv[1] as string, ...args], { stdio: ["ignore", "pipe", "inherit"], signal });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (part: string) => {
    text += part;
  });
  const code = await new Promise<number | null>((resolve, reject) => child.on("error", reject).on("close", resolve));
  if (code !== 0) throw new Error(`Measuring ${network} ended with ${code}`);
  return JSON.parse(text) as MeasuredRow;
}
