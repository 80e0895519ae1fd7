// Who may import whom. A layer imports itself and the layers to its left, never to its right; test/layers.slow.test.ts shows that wrong imports
// are caught. Conditional imports (#engine, ...) are followed as a browser would, so that what a browser loads can be checked.

const { builtinModules } = require("node:module");
const { imports } = require("./package.json");

const LAYERS = [
  "core",
  "graph",
  "runtime",
  "nn",
  "data",
  "sample",
  "classifier",
  "chart",
  "metrics",
  "learner",
  "interpret",
  "recipe",
  "page",
  "shards",
  "queue",
  "serve",
  "studio",
  "cli",
];
const TESTS = "\\.test\\.ts$";
/** The commands, and files for Node. */
const NODE = "^src/cli/|\\.node\\.ts$";

/** The files for Node behind conditional imports. */
const BY_CONDITION = Object.values(imports).flatMap((entry) => entry["thaw-source"]?.default ?? []);

/** @type {import("dependency-cruiser").IConfiguration} */
module.exports = {
  forbidden: [
    ...LAYERS.map((layer, i) => ({
      name: `${layer}-imports-left`,
      comment: `src/${layer} may import only itself and the layers to its left. Tests may run what they test on any layer.`,
      severity: "error",
      from: { path: `^src/${layer}/`, pathNot: TESTS },
      to: { path: "^src/", pathNot: `^src/(${LAYERS.slice(0, i + 1).join("|")})/` },
    })),
    {
      name: "known-layer",
      comment: "Every folder of src is a layer with a place in the order.",
      severity: "error",
      from: { path: "^src/[^/]+/", pathNot: `^src/(${LAYERS.join("|")})/` },
      to: {},
    },
    { name: "no-cycles", comment: "Files must not import each other in a circle.", severity: "error", from: {}, to: { circular: true } },
    {
      name: "no-orphans",
      comment:
        "A file that nothing imports and that imports nothing is forgotten. Pages name those of their host, package.json those for Node.",
      severity: "error",
      from: {
        orphan: true,
        path: "^src/",
        pathNot: [TESTS, "\\.d\\.ts$", "^src/studio/page/host/public/", `^(${BY_CONDITION.map((file) => file.slice(2)).join("|")})$`],
      },
      to: {},
    },
    {
      name: "engine-in-runtime",
      comment: "Only src/runtime knows which package runs a graph.",
      severity: "error",
      from: { path: "^src/", pathNot: `^src/runtime/|${TESTS}` },
      to: { path: "onnxruntime-" },
    },
    {
      name: "pixels-know-no-augmentation",
      comment: "Pixel arithmetic knows images, but not what is done with it.",
      severity: "error",
      from: { path: "^src/data/pixels/", pathNot: TESTS },
      to: { path: "^src/data/", pathNot: "^src/data/(pixels|decode)/" },
    },
    {
      name: "pixels-in-decode",
      comment: "Only the decoder, the encoder, and what makes files of thaw's own drawings, know which package reads and writes pictures.",
      severity: "error",
      from: { path: "^src/", pathNot: `^src/(data/decode/[^/]*|sample/rasterise\\.node|cli/augment/sheet)\\.ts$|${TESTS}` },
      to: { path: "(^|/)(sharp|@img)(/|$)" },
    },
    {
      name: "node-in-node-files",
      comment: "What needs Node belongs in a *.node.ts file behind a conditional import, or in src/cli.",
      severity: "error",
      from: { path: "^src/", pathNot: `${NODE}|^src/studio/page/((static|predict)/)?vite\\.config\\.ts$|${TESTS}` },
      to: { dependencyTypes: ["core"] },
    },
    {
      name: "node-packages-in-node-files",
      comment: "A package that runs in Node alone belongs in a *.node.ts file, or in src/cli.",
      severity: "error",
      from: { path: "^src/", pathNot: `${NODE}|${TESTS}` },
      to: { path: "(^|/)(@huggingface/hub|@napi-rs|@node-rs|piscina)(/|$)" },
    },
    {
      name: "node-files-by-condition",
      comment:
        "A *.node.ts file is imported by others of its kind, by src/index.ts and by src/cli; all else reaches it by a conditional import.",
      severity: "error",
      from: { path: "^src/", pathNot: `${NODE}|^src/index\\.ts$|${TESTS}` },
      to: { path: "\\.node\\.ts$" },
    },
    {
      name: "browser-safe",
      comment: "What the browser's entry reaches must not need Node.",
      severity: "error",
      from: { path: "^src/index\\.browser\\.ts$" },
      to: { path: `^(node:)?(${builtinModules.join("|")})$`, reachable: true },
    },
    {
      name: "resolvable",
      comment: "The import leads nowhere.",
      severity: "error",
      from: {},
      // Programs that tests start load what was built, which need not be there yet; nor need the folder vendor.
      to: { couldNotResolve: true, pathNot: "/dist/|^#onnxruntime-" },
    },
    {
      name: "declared",
      comment:
        "The package uses only what package.json lists as a dependency, or as one that is installed beside it. The studio's page holds all that it uses when it is built.",
      severity: "error",
      from: { path: "^src/", pathNot: `^src/studio/page/|${TESTS}` },
      to: { dependencyTypes: ["npm-no-pkg", "npm-unknown", "npm-dev"], dependencyTypesNot: ["type-only", "npm-peer"] },
    },
    {
      name: "tests-by-the-api",
      comment:
        "test/ imports entries of thaw; a test of internals belongs beside them. Only fixtures and the engines' contract may import more.",
      severity: "error",
      from: { path: "^test/", pathNot: "^test/(fixtures|contract)/" },
      to: { path: "^src/", pathNot: ["^src/index\\.(browser\\.)?ts$", "^src/[^/]+/index\\.ts$"] },
    },
    {
      name: "page-by-the-protocol",
      comment: "The studio's page reaches photographs, labels and training through src/studio/protocol alone; main.tsx takes an engine.",
      severity: "error",
      from: { path: "^src/studio/page/", pathNot: `^src/studio/page/static/|${TESTS}` },
      to: { path: "^src/studio/", pathNot: "^src/studio/(page|protocol|remote)/" },
    },
    {
      name: "page-for-vite",
      comment: "Vite alone builds the studio's page: nothing else imports it.",
      severity: "error",
      from: { path: "^src/", pathNot: `^src/studio/page/|${TESTS}` },
      to: { path: "^src/studio/page/" },
    },
    {
      name: "no-tests-in-sources",
      comment: "Sources must not import tests.",
      severity: "error",
      from: { path: "^src/", pathNot: TESTS },
      to: { path: `^test/|${TESTS}` },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules|^vendor/" },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["thaw-source", "browser", "import", "node", "default", "types"],
      extensions: [".ts", ".tsx", ".js", ".mjs", ".cjs"],
    },
  },
};
