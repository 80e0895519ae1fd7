// `thaw audit`: finds labels that are likely wrong, near duplicates and outliers, from a pretrained network's features. Changes nothing.

import { type PartFlags, partNames } from "../shared/parts.ts";
import { paintFor } from "../shared/terminal.ts";
import { runWork } from "../shared/work.ts";
import { auditLines } from "./lines.ts";

export interface AuditFlags extends PartFlags {
  arch?: string;
  weights?: string;
  offline?: boolean;
  size?: number;
  top: number;
  seed: number;
  threads?: number;
  cache?: string;
  json?: boolean;
}

/** In pixels: a small network recognises more in photographs larger than those it was trained on. */
const LEAST_SIZE = 224;

/** Looks through the photographs in `folder`; returns 0, or 130 after Ctrl-C. */
export async function auditCommand(folder: string, flags: AuditFlags): Promise<number> {
  const { arch = "thaw_small", weights, offline, size, top, seed, threads, cache, json = false } = flags;
  const [
    { findDataProblems },
    { ConvLearner },
    { ImageClassifierData },
    { tfmsFromModel },
    { architectureOf },
    { cacheFor, elsewhereWarning },
  ] = await Promise.all([
    import("../../interpret/data-problems.ts"),
    import("../../learner/learner.ts"),
    import("../../data/image-data.ts"),
    import("../../data/augment/transforms.ts"),
    import("../../nn/catalogue.ts"),
    import("../../core/cache-folder.node.ts"),
  ]);
  const architecture = architectureOf(arch);
  const kept = cache ?? cacheFor(folder);
  return runWork(["Stopped. Activations are cached; run the same command again to continue."], async (work) => {
    const elsewhere = cache === undefined ? elsewhereWarning(folder, kept) : undefined;
    if (elsewhere) work.onWarning?.(elsewhere);
    const tfms = tfmsFromModel(architecture, size ?? Math.max(LEAST_SIZE, architecture.size));
    const { trainName: trnName, validName: valName, testName } = partNames(flags);
    const data = await ImageClassifierData.fromPaths(folder, { ...work, trnName, valName, testName, tfms, cache: kept, seed });
    const learner = await ConvLearner.pretrained(architecture, data, { ...work, weights, ...(offline && { offline }), cache: kept, seed });
    const found = await findDataProblems(learner, { ...work, cache: kept, seed, session: threads === undefined ? {} : { threads } });
    await learner.dispose();
    return json ? { json: [found], exitCode: 0 } : { lines: auditLines(found, top, paintFor(process.stdout, process.env)), exitCode: 0 };
  });
}
