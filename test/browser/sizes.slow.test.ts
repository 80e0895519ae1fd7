// What a page loads of thaw, in the bundles that Vite and esbuild make of the built package.

import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build, type Rollup } from "vite";
import { expect, test } from "vitest";

// It comes with Vite.
const esbuild = createRequire(import.meta.resolve("vite"))("esbuild") as typeof import("esbuild");

const root = fileURLToPath(new URL("../..", import.meta.url));

const ENTRIES = {
  predict: 'import { loadClassifier } from "thaw/classifier"; globalThis.use = [loadClassifier];',
  // The same from the whole of thaw, most of which a bundler has to leave out.
  "predict, from thaw": 'import { loadClassifier } from "thaw"; globalThis.use = [loadClassifier];',
  page: 'import { loadClassifier, photosFromFiles, trainInWorker } from "thaw"; globalThis.use = [loadClassifier, photosFromFiles, trainInWorker];',
  worker: 'import "thaw/worker";',
  // Bundlers make bundles of their own of the scripts that decode photographs and compute features beside it.
  "decode worker": `import "${root}/dist/data/load/decode-worker.browser.js";`,
  instance: `import "${root}/dist/runtime/instances/instance-worker.browser.js";`,
};
type Name = keyof typeof ENTRIES;

/** A file of a bundle. */
interface Piece {
  readonly bytes: number;
  readonly compressed: number;
  /** The modules of which something is left in it. */
  readonly modules: readonly string[];
  /** The pieces that it loads at once, and those that it loads when they are needed. */
  readonly imports: readonly string[];
  readonly later: readonly string[];
  readonly isEntry: boolean;
}
type Bundle = ReadonlyMap<string, Piece>;

async function byVite(name: Name): Promise<Bundle> {
  const plugin = {
    name: "entry",
    resolveId: (id: string) => (id === "the-entry" ? `${root}/examples/browser/the-entry.js` : undefined),
    load: (id: string) => (id.endsWith("/the-entry.js") ? ENTRIES[name] : undefined),
  };
  const input = "the-entry";
  const result = (await build({
    root: `${root}/examples/browser`,
    configFile: false,
    logLevel: "error",
    plugins: [plugin],
    worker: { format: "es" },
    build: { write: false, target: "es2022", rollupOptions: { input } },
  })) as Rollup.RollupOutput;
  const chunks = result.output.filter((file) => file.type === "chunk");
  return new Map(
    chunks.map(({ fileName, code, modules, imports, dynamicImports, isEntry }) => {
      const kept = Object.entries(modules).flatMap(([id, { renderedLength }]) => (renderedLength > 0 ? [id] : []));
      return [fileName, { ...sizesOf(code), modules: kept, imports, later: dynamicImports, isEntry }];
    }),
  );
}

async function byEsbuild(name: Name): Promise<Bundle> {
  const { metafile, outputFiles } = await esbuild.build({
    stdin: { contents: ENTRIES[name], resolveDir: root },
    bundle: true,
    splitting: true,
    format: "esm",
    minify: true,
    metafile: true,
    write: false,
    outdir: "out",
    absWorkingDir: root,
    target: "es2022",
    logLevel: "error",
  });
  return new Map(
    Object.entries(metafile.outputs).map(([file, { inputs, imports, entryPoint }]) => {
      const { contents } = outputFiles.find(({ path }) => path.endsWith(`/${file}`))!;
      const kept = Object.entries(inputs).flatMap(([id, { bytesInOutput }]) => (bytesInOutput > 0 ? [id] : []));
      const of = (kind: string) => imports.filter((one) => one.kind === kind && !one.external).map(({ path }) => path);
      const isEntry = entryPoint === "<stdin>";
      return [file, { ...sizesOf(contents), modules: kept, imports: of("import-statement"), later: of("dynamic-import"), isEntry }];
    }),
  );
}

function sizesOf(code: string | Uint8Array): Pick<Piece, "bytes" | "compressed"> {
  return { bytes: Buffer.byteLength(code), compressed: gzipSync(code).length };
}

/** What thaw loads only where it is asked for, and what no run loads: the readers of compressed arrays, which thaw's own are not. */
const ELSEWHERE = /vendor\/onnxruntime-web|node_modules\/(echarts|zrender|numcodecs)\/|dist\/nn\/onnx\/import\.js/;

/** The pieces that a page loads: the entry with all that it imports and, with `all`, what thaw imports while it runs. */
function loaded(bundle: Bundle, all: boolean): readonly Piece[] {
  const seen = new Map<string, Piece>();
  const visit = (file: string): void => {
    const piece = bundle.get(file);
    if (!piece || seen.has(file) || piece.modules.some((id) => ELSEWHERE.test(id))) return;
    seen.set(file, piece);
    for (const next of [...piece.imports, ...(all ? piece.later : [])]) visit(next);
  };
  for (const [file, { isEntry }] of bundle) if (isEntry) visit(file);
  return [...seen.values()];
}

const compressed = (pieces: readonly Piece[]): number => pieces.reduce((sum, piece) => sum + piece.compressed, 0) / 1000;
const inKb = (kilobytes: number): string => `${kilobytes.toFixed(0)} kB`;

test.each([
  ["Vite", byVite],
  ["esbuild", byEsbuild],
] as const)(
  "a page that predicts loads no training code, and one that trains at most 350 kB, by %s",
  { timeout: 900_000 },
  async (bundler, bundle) => {
    const sizes: Record<string, string> = {};
    for (const name of ["predict", "predict, from thaw"] as const) {
      const pieces = loaded(await bundle(name), false);
      const training = pieces.flatMap(({ modules }) =>
        modules.filter((id) => /dist\/(learner|recipe|interpret|chart|metrics|page|runtime\/instances)\/|graph\/gradients/.test(id)),
      );
      expect(training, name).toEqual([]);
      expect(compressed(pieces)).toBeLessThan(80);
      sizes[name] = inKb(compressed(pieces));
    }
    const page = loaded(await bundle("page"), false);
    expect(page.flatMap(({ modules }) => modules.filter((id) => /dist\/(learner|recipe)\//.test(id)))).toEqual([]);
    const worker = loaded(await bundle("worker"), true);
    const decoding = loaded(await bundle("decode worker"), true);
    const instance = loaded(await bundle("instance"), true);
    const all = [page, worker, decoding, instance].reduce((sum, pieces) => sum + compressed(pieces), 0);
    Object.assign(sizes, {
      page: inKb(compressed(page)),
      worker: inKb(compressed(worker)),
      "decode worker": inKb(compressed(decoding)),
      instance: inKb(compressed(instance)),
      "together a page that trains": inKb(all),
    });
    process.stdout.write(
      `${bundler}, compressed: ${Object.entries(sizes)
        .map(([name, size]) => `${name} ${size}`)
        .join(", ")}\n`,
    );
    expect(all).toBeLessThan(350);
  },
);
